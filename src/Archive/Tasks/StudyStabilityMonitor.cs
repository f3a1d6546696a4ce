using MedicalAi.Dicom;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MedicalAi.Archive;

/// <summary>
/// Makes the tasks of studies that have become stable. What is due stands in the index, so that a restart continues where the
/// last process ended.
/// </summary>
internal sealed class StudyStabilityMonitor(
    IStudyIndex studies,
    ITaskIndex tasks,
    IProcedureIndex procedures,
    StudyOrderSource orders,
    TaskSelector selector,
    ArchiveSignals signals,
    TimeProvider time,
    ILogger<StudyStabilityMonitor> logger) : BackgroundService
{
    private const int PageSize = 64;

    // One whose order takes long to learn does not keep the next ones waiting.
    private const int MaximumStudies = 4;
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_shortestWait = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks once at the studies that are due.</summary>
    internal async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        int added = 0;
        await Parallel.ForEachAsync(
            await studies.FindStableStudiesAsync(time.GetUtcNow(), PageSize, cancellationToken),
            new ParallelOptions { MaxDegreeOfParallelism = MaximumStudies, CancellationToken = cancellationToken },
            async (study, token) => Interlocked.Add(ref added, await LookAtAsync(study, token)));
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
                TimeSpan left = await studies.FindNextStableTimeAsync(stoppingToken) is { } next && next - time.GetUtcNow() < s_longestWait ? next - time.GetUtcNow() : s_longestWait;

                // What is committed meanwhile may make a study stable at once, but commits come often.
                await Task.Delay(s_shortestWait, time, stoppingToken);
                if (left > s_shortestWait)
                {
                    await signals.WaitForCommitAsync(left - s_shortestWait, stoppingToken);
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
                chosen = selector(await WithOrderAsync(snapshot, row, cancellationToken));
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

    private async ValueTask<StudySnapshot> WithOrderAsync(StudySnapshot snapshot, StudyRow row, CancellationToken cancellationToken)
    {
        try
        {
            if (await orders(row, cancellationToken) is not { } order)
            {
                return snapshot;
            }

            await procedures.SaveOrderAsync(snapshot.Study, order, cancellationToken);
            return snapshot with { Order = order };
        }
#pragma warning disable CA1031 // What was ordered is good to know; a study is worth looking at without it.
        catch (Exception e) when (!IsPassing(e))
#pragma warning restore CA1031
        {
            Log.OrderFailed(logger, snapshot.Study.Value, e);
            return snapshot;
        }
    }

    /// <summary>Whether the fault is not the study's, so that it is worth another look.</summary>
    private static bool IsPassing(Exception e) => e is OperationCanceledException or ArchiveUnavailableException or IOException;
}
