using MedicalAi.Dicom;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MedicalAi.Archive;

/// <summary>
/// Makes the tasks of studies that have become stable. What is due stands in the index, so that a restart continues where the
/// last process ended.
/// </summary>
internal sealed class StudyStabilityMonitor(IStudyIndex studies, ITaskIndex tasks, TaskSelector selector, ArchiveSignals signals, TimeProvider time, ILogger<StudyStabilityMonitor> logger) : BackgroundService
{
    private const int PageSize = 64;
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_shortestWait = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks once at the studies that are due.</summary>
    internal async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        int added = 0;
        foreach (DicomUid study in await studies.FindStableStudiesAsync(time.GetUtcNow(), PageSize, cancellationToken))
        {
            if (await studies.ReadSnapshotAsync(study, cancellationToken) is not { } snapshot)
            {
                continue;
            }

            // Null: an instance came in between, and the study is looked at again when it is stable again.
            if (await tasks.AddTasksAsync(study, snapshot.Revision, Select(snapshot), cancellationToken) is { } count)
            {
                Log.StudyStable(logger, study.Value, count);
                added += count;
            }
        }

        return added;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan wait = s_longestWait;
            try
            {
                await RunOnceAsync(stoppingToken);
                if (await studies.FindNextStableTimeAsync(stoppingToken) is { } next && next - time.GetUtcNow() is var left && left < wait)
                {
                    wait = left > s_shortestWait ? left : s_shortestWait;
                }

                await signals.WaitForCommitAsync(wait, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is ArchiveUnavailableException or IOException or Microsoft.Data.Sqlite.SqliteException)
            {
                Log.StabilityFailed(logger, e);
                await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private IReadOnlyList<NewTask> Select(StudySnapshot snapshot)
    {
        try
        {
            return selector(snapshot);
        }
#pragma warning disable CA1031 // One study that a selector cannot cope with must not stop the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.SelectionFailed(logger, snapshot.Study.Value, e);
            return [];
        }
    }
}
