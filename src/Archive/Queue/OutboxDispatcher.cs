using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MedicalAi.Archive;

/// <summary>
/// Publishes what stands in the outbox and removes it when the queue has it for sure. A crash in between publishes twice, which
/// changes nothing, because the task's row decides. Tasks whose messages a queue has lost are put into the outbox again.
/// </summary>
internal sealed class OutboxDispatcher(ITaskIndex tasks, IWorkQueue queue, ArchiveSignals signals, TimeProvider time, ILogger<OutboxDispatcher> logger) : BackgroundService
{
    private const int PageSize = 256;
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_lost = TimeSpan.FromMinutes(2);

    /// <summary>Publishes all that stands in the outbox.</summary>
    internal async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        int published = 0;
        while (await tasks.ReadOutboxAsync(PageSize, cancellationToken) is { Count: > 0 } messages)
        {
            await queue.PublishAsync([.. messages.Select(message => message.Message)], cancellationToken);
            await tasks.RemoveFromOutboxAsync(messages, cancellationToken);
            published += messages.Count;
        }

        return published;
    }

    /// <summary>
    /// Puts tasks that nobody holds and that have not moved for long into the outbox again, if the queue has fewer messages than there
    /// are tasks: in a long queue tasks wait long without being lost.
    /// </summary>
    internal async Task<int> RequeueLostAsync(CancellationToken cancellationToken)
    {
        long messages = 0;
        foreach (WorkKind kind in Enum.GetValues<WorkKind>())
        {
            WorkQueueDepth depth = await queue.CountAsync(kind, cancellationToken);
            messages += depth.Waiting + depth.Leased;
        }

        IReadOnlyDictionary<InferenceTaskStatus, long> counts = await tasks.CountTasksAsync(cancellationToken);
        long open = counts.GetValueOrDefault(InferenceTaskStatus.Queued) + counts.GetValueOrDefault(InferenceTaskStatus.Running);
        if (messages >= open)
        {
            return 0;
        }

        int requeued = await tasks.RequeueLostAsync(time.GetUtcNow() - s_lost, cancellationToken);
        if (requeued > 0)
        {
            Log.LostRequeued(logger, requeued);
        }

        return requeued;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        DateTimeOffset lookedForLost = time.GetUtcNow();
        bool isFailing = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                DateTimeOffset now = time.GetUtcNow();
                if (now - lookedForLost > s_lost)
                {
                    lookedForLost = now;
                    await RequeueLostAsync(stoppingToken);
                }

                await RunOnceAsync(stoppingToken);
                isFailing = false;
                await signals.WaitForOutboxAsync(s_poll, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The dispatcher lives on whatever index and queue throw.
            catch (Exception e)
#pragma warning restore CA1031
            {
                if (!isFailing)
                {
                    // Once for as long as it lasts: it is tried every second.
                    isFailing = true;
                    Log.OutboxFailed(logger, e);
                }

                await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
