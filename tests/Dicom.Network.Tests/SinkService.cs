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

    /// <summary>Runs within each request, after its data set was read.</summary>
    public Func<DimseRequest, CancellationToken, Task>? OnEnd { get; init; }

    /// <summary>What is agreed to of the service class application information that is proposed.</summary>
    public Func<byte[], byte[]?>? Extended { get; init; }

    /// <summary>Whether a SOP class of this service class and with these general SOP classes is taken.</summary>
    public Func<DicomUid, IReadOnlyList<DicomUid>, bool>? Related { get; init; }

    public override byte[]? NegotiateExtended(DicomUid sopClass, ReadOnlySpan<byte> proposed) => Extended?.Invoke(proposed.ToArray());

    public override bool SupportsRelated(DicomUid sopClass, DicomUid serviceClass, IReadOnlyList<DicomUid> related) => Related?.Invoke(serviceClass, related) == true;

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

        if (OnEnd is not null)
        {
            await OnEnd(request, cancellationToken);
        }

        if (Keep)
        {
            Received.Enqueue((request, kept.WrittenSpan.ToArray()));
        }

        return new DimseResponse(DimseStatus.Success);
    }
}
