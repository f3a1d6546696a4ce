using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.Bench.Serving;

/// <summary>The archive switched off: takes instances of every storage SOP class, counts them, and drops them.</summary>
internal sealed class SinkService : DimseService
{
    private long _instances;

    public long Instances => Interlocked.Read(ref _instances);

    public override bool Supports(DicomUid sopClass) => sopClass == DicomUids.Verification || UidRegistry.IsStorageSopClass(sopClass);

    public override bool Supports(DicomUid sopClass, TransferSyntax transferSyntax) => true;

    public override async ValueTask<DimseResponse> HandleAsync(DimseRequest request, CancellationToken cancellationToken)
    {
        while (await request.ReadDataSetAsync(cancellationToken) is not null)
        {
        }

        Interlocked.Increment(ref _instances);
        return new DimseResponse(DimseStatus.Success);
    }
}
