using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MedicalAi.Archive;

/// <summary>
/// Takes messages of one kind from the work queue, claims their tasks and carries them out, several at once. A claim is renewed
/// until the work has ended; work whose claim is lost is stopped. A task's failure is its own: it is recorded with its reason and
/// stops no other. On an orderly stop, claims are given back.
/// </summary>
public abstract class TaskWorker : BackgroundService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);

    private readonly IWorkQueue _queue;
    private readonly WorkKind _kind;
    private readonly int _maximumTasks;
    private readonly TimeSpan _lease;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Makes a worker.</summary>
    /// <param name="queue">The work queue.</param>
    /// <param name="tasks">The tasks.</param>
    /// <param name="kind">The phase that it carries out.</param>
    /// <param name="maximumTasks">The most tasks at once.</param>
    /// <param name="lease">How long a task is held without a heartbeat.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Takes what happens.</param>
    protected TaskWorker(IWorkQueue queue, ITaskIndex tasks, WorkKind kind, int maximumTasks, TimeSpan lease, TimeProvider time, ILogger logger)
    {
        _queue = queue;
        Tasks = tasks;
        _kind = kind;
        _maximumTasks = maximumTasks;
        _lease = lease;
        _time = time;
        _logger = logger;
    }

    /// <summary>The tasks.</summary>
    protected ITaskIndex Tasks { get; }

    /// <summary>Carries out the claimed phase and saves its outcome.</summary>
    /// <returns>Whether the outcome was saved; false when the claim was lost to another.</returns>
    /// <exception cref="TaskFailedException">It cannot be done; the reason is recorded.</exception>
    /// <exception cref="OperationCanceledException">The worker stops, the claim was lost, or the time is up.</exception>
    protected abstract Task<bool> RunAsync(TaskClaim claim, CancellationToken cancellationToken);

    /// <summary>The longest time of a task, waiting for others included; <see cref="Timeout.InfiniteTimeSpan"/> where the work bounds itself.</summary>
    protected abstract TimeSpan GetTimeLimit(InferenceTask task);

    /// <summary>Told of each end: <c>completed</c>, <c>failed</c> or <c>lost</c>.</summary>
    protected virtual void OnEnded(TaskClaim claim, string outcome)
    {
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        List<Task> running = [];
        while (!stoppingToken.IsCancellationRequested)
        {
            running.RemoveAll(task => task.IsCompleted);
            try
            {
                if (running.Count >= _maximumTasks)
                {
                    await Task.WhenAny(running).WaitAsync(stoppingToken);
                    continue;
                }

                WorkDelivery delivery = await _queue.ReceiveAsync(_kind, _lease, stoppingToken);
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
                Log.QueueFailed(_logger, _kind, e);
                await Task.Delay(s_pause, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await Task.WhenAll(running);
    }

    private async Task HandleAsync(WorkDelivery delivery, CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            TaskClaimResult claimed = await Tasks.ClaimAsync(delivery.Message.TaskId, _kind, OwnerMark.Lease, _lease, stoppingToken);
            if (claimed.Claim is { } claim)
            {
                await CarryOutAsync(claim, delivery, stoppingToken);
                await _queue.AcknowledgeAsync(delivery, CancellationToken.None);
            }
            else if (claimed.RetryAt is { } retryAt)
            {
                TimeSpan delay = retryAt - _time.GetUtcNow();
                await _queue.RejectAsync(delivery, delay > TimeSpan.Zero ? delay : TimeSpan.Zero, stoppingToken);
            }
            else
            {
                await _queue.AcknowledgeAsync(delivery, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The message comes again when its lease has ended.
        }
#pragma warning disable CA1031 // Index or queue are away: the message comes again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.TaskInterrupted(_logger, delivery.Message.TaskId, e);
            await GiveBackAsync(delivery, stoppingToken);
        }
    }

    /// <summary>Gives a message back that nothing could be done with, which is not its fault; where that fails, it comes again when its lease has ended.</summary>
    private async Task GiveBackAsync(WorkDelivery delivery, CancellationToken stoppingToken)
    {
        try
        {
            await _queue.RejectAsync(delivery, _lease, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // As above.
        }
#pragma warning disable CA1031 // The worker lives on whatever the queue throws.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.QueueFailed(_logger, _kind, e);
        }
    }

    private async Task CarryOutAsync(TaskClaim claim, WorkDelivery delivery, CancellationToken stoppingToken)
    {
        long begin = _time.GetTimestamp();
        TimeSpan limit = GetTimeLimit(claim.Task);
        using CancellationTokenSource lost = new();
        using CancellationTokenSource ended = new();
        using CancellationTokenSource deadline = new(limit, _time);
        using CancellationTokenSource any = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lost.Token, deadline.Token);
        Task heartbeat = BeatAsync(claim, delivery, lost, ended.Token);
        try
        {
            Log.TaskStarted(_logger, claim.Task.Id, _kind, claim.Task.Model, claim.Task.Attempts);
            bool saved = await RunAsync(claim, any.Token);
            Log.TaskEnded(_logger, claim.Task.Id, _kind, claim.Task.Model, (long)_time.GetElapsedTime(begin).TotalMilliseconds, saved);
            OnEnded(claim, saved ? "completed" : "lost");
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            using CancellationTokenSource farewell = new(s_farewell, _time);
            await Tasks.ReleaseAsync(claim, farewell.Token);
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            Log.ClaimLost(_logger, claim.Task.Id);
            OnEnded(claim, "lost");
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            await FailAsync(claim, new TaskFailedException(string.Create(CultureInfo.InvariantCulture, $"It took longer than {limit.TotalSeconds} s."), isTransient: true));
        }
        catch (TaskFailedException e)
        {
            await FailAsync(claim, e);
        }
        catch (Exception e) when (e is ArchiveUnavailableException or IOException)
        {
            await FailAsync(claim, new TaskFailedException("The archive is not available.", isTransient: true, e));
        }
#pragma warning disable CA1031 // One study that cannot be coped with must not stop the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            await FailAsync(claim, new TaskFailedException($"An unexpected error: {e.GetType().Name}.", isTransient: true, e));
        }
        finally
        {
            await ended.CancelAsync();
            await heartbeat;
        }
    }

    private async Task FailAsync(TaskClaim claim, TaskFailedException e)
    {
        Log.TaskFailed(_logger, claim.Task.Id, _kind, claim.Task.Model, e.Message, e);
        OnEnded(claim, "failed");
        await Tasks.FailAsync(claim, e.Message, e.IsTransient, CancellationToken.None);
    }

    /// <summary>Renews the claim and the message's lease until the work has ended; when the claim is lost, says so.</summary>
    private async Task BeatAsync(TaskClaim claim, WorkDelivery delivery, CancellationTokenSource lost, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(_lease / 3, _time, ended);
                if (!await Tasks.HeartbeatAsync(claim, _lease, ended))
                {
                    await lost.CancelAsync();
                    return;
                }

                await _queue.RenewAsync(delivery, _lease, ended);
            }
            catch (OperationCanceledException)
            {
                return;
            }
#pragma warning disable CA1031 // The index is away: if that lasts, saving is refused by the fence.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.HeartbeatFailed(_logger, claim.Task.Id, e);
            }
        }
    }
}
