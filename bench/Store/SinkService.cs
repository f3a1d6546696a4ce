using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.Bench.Store;

/// <summary>The archive switched off: takes instances of every storage SOP class, counts them and their bytes, and drops them.</summary>
internal sealed class SinkService : DimseService
{
    private long _instances;
    private long _bytes;

    public long Instances => Interlocked.Read(ref _instances);

    public long Bytes => Interlocked.Read(ref _bytes);

    public override bool Supports(DicomUid sopClass) => sopClass == DicomUids.Verification || UidRegistry.IsStorageSopClass(sopClass);

    public override bool Supports(DicomUid sopClass, TransferSyntax transferSyntax) => true;

    public override async ValueTask<DimseResponse> HandleAsync(DimseRequest request, CancellationToken cancellationToken)
    {
        long bytes = 0;
        while (await request.ReadDataSetAsync(cancellationToken) is { } part)
        {
            bytes += part.Length;
        }

        Interlocked.Add(ref _bytes, bytes);
        Interlocked.Increment(ref _instances);
        return new DimseResponse(DimseStatus.Success);
    }
}
