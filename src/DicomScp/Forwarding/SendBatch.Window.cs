using MedicalAi.Archive;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

// How instances go over the association: as many at once as its asynchronous operations window allows (PS3.7 D.3.3.3).
internal sealed partial class SendBatch
{
    private readonly Lock _lock = new();

    // Under the lock: what was under way when the association was lost, with its place in the order in which they were begun.
    private readonly List<(int Place, ForwardClaim Claim, string Reason)> _lost = [];
    private bool _hasAnswered;
    private bool _isOver;
    private bool _isBrokenByUs;
    private string? _busy;

    private bool IsOver
    {
        get
        {
            lock (_lock)
            {
                return _isOver;
            }
        }
    }

    private async Task SendAsync(List<(ForwardClaim Claim, InstanceRow Row)> work, DateTimeOffset until, CancellationToken stop, CancellationToken abandon)
    {
        using SemaphoreSlim room = new(association.Window);
        List<Task> begun = [];
        try
        {
            foreach ((ForwardClaim claim, InstanceRow row) in work)
            {
                await room.WaitAsync(CancellationToken.None); // What is under way ends in bounds.
                if (IsOver || stop.IsCancellationRequested || Now > until)
                {
                    return;
                }

                if (!association.IsOpen)
                {
                    if (begun.Count == 0 && !association.IsStale)
                    {
                        Missed("It ended the association before anything was sent.");
                    }

                    return;
                }

                if (!association.Covers(row))
                {
                    room.Release();
                    continue; // There was no room for its presentation contexts; it comes with the next ones.
                }

                if (state.Throttle.Take(row.DataSet.Length, destination.Sending, Now) is var wait && wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, services.Time, stop);
                    if (IsOver)
                    {
                        return;
                    }
                }

                begun.Add(CarryOutAsync(begun.Count, claim, row, room, abandon));
            }
        }
        finally
        {
            try
            {
                await Task.WhenAll(begun);
            }
            finally
            {
                End(abandon);
            }
        }
    }

    private async Task CarryOutAsync(int place, ForwardClaim claim, InstanceRow row, SemaphoreSlim room, CancellationToken abandon)
    {
        try
        {
            SendOutcome outcome = await StoreAsync(claim, row, abandon);
            lock (_lock)
            {
                Take(place, claim, row, outcome);
            }
        }
        catch
        {
            lock (_lock)
            {
                _isOver = true;
            }

            throw;
        }
        finally
        {
            room.Release();
        }
    }

    private void Take(int place, ForwardClaim claim, InstanceRow row, SendOutcome outcome)
    {
        if (outcome.Result == SendResult.Lost)
        {
            // Which of those under way is to blame is seen when all of them have ended.
            _lost.Add((place, claim, outcome.Reason!));
            _isOver = true;
            return;
        }

        Settle(claim, outcome);
        switch (outcome.Result)
        {
            case SendResult.NotTried:
                _isOver = true;
                return;
            case SendResult.Busy:
                _busy ??= outcome.Reason;
                _isOver = true;
                return;
            case SendResult.Sent:
                ForwardMetrics.Sent(title, row.DataSet.Length);
                break;
        }

        _hasAnswered = true;
        Reached();
    }

    // The oldest is the one that the peer was at; the others come again as if they had not been tried.
    private void End(CancellationToken abandon)
    {
        _lost.Sort((one, other) => one.Place.CompareTo(other.Place));
        for (int i = 0; i < _lost.Count; i++)
        {
            bool isToBlame = i == 0 && !_isBrokenByUs && !abandon.IsCancellationRequested;
            Settle(_lost[i].Claim, isToBlame ? new SendOutcome(SendResult.Lost, _lost[i].Reason) : new SendOutcome(SendResult.NotTried));
        }

        if ((_busy ?? (_lost.Count > 0 && !_hasAnswered && !_isBrokenByUs ? _lost[0].Reason : null)) is { } missed)
        {
            Missed(missed);
        }
    }

    private async ValueTask<SendOutcome> StoreAsync(ForwardClaim claim, InstanceRow row, CancellationToken abandon)
    {
        bool isStale = association.IsStale;
        try
        {
            await using Stream dataSet = await services.Archive.OpenDataSetAsync(row, abandon);
            return SendOutcome.Of(await association.StoreAsync(row, dataSet, claim.Priority, abandon));
        }
        catch (DicomNetworkException e) when (e.Failure == NetworkFailure.NotNegotiated)
        {
            return new SendOutcome(SendResult.Refused, e.Message);
        }
        catch (DicomNetworkException e) when (isStale && e.Failure is NetworkFailure.ConnectionLost or NetworkFailure.Aborted)
        {
            // It had ended while nothing was to be sent; that is no fault of the instance.
            return new SendOutcome(SendResult.NotTried);
        }
        catch (DicomNetworkException e)
        {
            return new SendOutcome(SendResult.Lost, e.Message);
        }
        catch (InvalidDataException e)
        {
            BreakIfEnded();
            return new SendOutcome(SendResult.Refused, $"It cannot be written in a transfer syntax that the destination takes: {e.Message}");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new SendOutcome(SendResult.Refused, "Its object is not in the store.");
        }
        catch (IOException)
        {
            BreakIfEnded();
            return new SendOutcome(SendResult.Failed, "Its object cannot be read from the store.");
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            return new SendOutcome(SendResult.NotTried);
        }
    }

    // What cannot be read to its end costs the association, and that is no fault of the others.
    private void BreakIfEnded()
    {
        if (!association.IsOpen)
        {
            lock (_lock)
            {
                _isBrokenByUs = true;
            }
        }
    }
}
