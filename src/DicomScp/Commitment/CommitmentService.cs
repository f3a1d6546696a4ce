using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>
/// Storage Commitment Push Model (PS3.4 annex J). As SCP: a request (N-ACTION) is entered durably and answered; a worker then looks for the instances
/// and tells the requestor (N-EVENT-REPORT). As SCU: what others report of transactions that we asked for.
/// </summary>
internal sealed class CommitmentService(
    ICommitmentIndex transactions,
    WaitingRequestors waiting,
    CommitmentRequests requests,
    Microsoft.Extensions.Logging.ILogger<CommitmentService> logger,
    ForwardCommitments? forwarded = null) : DimseService
{
    private readonly CommitmentReportTaker[] _takers = forwarded is null ? [requests.TakeAsync] : [requests.TakeAsync, forwarded.TakeAsync];

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
        return request.Command.CommandField switch
        {
            DimseCommand.NActionRequest => await TakeRequestAsync(request, cancellationToken),
            DimseCommand.NEventReportRequest => await CommitmentNotifications.TakeReportAsync(_takers, request, cancellationToken),
            _ => new DimseResponse(DimseStatus.UnrecognizedOperation, "Storage Commitment knows N-ACTION and N-EVENT-REPORT only"),
        };
    }

    private async ValueTask<DimseResponse> TakeRequestAsync(DimseRequest request, CancellationToken cancellationToken)
    {
        DimseCommand command = request.Command;
        if (!NormalizedRequest.IsOfContext(request, out DimseResponse? refusal))
        {
            return refusal.Value;
        }

        if (!request.Roles.HasFlag(AssociationRoles.Scp))
        {
            return new DimseResponse(DimseStatus.NotAuthorized, "We are not the SCP of this association");
        }

        if (command.SopInstance != DicomUids.StorageCommitmentPushModelInstance)
        {
            return new DimseResponse(DimseStatus.NoSuchSopInstance, "The SOP instance is not the well-known one", DicomTags.RequestedSOPInstanceUID);
        }

        if (command.ActionType != CommitmentMessages.Request)
        {
            return new DimseResponse(DimseStatus.NoSuchActionType, "The action is not to request storage commitment", DicomTags.ActionTypeID);
        }

        (DicomDataSet? information, DimseResponse failure) = await NormalizedRequest.ReadAsync(request, CommitmentMessages.MaximumLength, cancellationToken);
        IReadOnlyList<SopReference> references = [];
        DicomUid uid = default;
        if (information is null || (references = CommitmentMessages.ReadRequest(information, out uid, out failure)).Count == 0)
        {
            return failure;
        }

        try
        {
            NewCommitment commitment = new(uid, request.Peer.CallingAe, request.Peer.CalledAe, request.Peer.RemoteAddress, references);
            (long id, CommitmentEntry entry) = await transactions.AddAsync(commitment, cancellationToken);
            waiting.Add(id, request);
            Log.CommitmentRequested(logger, uid.Value, request.Peer.CallingAe, references.Count, entry);
            return new DimseResponse(DimseStatus.Success);
        }
        catch (IOException)
        {
            return new DimseResponse(DimseStatus.ResourceLimitation, "The disk of the index is full");
        }
        catch (ArchiveUnavailableException)
        {
            return new DimseResponse(DimseStatus.ProcessingFailure, "The index cannot be written");
        }
    }
}
