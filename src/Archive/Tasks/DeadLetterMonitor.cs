using Microsoft.Extensions.Logging;

namespace MedicalAi.Archive;

/// <summary>
/// Fails the tasks whose messages were delivered too often, with the reason, so that people see them and can queue them again; the
/// message has done its duty then. A task that somebody holds, or that waits for its next attempt, goes its own way.
/// </summary>
internal sealed class DeadLetterMonitor(IWorkQueue queue, ITaskIndex tasks, TimeProvider time, ILogger<DeadLetterMonitor> logger) : RecurringService(s_period, time)
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(1);

    /// <summary>Looks once.</summary>
    /// <returns>The number of tasks that have failed.</returns>
    internal async Task<int> FailDeadAsync(CancellationToken cancellationToken)
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
    protected internal override Task RunOnceAsync(CancellationToken cancellationToken) => FailDeadAsync(cancellationToken);

    /// <inheritdoc />
    protected override void Failed(Exception exception) => Log.DeadLettersFailed(logger, exception);
}
