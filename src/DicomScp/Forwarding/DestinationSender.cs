using MedicalAi.Archive;
using MedicalAi.Dicom.Network;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomScp;

/// <summary>What the senders need.</summary>
internal sealed record SenderServices(AeRegistryFile Registry, IForwardQueue Queue, ArchiveReader Archive, ForwardStatus Status, ForwardCommitments Commitments, AeTitle Calling, TimeProvider Time, ILogger Logger)
{
    /// <summary>How long claims are held without a heartbeat.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>On stop: how long the instance that is being sent may take.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>One of the senders of a destination: takes from its queue and sends over one association.</summary>
/// <param name="title">The AE title of the destination.</param>
/// <param name="number">Which of its senders, from 0.</param>
/// <param name="services">What it needs.</param>
#pragma warning disable CA1001 // RunAsync, which runs once, disposes of the association.
internal sealed class DestinationSender(string title, int number, SenderServices services)
#pragma warning restore CA1001
{
    private const int BatchSize = 256;

    // What is urgent does not wait longer than this for the rest of a batch.
    private static readonly TimeSpan s_batchTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_shortestWait = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);
    private readonly DestinationState _state = services.Status.Of(title);
    private readonly SendAssociation _association = new(services.Calling);
    private DateTimeOffset _idleSince;

    /// <summary>Sends until it is told to stop; then ends what is under way, in bounds, and gives the rest back.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using CancellationTokenSource abandon = new();
        await using CancellationTokenRegistration stopping = stop.UnsafeRegister(_ => abandon.CancelAfter(services.DrainTimeout), null);
        await using SendAssociation association = _association;
        while (!stop.IsCancellationRequested)
        {
            Task woken = services.Status.Woken;
            TimeSpan wait;
            try
            {
                wait = await RunOnceAsync(stop, abandon.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // The sender lives on whatever the index and the network throw.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.SendingFailed(services.Logger, title, e);
                wait = TimeSpan.FromSeconds(1);
            }

            if (wait > TimeSpan.Zero)
            {
                await Task.WhenAny(woken, Task.Delay(wait, services.Time, stop));
            }
        }

        using CancellationTokenSource farewell = new(s_farewell, services.Time);
        await association.ReleaseAsync(farewell.Token);
    }

    /// <summary>Sends a batch, if there is something to send.</summary>
    /// <returns>How long to wait then.</returns>
    private async Task<TimeSpan> RunOnceAsync(CancellationToken stop, CancellationToken abandon)
    {
        AeRegistry registry = services.Registry.Current;
        DateTimeOffset now = services.Time.GetUtcNow();
        DateTimeOffset local = services.Time.GetLocalNow();
        if (registry.FindDestination(title) is not { } destination)
        {
            return s_longestWait;
        }

        if (destination.Sending.Window?.IsOpen(local) == false)
        {
            await _association.ReleaseAsync(abandon);
            return s_longestWait;
        }

        if (_state.WaitOf(number, now) is { } backOff)
        {
            return Shorter(backOff, s_longestWait);
        }

        ForwardRequest request = new(title, LimitOf(destination.Sending), services.Lease)
        {
            ClosedRules = [.. registry.Rules.Where(rule => rule.Window?.IsOpen(local) == false).Select(rule => rule.Name)],
        };
        ForwardClaims claims = await services.Queue.ClaimAsync(request, stop);
        if (claims.Claims.Count == 0)
        {
            return await IdleAsync(destination, claims.NextAt, now, abandon);
        }

        await new SendBatch(title, destination, claims.Claims, _association, _state, services).RunAsync(s_batchTime, stop, abandon);
        _idleSince = services.Time.GetUtcNow();
        return TimeSpan.Zero;
    }

    // A slow destination gets no more than it takes in the time of a batch.
    private static int LimitOf(SendingOptions options) =>
        options.InstancesPerSecond is { } limit ? (int)Math.Clamp(limit * s_batchTime.TotalSeconds, 1, BatchSize) : BatchSize;

    private async ValueTask<TimeSpan> IdleAsync(ApplicationEntity destination, DateTimeOffset? nextAt, DateTimeOffset now, CancellationToken abandon)
    {
        TimeSpan wait = Shorter(nextAt - now ?? s_longestWait, s_longestWait);
        if (_association.IsOpen)
        {
            TimeSpan left = _idleSince + destination.Sending.IdleTime - now;
            if (left <= TimeSpan.Zero)
            {
                await _association.ReleaseAsync(abandon);
            }
            else
            {
                _association.IsStale = true;
                wait = Shorter(wait, left);
            }
        }

        return wait > s_shortestWait ? wait : s_shortestWait;
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
