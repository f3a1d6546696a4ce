using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MedicalAi.Archive;

/// <summary>Measures what waits, for the metrics.</summary>
internal sealed class BacklogMonitor(ITaskIndex tasks, IWorkQueue queue, TimeProvider time, ILogger<BacklogMonitor> logger) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(5);

    /// <summary>Measures once.</summary>
    internal async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        // The tasks first: what waits is of most interest while the queue is away.
        IReadOnlyDictionary<InferenceTaskStatus, long> counts = await tasks.CountTasksAsync(cancellationToken);
        foreach (InferenceTaskStatus status in Enum.GetValues<InferenceTaskStatus>())
        {
            ArchiveMetrics.Tasks(status, counts.GetValueOrDefault(status));
        }

        ArchiveMetrics.BacklogAge(await tasks.FindOldestOpenAsync(cancellationToken) is { } oldest ? time.GetUtcNow() - oldest : TimeSpan.Zero);
        foreach (WorkKind kind in Enum.GetValues<WorkKind>())
        {
            ArchiveMetrics.QueueLength(kind, await queue.CountAsync(kind, cancellationToken));
        }
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
#pragma warning disable CA1031 // Measuring must not end the process.
                catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
                {
                    Log.BacklogFailed(logger, e);
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
