using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>The Storage service class as SCP (PS3.4 annex B): C-STORE into the archive, data sets kept as they come.</summary>
public sealed class StorageService(IngestService ingest, DicomServerOptions options) : DimseService
{
    // PS3.6 table A-3.
    private static readonly DicomUid s_storageServiceClass = new("1.2.840.10008.4.2");

    /// <inheritdoc />
    public override bool Supports(DicomUid sopClass) =>
        UidRegistry.IsStorageSopClass(sopClass) || (options.AcceptUnknownSopClasses && sopClass.IsValid && UidRegistry.Find(sopClass) is null);

    /// <inheritdoc />
    public override bool Supports(DicomUid sopClass, TransferSyntax transferSyntax) => SupportedSopClasses.StorageTransferSyntaxes.Contains(transferSyntax);

    /// <summary>A SOP class that is not known is stored when the peer says that it is one of Storage: Storage wants no more of it than its identifiers.</summary>
    public override bool SupportsRelated(DicomUid sopClass, DicomUid serviceClass, IReadOnlyList<DicomUid> related)
    {
        ArgumentNullException.ThrowIfNull(related);
        return UidRegistry.Find(sopClass) is null && (serviceClass == s_storageServiceClass || related.Any(UidRegistry.IsStorageSopClass));
    }

    /// <summary>Level 2 (full) support, digital signatures preserved bit by bit (level 3), no coercion (PS3.4 table B.3-1).</summary>
    public override byte[]? NegotiateExtended(DicomUid sopClass, ReadOnlySpan<byte> proposed) => [2, 0, 3, 0, 0, 0];

    /// <inheritdoc />
    public override async ValueTask<DimseResponse> HandleAsync(DimseRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        DimseCommand command = request.Command;
        if (Refuse(request) is { } refusal)
        {
            return refusal;
        }

        UploadOrigin origin = new(UploadOrigin.Dimse, request.Peer.CallingAe, request.Peer.CalledAe, request.Peer.RemoteAddress);
        await using InstanceUpload upload = await ingest.BeginAsync(origin, request.TransferSyntax, new InstanceExpectation(request.AbstractSyntax, command.SopInstance), cancellationToken);
        while (await request.ReadDataSetAsync(cancellationToken) is { } bytes)
        {
            await upload.WriteAsync(bytes, cancellationToken);
        }

        IngestResult result = await upload.CompleteAsync(cancellationToken);
        return new DimseResponse(StatusOf(result.Outcome), result.Message, OffendingElement(request, result));
    }

    /// <summary>The status that answers an outcome (PS3.4 table B.2-1, PS3.7 9.1.1.1.9).</summary>
    public static ushort StatusOf(IngestOutcome outcome) => outcome switch
    {
        IngestOutcome.Stored or IngestOutcome.AlreadyStored => DimseStatus.Success,
        IngestOutcome.Quarantined => DimseStatus.DuplicateSopInstance,
        IngestOutcome.CannotUnderstand => DimseStatus.CannotUnderstand,
        IngestOutcome.Mismatch => DimseStatus.DataSetDoesNotMatch,
        IngestOutcome.OutOfResources or IngestOutcome.Unavailable => DimseStatus.OutOfResources,
        _ => DimseStatus.ProcessingFailure,
    };

    // What can be told from the command alone; the data set is then passed over.
    private static DimseResponse? Refuse(DimseRequest request)
    {
        DimseCommand command = request.Command;
        if (command.CommandField != DimseCommand.CStoreRequest)
        {
            return new DimseResponse(DimseStatus.UnrecognizedOperation, "Storage knows C-STORE only");
        }

        if (command.SopClass is { } sopClass && sopClass != request.AbstractSyntax)
        {
            return new DimseResponse(DimseStatus.SopClassNotSupported, "The SOP class is not that of the presentation context", DicomTags.AffectedSOPClassUID);
        }

        if (command.SopInstance is null)
        {
            return new DimseResponse(DimseStatus.InvalidSopInstance, "The Affected SOP Instance UID is missing or not valid", DicomTags.AffectedSOPInstanceUID);
        }

        return command.HasDataSet ? null : new DimseResponse(DimseStatus.CannotUnderstand, "The request has no data set", DicomTags.CommandDataSetType);
    }

    private static DicomTag? OffendingElement(DimseRequest request, IngestResult result)
    {
        InstanceIdentity identity = result.Identity.GetValueOrDefault();
        return result.Outcome switch
        {
            IngestOutcome.Mismatch when identity.SopClass != request.AbstractSyntax => DicomTags.SOPClassUID,
            IngestOutcome.Mismatch or IngestOutcome.Quarantined => DicomTags.SOPInstanceUID,
            IngestOutcome.CannotUnderstand when result.Identity is not null && identity.SopClass.Value is null => DicomTags.SOPClassUID,
            IngestOutcome.CannotUnderstand when result.Identity is not null && identity.SopInstance.Value is null => DicomTags.SOPInstanceUID,
            _ => null,
        };
    }
}
