using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomScp;

/// <summary>
/// Follows the change log and queues what the rules of the registry want to be forwarded. Without rules nothing is followed, so that a
/// first rule holds for what comes from then on.
/// </summary>
internal sealed class ForwardPlanner(AeRegistryFile registry, IForwardQueue queue, IStudyIndex index, ArchiveSignals signals, ForwardStatus status, TimeProvider time, ILogger<ForwardPlanner> logger) : BackgroundService
{
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(2);

    // Several commits are read at once.
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(25);

    // What was read and is of no interest is noted now and then: reading it again yields nothing again.
    private static readonly TimeSpan s_note = TimeSpan.FromSeconds(10);
    private readonly RuleMatcher _matcher = new(index);
    private bool _mayBeFollowed = true; // By the process before this one.
    private long? _noted;
    private long _read;
    private DateTimeOffset _notedAt;

    /// <summary>Reads what is new in the change log, and queues of it what the rules want.</summary>
    /// <returns>Whether there may be more.</returns>
    internal async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        AeRegistry now = registry.Current;
        if (now.Rules.Count == 0)
        {
            if (_mayBeFollowed)
            {
                await queue.UnfollowAsync(cancellationToken);
                (_noted, _mayBeFollowed) = (null, false);
            }

            return false;
        }

        if (_noted is null)
        {
            _read = await queue.FollowAsync(cancellationToken);
            (_noted, _notedAt, _mayBeFollowed) = (_read, time.GetUtcNow(), true);
        }

        IReadOnlyList<ForwardChange> changes = await queue.ReadChangesAsync(_read, RuleMatcher.PageSize, cancellationToken);
        if (changes.Count == 0)
        {
            return false;
        }

        List<NewForwardItem> items = [];
        await PlanArrivedAsync(now, changes, items, cancellationToken);
        foreach (ForwardChange stable in changes.Where(change => change.Instance is null))
        {
            await PlanStableAsync(now, stable, items, cancellationToken);
        }

        _read = changes[^1].Sequence;
        if (items.Count > 0 || time.GetUtcNow() - _notedAt > s_note)
        {
            await NoteAsync(items, cancellationToken);
        }

        return changes.Count == RuleMatcher.PageSize;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                AeRegistry seen = registry.Current;
                while (await RunOnceAsync(stoppingToken))
                {
                    // Until all is read.
                }

                if (registry.Current.Rules.Count == 0)
                {
                    await registry.WaitForChangeAsync(seen, stoppingToken);
                }
                else if (await signals.WaitForChangesAsync(s_poll, stoppingToken))
                {
                    await Task.Delay(s_gather, time, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The planner lives on whatever the index throws.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.PlanningFailed(logger, e);
                _noted = null; // What is noted is read anew.
                await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async ValueTask PlanArrivedAsync(AeRegistry now, IReadOnlyList<ForwardChange> changes, List<NewForwardItem> items, CancellationToken cancellationToken)
    {
        List<ArrivedInstance> arrived = [.. changes.Select(change => change.Instance).OfType<ArrivedInstance>()];
        Dictionary<DicomUid, DicomUid> studies = changes.Where(change => change.Instance is not null).ToDictionary(change => change.Instance!.SopInstance, change => change.Study);
        foreach (ForwardRule rule in now.Rules.Where(rule => rule.When == ForwardWhen.Arrival))
        {
            foreach (ArrivedInstance instance in await _matcher.FindAsync(rule, arrived, cancellationToken))
            {
                Add(rule, studies[instance.SopInstance], instance, items);
            }
        }
    }

    private async ValueTask PlanStableAsync(AeRegistry now, ForwardChange stable, List<NewForwardItem> items, CancellationToken cancellationToken)
    {
        ForwardRule[] rules = [.. now.Rules.Where(rule => rule.When == ForwardWhen.Stable)];
        long after = 0;
        while (rules.Length > 0 && await queue.ListArrivedAsync(stable, after, RuleMatcher.PageSize, cancellationToken) is { Count: > 0 } page)
        {
            foreach (ForwardRule rule in rules)
            {
                foreach (ArrivedInstance instance in await _matcher.FindAsync(rule, page, cancellationToken))
                {
                    Add(rule, stable.Study, instance, items);
                }
            }

            after = page[^1].Sequence;
        }
    }

    private static void Add(ForwardRule rule, DicomUid study, ArrivedInstance instance, List<NewForwardItem> items)
    {
        foreach (AeTitle destination in rule.To)
        {
            if (rule.MayReturn || destination.Value != instance.CallingAe)
            {
                items.Add(new NewForwardItem(destination.Value, rule.Name, study, instance.SopInstance, rule.Priority));
            }
        }
    }

    private async ValueTask NoteAsync(List<NewForwardItem> items, CancellationToken cancellationToken)
    {
        if (await queue.EnqueueAsync(_noted!.Value, _read, items, cancellationToken) is not { } added)
        {
            // Another process followed the log meanwhile: it queued these.
            _noted = null;
            return;
        }

        (_noted, _notedAt) = (_read, time.GetUtcNow());
        foreach (IGrouping<string, NewForwardItem> destination in added.GroupBy(item => item.Destination))
        {
            ForwardMetrics.Queued(destination.Key, destination.Count());
        }

        if (items.Count > 0)
        {
            status.Wake();
        }
    }
}
