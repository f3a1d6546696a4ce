using System.Buffers;

namespace MedicalAi.Dicom.Imaging;

/// <summary>The pixels of one frame, not compressed, little-endian, in pooled memory. It holds a patient's data until it is disposed of.</summary>
public sealed class NativeFrame : IDisposable
{
    private readonly int _length;
    private byte[]? _bytes;

    internal NativeFrame(PixelDescription pixels, int length, int firstBit = 0)
    {
        Pixels = pixels;
        FirstBit = firstBit;
        _length = length;
        _bytes = ArrayPool<byte>.Shared.Rent(length);
    }

    /// <summary>How the pixels are stored in <see cref="Bytes"/>; the photometric interpretation and planes may differ from the instance's.</summary>
    public PixelDescription Pixels { get; }

    /// <summary>The first bit of a frame of 1 bit.</summary>
    public int FirstBit { get; }

    /// <summary>The bytes.</summary>
    /// <exception cref="ObjectDisposedException">The frame was disposed of.</exception>
    public ReadOnlySpan<byte> Bytes => Buffer;

    internal Span<byte> Buffer => (_bytes ?? throw new ObjectDisposedException(nameof(NativeFrame))).AsSpan(0, _length);

    /// <summary>Reads the stored values of a frame with one sample a pixel, before any look-up table: see <see cref="NativeSamples.ReadGrayscale"/>.</summary>
    /// <returns>What is wrong; null when all is well.</returns>
    public DicomError? ReadGrayscale(Span<float> values) => NativeSamples.ReadGrayscale(Pixels, Bytes, values, FirstBit);

    /// <inheritdoc />
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _bytes, null) is { } bytes)
        {
            ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
        }
    }
}
