using System.Globalization;
using MedicalAi.Archive;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>Sends some claims over one association and settles each of them, whatever happens.</summary>
internal sealed class SendBatch
{
    // So many answers are noted together: a barrier of the database costs more than a small instance.
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);
    private readonly string _title;
    private readonly ApplicationEntity _destination;
    private readonly SendAssociation _association;
    private readonly DestinationState _state;
    private readonly SenderServices _services;
    private readonly List<ForwardSettlement> _settled = [];
    private readonly List<ForwardClaim> _open;
    private readonly Lock _lock = new();
    private string? _unreachable;

    /// <summary>A batch.</summary>
    public SendBatch(string title, ApplicationEntity destination, IReadOnlyList<ForwardClaim> claims, SendAssociation association, DestinationState state, SenderServices services)
    {
        _title = title;
        _destination = destination;
        _open = [.. claims];
        _association = association;
        _state = state;
        _services = services;
    }

    private DateTimeOffset Now => _services.Time.GetUtcNow();

    /// <summary>Sends.</summary>
    /// <param name="time">After this time what is left is given back.</param>
    /// <param name="stop">No other instance is begun.</param>
    /// <param name="abandon">The instance that is being sent is given up.</param>
    public async Task RunAsync(TimeSpan time, CancellationToken stop, CancellationToken abandon)
    {
        using CancellationTokenSource ended = new();
        Task heartbeat = BeatAsync(ended.Token);
        try
        {
            await SendAsync(Now + time, stop, abandon);
        }
        finally
        {
            await ended.CancelAsync();
            await heartbeat;
            _settled.AddRange(_open.Select(ForwardSettlement.Released));
            using CancellationTokenSource farewell = new(s_farewell, _services.Time);
            await SettleAsync(farewell.Token);
        }

        if (_unreachable is not null)
        {
            int expired = await _services.Queue.ExpireAsync(_title, Now - _destination.Sending.GiveUpAfter, $"The destination could not be reached for too long: {_unreachable}", stop);
            ForwardMetrics.Dead(_title, expired);
        }
    }

    private async Task SendAsync(DateTimeOffset until, CancellationToken stop, CancellationToken abandon)
    {
        List<(ForwardClaim Claim, InstanceRow Row)> work = await LookUpAsync(abandon);
        if (work.Count == 0 || !await OpenAsync(work, stop))
        {
            return;
        }

        bool hasAnswered = false;
        DateTimeOffset settleAt = Now + s_settle;
        foreach ((ForwardClaim claim, InstanceRow row) in work)
        {
            if (stop.IsCancellationRequested || Now > until || !_association.IsOpen)
            {
                return;
            }

            if (!_association.Covers(row))
            {
                continue; // There was no room for its presentation contexts; it comes with the next ones.
            }

            if (_state.Throttle.Take(row.DataSet.Length, _destination.Sending, Now) is var wait && wait > TimeSpan.Zero)
            {
                await SettleAsync(abandon);
                await Task.Delay(wait, _services.Time, stop);
            }

            SendOutcome outcome = await SendAsync(claim, row, abandon);
            Settle(claim, outcome);
            if (outcome.Result == SendResult.Sent)
            {
                ForwardMetrics.Sent(_title, row.DataSet.Length);
            }

            if (outcome.Result is not (SendResult.Sent or SendResult.Refused or SendResult.Failed))
            {
                if (outcome.Result == SendResult.Busy || (outcome.Result == SendResult.Lost && !hasAnswered))
                {
                    Missed(outcome.Reason!);
                }

                return;
            }

            hasAnswered = true;
            Reached();
            if (Now > settleAt)
            {
                await SettleAsync(abandon);
                settleAt = Now + s_settle;
            }
        }
    }

    private async ValueTask<List<(ForwardClaim Claim, InstanceRow Row)>> LookUpAsync(CancellationToken cancellationToken)
    {
        List<(ForwardClaim, InstanceRow)> work = [];
        foreach (ForwardClaim claim in _open.ToArray())
        {
            if (claim.Attempts >= _destination.Sending.MaximumAttempts)
            {
                Settle(claim, new SendOutcome(SendResult.Refused, "Every attempt ended without an answer."));
            }
            else if (await _services.Archive.FindInstanceAsync(null, null, claim.SopInstance, cancellationToken) is { } row)
            {
                work.Add((claim, row));
            }
            else
            {
                Settle(claim, new SendOutcome(SendResult.Refused, "The instance is no longer in the archive."));
            }
        }

        return work;
    }

    private async ValueTask<bool> OpenAsync(List<(ForwardClaim Claim, InstanceRow Row)> work, CancellationToken stop)
    {
        try
        {
            await _association.OpenAsync(_destination, work.Select(one => one.Row), stop);
            return true;
        }
        catch (AssociationRejectedException e) when (!e.IsTransient)
        {
            // It does not want us: these will not be taken; the others are not tried at once.
            foreach ((ForwardClaim claim, _) in work)
            {
                Settle(claim, new SendOutcome(SendResult.Refused, e.Message));
            }

            Missed(e.Message);
        }
        catch (DicomNetworkException e)
        {
            Missed(e.Message);
            _unreachable = e.Message;
        }

        return false;
    }

    private async ValueTask<SendOutcome> SendAsync(ForwardClaim claim, InstanceRow row, CancellationToken abandon)
    {
        bool isStale = _association.IsStale;
        try
        {
            await using Stream dataSet = await _services.Archive.OpenDataSetAsync(row, abandon);
            return SendOutcome.Of(await _association.StoreAsync(row, dataSet, claim.Priority, abandon));
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
            return new SendOutcome(SendResult.Refused, $"It cannot be written in a transfer syntax that the destination takes: {e.Message}");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new SendOutcome(SendResult.Refused, "Its object is not in the store.");
        }
        catch (IOException)
        {
            return new SendOutcome(SendResult.Failed, "Its object cannot be read from the store.");
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            return new SendOutcome(SendResult.NotTried);
        }
    }

    private void Settle(ForwardClaim claim, SendOutcome outcome)
    {
        lock (_lock)
        {
            _open.Remove(claim);
        }

        ForwardSettlement settlement = Decide(claim, outcome);
        _settled.Add(settlement);
        if (outcome.Result is SendResult.Sent or SendResult.NotTried)
        {
            return;
        }

        ForwardMetrics.Failed(_title);
        if (settlement.State == ForwardState.Dead)
        {
            ForwardMetrics.Dead(_title, 1);
            Log.GivenUp(_services.Logger, claim.SopInstance.Value, _title, settlement.Reason!);
        }
        else
        {
            Log.NotSent(_services.Logger, claim.SopInstance.Value, _title, claim.Attempts + 1, settlement.Reason!);
        }
    }

    private ForwardSettlement Decide(ForwardClaim claim, SendOutcome outcome)
    {
        int attempts = claim.Attempts + 1;
        return outcome.Result switch
        {
            SendResult.Sent => ForwardSettlement.Sent(claim, outcome.Reason),
            SendResult.NotTried => ForwardSettlement.Released(claim),
            SendResult.Refused => ForwardSettlement.Dead(claim, outcome.Reason!),
            _ when attempts >= _destination.Sending.MaximumAttempts => ForwardSettlement.Dead(claim, string.Create(CultureInfo.InvariantCulture, $"Given up after {attempts} attempts: {outcome.Reason}")),
            _ => ForwardSettlement.Later(claim, outcome.Reason!, Now + BackOff.After(claim.Attempts, _destination.Sending)),
        };
    }

    private async ValueTask SettleAsync(CancellationToken cancellationToken)
    {
        if (_settled.Count > 0)
        {
            await _services.Queue.SettleAsync(_settled, cancellationToken);
            _settled.Clear();
        }
    }

    private void Reached()
    {
        if (_state.Succeeded())
        {
            Log.DestinationIsBack(_services.Logger, _title);
            _services.Status.Wake();
        }
    }

    private void Missed(string reason)
    {
        if (_state.Failed(reason, _destination.Sending, Now) == 1)
        {
            Log.DestinationIsAway(_services.Logger, _title, reason);
        }
    }

    /// <summary>Renews the leases of what is not settled until the batch has ended. What is lost is settled in vain.</summary>
    private async Task BeatAsync(CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(_services.Lease / 3, _services.Time, ended);
                ForwardClaim[] open;
                lock (_lock)
                {
                    open = [.. _open];
                }

                await _services.Queue.RenewAsync(open, _services.Lease, ended);
            }
            catch (OperationCanceledException)
            {
                return;
            }
#pragma warning disable CA1031 // The index is away: if that lasts, another sends them again.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.RenewingFailed(_services.Logger, _title, e);
            }
        }
    }
}
