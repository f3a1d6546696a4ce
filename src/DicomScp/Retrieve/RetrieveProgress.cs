using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>
/// Tells the requestor how far its C-MOVE or C-GET is, by pending responses: at the begin, then once a second while something ends, and
/// every ten seconds while nothing does, so that it knows that we are at it.
/// </summary>
internal sealed class RetrieveProgress : IAsyncDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private const int QuietIntervals = 10;

    private readonly DimseRequest _request;
    private readonly SubOperationLedger _ledger;
    private readonly CancellationTokenSource _ended;
    private readonly Task _telling;

    /// <summary>Begins to tell.</summary>
    public RetrieveProgress(DimseRequest request, SubOperationLedger ledger, TimeProvider time, CancellationToken cancellationToken)
    {
        _request = request;
        _ledger = ledger;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _telling = TellAsync(time, _ended.Token);
    }

    /// <summary>Ends it; after that no pending response is sent.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();

        // Whatever went wrong, the final response meets it too.
        await _telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }

    private async Task TellAsync(TimeProvider time, CancellationToken ended)
    {
        using PeriodicTimer timer = new(s_interval, time);
        long told = -1;
        int quiet = 0;
        do
        {
            long now = _ledger.Ended;
            if (now == told && ++quiet < QuietIntervals)
            {
                continue;
            }

            // A response that has begun to be sent is sent to its end.
            await _request.SendPendingAsync(new DimseResponse(DimseStatus.Pending) { SubOperations = _ledger.Count(withRemaining: true) }, CancellationToken.None);
            (told, quiet) = (now, 0);
        }
        while (await timer.WaitForNextTickAsync(ended));
    }
}
