using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MedicalAi.Archive;

/// <summary>
/// Publishes what stands in the outbox and removes it. A crash in between publishes twice, which changes nothing, because the
/// task's row decides.
/// </summary>
internal sealed class OutboxDispatcher(ITaskIndex tasks, IWorkQueue queue, ArchiveSignals signals, TimeProvider time, ILogger<OutboxDispatcher> logger) : BackgroundService
{
    private const int PageSize = 256;
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_lost = TimeSpan.FromMinutes(10);

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

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        DateTimeOffset lookedForLost = time.GetUtcNow();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                DateTimeOffset now = time.GetUtcNow();
                if (now - lookedForLost > s_lost)
                {
                    lookedForLost = now;
                    await tasks.RequeueLostAsync(now - s_lost, stoppingToken);
                }

                await RunOnceAsync(stoppingToken);
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
                Log.OutboxFailed(logger, e);
                await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
