using Microsoft.Extensions.Logging;

namespace MedicalAi.Archive;

/// <summary>Measures what waits, for the metrics.</summary>
internal sealed class BacklogMonitor(ITaskIndex tasks, IWorkQueue queue, TimeProvider time, ILogger<BacklogMonitor> logger) : RecurringService(s_period, time)
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    protected internal override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        // The tasks first: what waits is of most interest while the queue is away.
        IReadOnlyDictionary<InferenceTaskStatus, long> counts = await tasks.CountTasksAsync(cancellationToken);
        foreach (InferenceTaskStatus status in Enum.GetValues<InferenceTaskStatus>())
        {
            ArchiveMetrics.Tasks(status, counts.GetValueOrDefault(status));
        }

        ArchiveMetrics.BacklogAge(await tasks.FindOldestOpenAsync(cancellationToken) is { } oldest ? Time.GetUtcNow() - oldest : TimeSpan.Zero);
        foreach (WorkKind kind in Enum.GetValues<WorkKind>())
        {
            ArchiveMetrics.QueueLength(kind, await queue.CountAsync(kind, cancellationToken));
        }
    }

    /// <inheritdoc />
    protected override void Failed(Exception exception) => Log.BacklogFailed(logger, exception);
}
