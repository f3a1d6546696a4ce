using System.Globalization;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>What came of telling a requestor.</summary>
/// <param name="IsDone">Whether it knows.</param>
/// <param name="IsFinal">Whether it does not want to know, so that there is no use in trying again.</param>
/// <param name="Error">Why it does not know, without patient data; empty when it does.</param>
/// <param name="Comment">What it said of it, which may be anything and is not for the log.</param>
internal readonly record struct CommitmentReportOutcome(bool IsDone, bool IsFinal, string Error, string Comment = "");

/// <summary>
/// Tells requestors what is committed (N-EVENT-REPORT): on their own association while it is open and they wait, else on one that we request
/// of the address that the AE registry has for them, as SCP.
/// </summary>
internal sealed class CommitmentReport(WaitingRequestors waiting, DicomServerOptions options, CommitmentOptions settings, AeRegistryFile? registry, TimeProvider time)
{
    // So long a requestor that has no address may be busy with other things on its association.
    private static readonly TimeSpan s_longestQuiet = TimeSpan.FromSeconds(30);

    /// <summary>Tells the requestor of a transaction. Never fails but when it is cancelled.</summary>
    public async Task<CommitmentReportOutcome> RunAsync(CommitmentTransaction transaction, IReadOnlyList<CommittedReference> found, CancellationToken cancellationToken)
    {
        ApplicationEntity? requestor = registry?.Current.FindDestination(transaction.CallingAe);
        CommitmentReportOutcome? outcome = null;
        if (waiting.TryTake(transaction.Id, out DimseAssociation? association, out Task? answered) && await IsWaitingAsync(association, answered, hasAddress: requestor is not null, cancellationToken))
        {
            outcome = await ReportAsync(association, transaction, found, cancellationToken);
        }

        return outcome is { } told && (told.IsDone || (told.IsFinal && requestor is null)) ? told
            : requestor is null ? new CommitmentReportOutcome(false, false, $"{transaction.CallingAe} is no destination of the AE registry, and its association has ended.")
            : await ReportAnewAsync(requestor, transaction, found, cancellationToken);
    }

    private async Task<bool> IsWaitingAsync(DimseAssociation association, Task answered, bool hasAddress, CancellationToken cancellationToken)
    {
        await answered.WaitAsync(cancellationToken);
        DateTimeOffset until = time.GetUtcNow() + s_longestQuiet;
        while (association.IsEstablished)
        {
            long asked = association.Asked;
            await Task.WhenAny(association.Ended, Task.Delay(settings.Quiet, time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            if (asked == association.Asked)
            {
                break;
            }

            if (hasAddress || time.GetUtcNow() >= until)
            {
                return false;
            }
        }

        return association.IsEstablished;
    }

    private async Task<CommitmentReportOutcome> ReportAnewAsync(ApplicationEntity requestor, CommitmentTransaction transaction, IReadOnlyList<CommittedReference> found, CancellationToken cancellationToken)
    {
        // It knows us by the title under which it asked.
        AeTitle ours = AeTitle.TryParse(transaction.CalledAe, out AeTitle called) ? called : options.AeTitle;
        try
        {
            await using DicomClient client = await DicomClient.ConnectAsync(requestor.ToClientOptions(ours), [CommitmentMessages.Context(AssociationRoles.Scp)], cancellationToken);
            CommitmentReportOutcome outcome = await ReportAsync(client, transaction, found, cancellationToken);
            await client.LeaveAsync(cancellationToken);
            return outcome;
        }
        catch (DicomNetworkException e)
        {
            return new CommitmentReportOutcome(false, false, e.Message);
        }
    }

    private static async Task<CommitmentReportOutcome> ReportAsync(DimseAssociation association, CommitmentTransaction transaction, IReadOnlyList<CommittedReference> found, CancellationToken cancellationToken)
    {
        // A peer that does not answer our proposal of roles, as older ones do not, may take the report all the same.
        if (association.Contexts.FirstOrDefault(context => context.AbstractSyntax == DicomUids.StorageCommitmentPushModel && context.IsAccepted && context.Roles != AssociationRoles.None) is not { } context)
        {
            return new CommitmentReportOutcome(false, false, "The requestor did not accept Storage Commitment with us as its SCP.");
        }

        try
        {
            DimseResponse response = await CommitmentMessages.ReportAsync(association, context, transaction.TransactionUid, transaction.CalledAe, found, cancellationToken);
            return response.IsSuccess
                ? new CommitmentReportOutcome(true, true, "")
                : new CommitmentReportOutcome(
                    false,
                    response.Status is not (DimseStatus.ProcessingFailure or DimseStatus.ResourceLimitation),
                    $"It answered {DimseStatus.Describe(response.Status)} ({response.Status.ToString("X4", CultureInfo.InvariantCulture)}).",
                    response.ErrorComment is { } comment ? $" It says: {comment}" : "");
        }
        catch (DicomNetworkException e)
        {
            return new CommitmentReportOutcome(false, false, e.Message);
        }
    }
}
