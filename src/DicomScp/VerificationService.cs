using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>The Verification service class as SCP (PS3.4 annex A): C-ECHO.</summary>
public sealed class VerificationService : DimseService
{
    /// <inheritdoc />
    public override bool Supports(DicomUid sopClass) => sopClass == DicomUids.Verification;

    /// <inheritdoc />
    public override bool Supports(DicomUid sopClass, TransferSyntax transferSyntax)
    {
        ArgumentNullException.ThrowIfNull(transferSyntax);
        return SupportedSopClasses.VerificationTransferSyntaxes.Contains(transferSyntax);
    }

    /// <inheritdoc />
    public override ValueTask<DimseResponse> HandleAsync(DimseRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return ValueTask.FromResult(
            request.Command.CommandField != DimseCommand.CEchoRequest ? new DimseResponse(DimseStatus.UnrecognizedOperation, "Verification knows C-ECHO only")
            : request.Command.SopClass is { } sopClass && sopClass != request.AbstractSyntax
                ? new DimseResponse(DimseStatus.SopClassNotSupported, "The SOP class is not that of the presentation context", DicomTags.AffectedSOPClassUID)
            : new DimseResponse(DimseStatus.Success));
    }
}
