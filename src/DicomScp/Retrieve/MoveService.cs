using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomScp;

/// <summary>C-MOVE of the Query/Retrieve service class as SCP (PS3.4 C.4.2): instances are sent to a destination of the AE registry.</summary>
public sealed class MoveService(IStudyIndex index, ArchiveReader archive, DicomServerOptions options, TimeProvider time, ILogger<MoveService> logger, AeRegistryFile? registry = null)
    : RetrieveService(index, archive, time, logger)
{
    private protected override ushort CommandField => DimseCommand.CMoveRequest;

    /// <inheritdoc />
    public override bool Supports(DicomUid sopClass) => SupportedSopClasses.Move.Contains(sopClass);

    private protected override RetrieveTarget? FindTarget(DimseRequest request, out DimseResponse failure)
    {
        failure = default;
        if (request.Command.MoveDestination is { } title && registry?.Current.FindDestination(title) is { } destination)
        {
            return new MoveTarget(request, destination, options.AeTitle);
        }

        failure = new DimseResponse(DimseStatus.MoveDestinationUnknown, "The move destination is not known here", DicomTags.MoveDestination);
        return null;
    }
}
