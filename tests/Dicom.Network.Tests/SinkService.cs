using System.Buffers;
using System.Collections.Concurrent;

namespace MedicalAi.Dicom.Network.Tests;

/// <summary>Takes every storage SOP class in every transfer syntax, and verification; counts what comes, keeps it when asked.</summary>
internal sealed class SinkService : DimseService
{
    private long _bytes;
    private int _requests;

    public ConcurrentQueue<(DimseRequest Request, byte[] DataSet)> Received { get; } = [];

    public bool Keep { get; init; }

    public long Bytes => Interlocked.Read(ref _bytes);

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Runs within each request, before its data set is read.</summary>
    public Func<DimseRequest, CancellationToken, ValueTask<DimseResponse?>>? OnRequest { get; init; }

    public override bool Supports(DicomUid sopClass) => sopClass == DicomUids.Verification || UidRegistry.IsStorageSopClass(sopClass);

    public override bool Supports(DicomUid sopClass, TransferSyntax transferSyntax) => true;

    public override async ValueTask<DimseResponse> HandleAsync(DimseRequest request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        if (OnRequest is not null && await OnRequest(request, cancellationToken) is { } answer)
        {
            return answer;
        }

        ArrayBufferWriter<byte> kept = new();
        while (await request.ReadDataSetAsync(cancellationToken) is { } bytes)
        {
            Interlocked.Add(ref _bytes, bytes.Length);
            if (Keep)
            {
                foreach (ReadOnlyMemory<byte> segment in bytes)
                {
                    kept.Write(segment.Span);
                }
            }
        }

        if (Keep)
        {
            Received.Enqueue((request, kept.WrittenSpan.ToArray()));
        }

        return new DimseResponse(DimseStatus.Success);
    }
}
