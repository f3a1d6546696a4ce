using System.Globalization;
using MedicalAi.Archive;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>Sends some claims over one association; each of them is settled, whatever happens.</summary>
#pragma warning disable CA1001 // RunAsync, which runs once, disposes of the ledger.
internal sealed partial class SendBatch(string title, ApplicationEntity destination, IReadOnlyList<ForwardClaim> claims, SendAssociation association, DestinationState state, SenderServices services)
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
            int expired = await services.Queue.ExpireAsync(title, ForwardState.Queued, Now - destination.Sending.GiveUpAfter, $"The destination could not be reached for too long: {unreachable}", stop);
            ForwardMetrics.Dead(title, expired);
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
            SendResult.Sent when destination.Sending.Commitment => ForwardSettlement.Stored(claim, outcome.Reason, services.Commitments.AskAt(Now)),
            SendResult.Sent => ForwardSettlement.Sent(claim, outcome.Reason),
            SendResult.NotTried => ForwardSettlement.Released(claim),
            SendResult.Refused => ForwardSettlement.Dead(claim, outcome.Reason!),
            _ when attempts >= destination.Sending.MaximumAttempts => ForwardSettlement.Dead(claim, string.Create(CultureInfo.InvariantCulture, $"Given up after {attempts} attempts: {outcome.Reason}")),
            _ => ForwardSettlement.Later(claim, outcome.Reason!, Now + BackOff.After(claim.Attempts, destination.Sending)),
        };
    }

    private void Reached()
    {
        if (state.Sending.Succeeded())
        {
            Log.DestinationIsBack(services.Logger, title);
            services.Status.Wake();
        }
    }

    private void Missed(string reason)
    {
        if (state.Sending.Failed(reason, destination.Sending, Now))
        {
            Log.DestinationIsAway(services.Logger, title, reason);
        }
    }
}
