using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MedicalAi.Archive;

/// <summary>
/// Fails the tasks whose messages were delivered too often, with the reason, so that people see them and can queue them again; the
/// message has done its duty then. A task that somebody holds, or that waits for its next attempt, goes its own way.
/// </summary>
internal sealed class DeadLetterMonitor(IWorkQueue queue, ITaskIndex tasks, TimeProvider time, ILogger<DeadLetterMonitor> logger) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(1);

    /// <summary>Looks once.</summary>
    /// <returns>The number of tasks that have failed.</returns>
    internal async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        int failed = 0;
        foreach (WorkKind kind in Enum.GetValues<WorkKind>())
        {
            while (await queue.TryReceiveDeadAsync(kind, s_lease, cancellationToken) is { } dead)
            {
                TaskClaimResult claimed = await tasks.ClaimAsync(dead.Message.TaskId, kind, OwnerMark.Lease, s_lease, cancellationToken);
                if (claimed.Claim is { } claim && await tasks.FailAsync(claim, $"Its message was delivered {dead.Deliveries} times, and nobody that took it gave an answer.", isTransient: false, cancellationToken))
                {
                    Log.DeadLetter(logger, dead.Message.TaskId, kind, dead.Deliveries);
                    failed++;
                }

                await queue.AcknowledgeAsync(dead, cancellationToken);
            }
        }

        return failed;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(s_period, time);
        try
        {
            do
            {
                try
                {
                    await RunOnceAsync(stoppingToken);
                }
#pragma warning disable CA1031 // It lives on whatever index and queue throw.
                catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
                {
                    Log.DeadLettersFailed(logger, e);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The orderly end.
        }
    }
}
