using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>What an SCP of storage commitment reports (N-EVENT-REPORT) of the transactions that we asked for: for associations on which we are the SCU only.</summary>
public sealed class CommitmentNotifications : DimseService
{
    private readonly IReadOnlyList<CommitmentReportTaker> _takers;

    /// <summary>Takes what is reported of the transactions of these requests.</summary>
    public CommitmentNotifications(CommitmentRequests requests)
        : this([(requests ?? throw new ArgumentNullException(nameof(requests))).TakeAsync])
    {
    }

    internal CommitmentNotifications(IReadOnlyList<CommitmentReportTaker> takers) => _takers = takers;

    /// <inheritdoc />
    public override bool Supports(DicomUid sopClass) => sopClass == DicomUids.StorageCommitmentPushModel;

    /// <inheritdoc />
    public override bool Supports(DicomUid sopClass, TransferSyntax transferSyntax) => SupportedSopClasses.NormalizedTransferSyntaxes.Contains(transferSyntax);

    /// <inheritdoc />
    public override bool InvokesOnAssociation(DicomUid sopClass) => sopClass == DicomUids.StorageCommitmentPushModel;

    /// <inheritdoc />
    public override bool PerformsNotifications(DicomUid sopClass) => sopClass == DicomUids.StorageCommitmentPushModel;

    /// <inheritdoc />
    public override async ValueTask<DimseResponse> HandleAsync(DimseRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Command.CommandField == DimseCommand.NEventReportRequest
            ? await TakeReportAsync(_takers, request, cancellationToken)
            : new DimseResponse(DimseStatus.UnrecognizedOperation, "We are the SCU of Storage Commitment: only N-EVENT-REPORT is taken");
    }

    internal static async ValueTask<DimseResponse> TakeReportAsync(IReadOnlyList<CommitmentReportTaker> takers, DimseRequest request, CancellationToken cancellationToken)
    {
        DimseCommand command = request.Command;
        if (!NormalizedRequest.IsOfContext(request, out DimseResponse? refusal))
        {
            return refusal.Value;
        }

        if (command.SopInstance != DicomUids.StorageCommitmentPushModelInstance)
        {
            return new DimseResponse(DimseStatus.NoSuchSopInstance, "The SOP instance is not the well-known one", DicomTags.AffectedSOPInstanceUID);
        }

        if (command.EventType is not (CommitmentMessages.Successful or CommitmentMessages.FailuresExist))
        {
            return new DimseResponse(DimseStatus.NoSuchEventType, "The event is none of Storage Commitment", DicomTags.EventTypeID);
        }

        (DicomDataSet? information, DimseResponse failure) = await NormalizedRequest.ReadAsync(request, CommitmentMessages.MaximumLength, cancellationToken);
        if (information is null)
        {
            return failure;
        }

        if (CommitmentMessages.ReadReport(information, out DicomUid transaction, out Dictionary<DicomUid, ushort?> told) is { } broken)
        {
            return broken;
        }

        foreach (CommitmentReportTaker taker in takers)
        {
            if (await taker(transaction, told, request.Answered, cancellationToken))
            {
                return new DimseResponse(DimseStatus.Success);
            }
        }

        return new DimseResponse(DimseStatus.InvalidArgumentValue, "No transaction of this UID is under way here", DicomTags.TransactionUID);
    }
}
