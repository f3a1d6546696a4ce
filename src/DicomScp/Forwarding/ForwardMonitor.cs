using MedicalAi.Archive;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomScp;

/// <summary>Measures the forward queues, and forgets what was sent long ago.</summary>
internal sealed class ForwardMonitor(AeRegistryFile registry, IForwardQueue queue, ForwardStatus status, TimeProvider time, ILogger<ForwardMonitor> logger) : RecurringService(s_period, time)
{
    /// <summary>How long it is known what was sent; within that, a rule that comes upon an instance again does not send it again.</summary>
    internal static readonly TimeSpan Memory = TimeSpan.FromDays(7);

    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_forget = TimeSpan.FromHours(1);
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private DateTimeOffset _forgotAt;

    /// <inheritdoc />
    protected override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = Time.GetUtcNow();
        IReadOnlyDictionary<string, ForwardDepth> depths = await queue.CountItemsAsync(cancellationToken);

        // A queue that was told of and is empty now is told of as empty.
        _told.UnionWith(depths.Keys);
        _told.UnionWith(registry.Current.Entities.Where(entity => entity.IsDestination).Select(entity => entity.AeTitle.Value));
        foreach (string destination in _told)
        {
            ForwardMetrics.Depth(destination, depths.GetValueOrDefault(destination), status.FindProblem(destination) is null, status.FindCommitmentProblem(destination) is null, now);
        }

        if (now - _forgotAt > s_forget)
        {
            await queue.ForgetSentAsync(now - Memory, cancellationToken);
            _forgotAt = now;
        }
    }

    /// <inheritdoc />
    protected override void Failed(Exception exception) => Log.MeasuringFailed(logger, exception);
}
