using System.Buffers;

namespace MedicalAi.Dicom.Network;

/// <summary>The memory of associations that we request: from the shared pool, in any size, and cleared when it is given back.</summary>
internal sealed class ClearedMemory : MemoryPool<byte>
{
    private const int SmallestBuffer = 4096;

    private ClearedMemory()
    {
    }

    /// <summary>The only one: it holds nothing itself.</summary>
    public static ClearedMemory Instance { get; } = new();

    /// <inheritdoc />
    public override int MaxBufferSize => Array.MaxLength;

    /// <inheritdoc />
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => new Owner(Math.Max(minBufferSize, SmallestBuffer));

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
    }

    // No more is lent than was asked for, as all of it has to be cleared.
    private sealed class Owner(int length) : IMemoryOwner<byte>
    {
        private byte[]? _bytes = ArrayPool<byte>.Shared.Rent(length);

        public Memory<byte> Memory => (_bytes ?? throw new ObjectDisposedException(nameof(ClearedMemory))).AsMemory(0, length);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _bytes, null) is { } bytes)
            {
                // It has held patient data.
                bytes.AsSpan(0, length).Clear();
                ArrayPool<byte>.Shared.Return(bytes);
            }
        }
    }
}
