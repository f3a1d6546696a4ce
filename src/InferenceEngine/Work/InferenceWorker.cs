using System.Globalization;
using MedicalAi.Archive;
using MedicalAi.Findings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MedicalAi.InferenceEngine;

/// <summary>
/// Takes inference tasks from the work queue and carries them out, several at once so that images of several make up a batch.
/// A task's failure is its own: it is recorded with its reason and stops no other.
/// </summary>
internal sealed class InferenceWorker(
    IWorkQueue queue,
    ITaskIndex tasks,
    TaskExecution execution,
    ModelRepository repository,
    InferenceOptions options,
    TimeProvider time,
    ILogger<InferenceWorker> logger) : BackgroundService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);
    private readonly string _owner = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}");

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (ModelProblem problem in repository.Problems)
        {
            Log.ModelProblem(logger, problem.ToString());
        }

        Log.Started(logger, repository.Models.Count, options.MaximumTasks);
        List<Task> running = [];
        while (!stoppingToken.IsCancellationRequested)
        {
            running.RemoveAll(task => task.IsCompleted);
            try
            {
                if (running.Count >= options.MaximumTasks)
                {
                    await Task.WhenAny(running).WaitAsync(stoppingToken);
                    continue;
                }

                WorkDelivery delivery = await queue.ReceiveAsync(WorkKind.Infer, options.Lease, stoppingToken);
                running.Add(HandleAsync(delivery, stoppingToken));
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // The worker lives on whatever the queue throws.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.QueueFailed(logger, e);
                await Task.Delay(s_pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await Task.WhenAll(running);
    }

    private async Task HandleAsync(WorkDelivery delivery, CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            TaskClaimResult claimed = await tasks.ClaimAsync(delivery.Message.TaskId, WorkKind.Infer, _owner, options.Lease, stoppingToken);
            if (claimed.Claim is { } claim)
            {
                await RunAsync(claim, stoppingToken);
                await queue.AcknowledgeAsync(delivery, CancellationToken.None);
            }
            else if (claimed.RetryAt is { } retryAt)
            {
                TimeSpan delay = retryAt - time.GetUtcNow();
                await queue.RejectAsync(delivery, delay > TimeSpan.Zero ? delay : TimeSpan.Zero, stoppingToken);
            }
            else
            {
                await queue.AcknowledgeAsync(delivery, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The message comes again when its lease has ended.
        }
#pragma warning disable CA1031 // Index or queue are away: the message comes again when its lease has ended.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.TaskInterrupted(logger, delivery.Message.TaskId, e);
        }
    }

    private async Task RunAsync(TaskClaim claim, CancellationToken stoppingToken)
    {
        long begin = time.GetTimestamp();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        using CancellationTokenSource ended = new();
        Task<bool> heartbeat = BeatAsync(claim, stop, ended.Token);
        TimeSpan limit = TimeSpan.FromSeconds(repository.Find(claim.Task.Model, claim.Task.ModelVersion)?.Manifest.TimeoutSeconds ?? 60);
        using CancellationTokenSource deadline = new(limit, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, deadline.Token);
        try
        {
            Log.TaskStarted(logger, claim.Task.Id, claim.Task.Model, claim.Task.Attempts);
            StudyFindings findings = await execution.RunAsync(claim.Task, either.Token);
            bool saved = await tasks.SaveFindingsAsync(claim, findings.Serialize(), CancellationToken.None);
            Log.TaskFinished(logger, claim.Task.Id, claim.Task.Model, (long)time.GetElapsedTime(begin).TotalMilliseconds, saved);
            InferenceMetrics.Finished(claim.Task.Model, saved ? "completed" : "lost");
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            using CancellationTokenSource farewell = new(s_farewell, time);
            await tasks.ReleaseAsync(claim, farewell.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Log.ClaimLost(logger, claim.Task.Id);
            InferenceMetrics.Finished(claim.Task.Model, "lost");
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            await FailAsync(claim, new InferenceException(string.Create(CultureInfo.InvariantCulture, $"It took longer than {limit.TotalSeconds} s."), isTransient: true));
        }
        catch (InferenceException e)
        {
            await FailAsync(claim, e);
        }
        catch (Exception e) when (e is ArchiveUnavailableException or IOException)
        {
            await FailAsync(claim, new InferenceException("The archive could not be read.", isTransient: true, e));
        }
#pragma warning disable CA1031 // One study that cannot be coped with must not stop the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            await FailAsync(claim, new InferenceException($"An unexpected error: {e.GetType().Name}.", isTransient: true, e));
        }
        finally
        {
            await ended.CancelAsync();
            await heartbeat;
        }
    }

    private async Task FailAsync(TaskClaim claim, InferenceException e)
    {
        Log.TaskFailed(logger, claim.Task.Id, claim.Task.Model, e.Message, e);
        InferenceMetrics.Finished(claim.Task.Model, "failed");
        await tasks.FailAsync(claim, e.Message, e.IsTransient, CancellationToken.None);
    }

    /// <summary>Renews the claim until the task has ended; when the claim is lost, the work is stopped.</summary>
    private async Task<bool> BeatAsync(TaskClaim claim, CancellationTokenSource stop, CancellationToken ended)
    {
        TimeSpan interval = options.Lease / 3;
        try
        {
            while (true)
            {
                await Task.Delay(interval, time, ended);
                if (!await tasks.HeartbeatAsync(claim, options.Lease, ended))
                {
                    await stop.CancelAsync();
                    return false;
                }
            }
        }
        catch (OperationCanceledException)
        {
            return true;
        }
#pragma warning disable CA1031 // The index is away: if that lasts, saving is refused by the fence.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.HeartbeatFailed(logger, claim.Task.Id, e);
            return true;
        }
    }
}
