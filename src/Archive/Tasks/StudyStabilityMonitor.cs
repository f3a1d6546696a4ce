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
            added += await LookAtAsync(study, cancellationToken);
        }

        return added;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(stoppingToken);
                if (await studies.FindNextStableTimeAsync(stoppingToken) is { } next)
                {
                    // What is committed meanwhile becomes stable later than this, so that there is no need to look at each commit.
                    TimeSpan left = next - time.GetUtcNow();
                    await Task.Delay(left < s_shortestWait ? s_shortestWait : left < s_longestWait ? left : s_longestWait, time, stoppingToken);
                }
                else
                {
                    await signals.WaitForCommitAsync(s_longestWait, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The monitor lives on whatever the index throws.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.StabilityFailed(logger, e);
                await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Makes the tasks of one study; one that cannot be coped with gets none and does not stop the others.</summary>
    private async Task<int> LookAtAsync(DicomUid study, CancellationToken cancellationToken)
    {
        if (await studies.FindStudyAsync(study, cancellationToken) is not { } row)
        {
            return 0;
        }

        long revision = row.Revision;
        IReadOnlyList<NewTask> chosen = [];
        try
        {
            if (await studies.ReadSnapshotAsync(study, cancellationToken) is { } snapshot)
            {
                revision = snapshot.Revision;
                chosen = selector(snapshot);
            }
        }
#pragma warning disable CA1031 // Whatever is wrong with the study or the selector.
        catch (Exception e) when (!IsPassing(e))
#pragma warning restore CA1031
        {
            Log.SelectionFailed(logger, study.Value, e);
        }

        // Null: an instance came in between, and the study is looked at again when it is stable again.
        if (await tasks.AddTasksAsync(study, revision, chosen, cancellationToken) is not { } count)
        {
            return 0;
        }

        signals.StudyStable();
        Log.StudyStable(logger, study.Value, count);
        return count;
    }

    /// <summary>Whether the fault is not the study's, so that it is worth another look.</summary>
    private static bool IsPassing(Exception e) => e is OperationCanceledException or ArchiveUnavailableException or IOException or Microsoft.Data.Sqlite.SqliteException;
}
