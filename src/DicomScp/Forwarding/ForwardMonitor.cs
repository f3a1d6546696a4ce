using MedicalAi.Archive;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomScp;

/// <summary>Measures the forward queues, and forgets what was sent long ago.</summary>
internal sealed class ForwardMonitor(AeRegistryFile registry, IForwardQueue queue, ForwardStatus status, TimeProvider time, ILogger<ForwardMonitor> logger) : BackgroundService
{
    /// <summary>How long it is known what was sent; within that, a rule that comes upon an instance again does not send it again.</summary>
    internal static readonly TimeSpan Memory = TimeSpan.FromDays(7);

    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_forget = TimeSpan.FromHours(1);
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private DateTimeOffset _forgotAt;

    /// <summary>Measures once.</summary>
    internal async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        IReadOnlyDictionary<string, ForwardDepth> depths = await queue.CountItemsAsync(cancellationToken);

        // A queue that was told of and is empty now is told of as empty.
        _told.UnionWith(depths.Keys);
        _told.UnionWith(registry.Current.Entities.Where(entity => entity.IsDestination).Select(entity => entity.AeTitle.Value));
        foreach (string destination in _told)
        {
            ForwardMetrics.Depth(destination, depths.GetValueOrDefault(destination), status.FindProblem(destination) is null, now);
        }

        if (now - _forgotAt > s_forget)
        {
            await queue.ForgetSentAsync(now - Memory, cancellationToken);
            _forgotAt = now;
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
                    Log.MeasuringFailed(logger, e);
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
