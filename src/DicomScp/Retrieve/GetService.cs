using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomScp;

/// <summary>C-GET of the Query/Retrieve service class as SCP (PS3.4 C.4.3): instances come on the association on which they are asked for.</summary>
public sealed class GetService(IStudyIndex index, ArchiveReader archive, TimeProvider time, ILogger<GetService> logger) : RetrieveService(index, archive, time, logger)
{
    private protected override ushort CommandField => DimseCommand.CGetRequest;

    /// <inheritdoc />
    public override bool Supports(DicomUid sopClass) => SupportedSopClasses.Get.Contains(sopClass);

    /// <summary>Storage, with the peer as SCP; SOP classes that are not registered too, for such may have been sent to us.</summary>
    public override bool InvokesOnAssociation(DicomUid sopClass) => UidRegistry.IsStorageSopClass(sopClass) || UidRegistry.Find(sopClass) is null;

    private protected override RetrieveTarget FindTarget(DimseRequest request, out DimseResponse failure)
    {
        failure = default;
        return new GetTarget(request);
    }
}
