using System.Globalization;
using MedicalAi.Archive;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>Sends some claims over one association; each of them is settled, whatever happens.</summary>
#pragma warning disable CA1001 // RunAsync, which runs once, disposes of the ledger.
internal sealed class SendBatch(string title, ApplicationEntity destination, IReadOnlyList<ForwardClaim> claims, SendAssociation association, DestinationState state, SenderServices services)
#pragma warning restore CA1001
{
    private readonly ClaimLedger _ledger = new(title, claims, services);

    private DateTimeOffset Now => services.Time.GetUtcNow();

    /// <summary>Sends.</summary>
    /// <param name="time">After this time what is left is given back.</param>
    /// <param name="stop">No other instance is begun.</param>
    /// <param name="abandon">The instance that is being sent is given up.</param>
    public async Task RunAsync(TimeSpan time, CancellationToken stop, CancellationToken abandon)
    {
        string? unreachable = null;
        await using (_ledger)
        {
            List<(ForwardClaim Claim, InstanceRow Row)> work = await LookUpAsync(abandon);
            if (work.Count > 0)
            {
                (bool isOpen, unreachable) = await OpenAsync(work, stop);
                if (isOpen)
                {
                    await SendAsync(work, Now + time, stop, abandon);
                }
            }
        }

        if (unreachable is not null)
        {
            int expired = await services.Queue.ExpireAsync(title, Now - destination.Sending.GiveUpAfter, $"The destination could not be reached for too long: {unreachable}", stop);
            ForwardMetrics.Dead(title, expired);
        }
    }

    private async Task SendAsync(List<(ForwardClaim Claim, InstanceRow Row)> work, DateTimeOffset until, CancellationToken stop, CancellationToken abandon)
    {
        bool hasAnswered = false;
        foreach ((ForwardClaim claim, InstanceRow row) in work)
        {
            if (stop.IsCancellationRequested || Now > until)
            {
                return;
            }

            if (!association.IsOpen)
            {
                if (!hasAnswered && !association.IsStale)
                {
                    Missed("It ended the association before anything was sent.");
                }

                return;
            }

            if (!association.Covers(row))
            {
                continue; // There was no room for its presentation contexts; it comes with the next ones.
            }

            if (state.Throttle.Take(row.DataSet.Length, destination.Sending, Now) is var wait && wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, services.Time, stop);
            }

            SendOutcome outcome = await SendAsync(claim, row, abandon);
            Settle(claim, outcome);
            switch (outcome.Result)
            {
                case SendResult.Sent:
                    ForwardMetrics.Sent(title, row.DataSet.Length);
                    break;
                case SendResult.Refused or SendResult.Failed:
                    break;
                case SendResult.Busy:
                    Missed(outcome.Reason!);
                    return;
                case SendResult.Lost when !hasAnswered:
                    Missed(outcome.Reason!);
                    return;
                default:
                    return;
            }

            hasAnswered = true;
            Reached();
        }
    }

    private async ValueTask<List<(ForwardClaim Claim, InstanceRow Row)>> LookUpAsync(CancellationToken cancellationToken)
    {
        List<(ForwardClaim, InstanceRow)> work = [];
        foreach (ForwardClaim claim in claims)
        {
            if (claim.Attempts >= destination.Sending.MaximumAttempts)
            {
                Settle(claim, new SendOutcome(SendResult.Refused, "Every attempt ended without an answer."));
            }
            else if (await services.Archive.FindInstanceAsync(null, null, claim.SopInstance, cancellationToken) is { } row)
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

    /// <summary>Opens the association.</summary>
    /// <returns>Whether it is open; and if not, why the destination cannot be reached now, or null when it does not want us at all.</returns>
    private async ValueTask<(bool IsOpen, string? Unreachable)> OpenAsync(List<(ForwardClaim Claim, InstanceRow Row)> work, CancellationToken stop)
    {
        try
        {
            await association.OpenAsync(destination, work.Select(one => one.Row), stop);
            return (true, null);
        }
        catch (AssociationRejectedException e) when (!e.IsTransient)
        {
            // These will not be taken; the others are not tried at once.
            foreach ((ForwardClaim claim, _) in work)
            {
                Settle(claim, new SendOutcome(SendResult.Refused, e.Message));
            }

            Missed(e.Message);
            return (false, null);
        }
        catch (DicomNetworkException e)
        {
            Missed(e.Message);
            return (false, e.Message);
        }
    }

    private async ValueTask<SendOutcome> SendAsync(ForwardClaim claim, InstanceRow row, CancellationToken abandon)
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
        ForwardSettlement settlement = Decide(claim, outcome);
        _ledger.Settle(settlement);
        if (outcome.Result is SendResult.Sent or SendResult.NotTried)
        {
            return;
        }

        ForwardMetrics.Failed(title);
        if (settlement.State == ForwardState.Dead)
        {
            ForwardMetrics.Dead(title, 1);
            Log.GivenUp(services.Logger, claim.SopInstance.Value, title, settlement.Reason!);
        }
        else
        {
            Log.NotSent(services.Logger, claim.SopInstance.Value, title, claim.Attempts + 1, settlement.Reason!);
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
            _ when attempts >= destination.Sending.MaximumAttempts => ForwardSettlement.Dead(claim, string.Create(CultureInfo.InvariantCulture, $"Given up after {attempts} attempts: {outcome.Reason}")),
            _ => ForwardSettlement.Later(claim, outcome.Reason!, Now + BackOff.After(claim.Attempts, destination.Sending)),
        };
    }

    private void Reached()
    {
        if (state.Succeeded())
        {
            Log.DestinationIsBack(services.Logger, title);
            services.Status.Wake();
        }
    }

    private void Missed(string reason)
    {
        if (state.Failed(reason, destination.Sending, Now) == 1)
        {
            Log.DestinationIsAway(services.Logger, title, reason);
        }
    }
}
