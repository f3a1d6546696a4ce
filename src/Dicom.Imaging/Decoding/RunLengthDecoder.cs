using System.Buffers;
using System.Buffers.Binary;

namespace MedicalAi.Dicom.Imaging;

/// <summary>Decodes frames of RLE Lossless (PS3.5 annex G): one segment for each byte of each sample, the highest byte first.</summary>
internal static class RunLengthDecoder
{
    private const int HeaderLength = 64;
    private const int MaxSegments = 15;

    // Two bytes give at most 128: what promises more is not written out, so that a few bytes cannot take much memory.
    private const int MaxExpansion = 64;

    /// <summary>Decodes a frame; colours come by pixel (planar configuration 0).</summary>
    public static ParseResult<NativeFrame> Decode(PixelDescription pixels, ReadOnlySpan<byte> stored)
    {
        // Pixels of 1 bit are packed first, and each frame begins on a byte.
        bool isPacked = pixels is { BitsAllocated: 1, SamplesPerPixel: 1 };
        int bytesPerSample = isPacked ? 1 : pixels.BitsAllocated / 8;
        int segments = pixels.SamplesPerPixel * bytesPerSample;
        if (bytesPerSample == 0 || segments > MaxSegments)
        {
            return new DicomError(DicomErrorKind.InvalidLength, $"Pixels of {pixels.BitsAllocated} bits cannot be in RLE.", 0, DicomTags.BitsAllocated);
        }

        if (stored.Length < HeaderLength || BinaryPrimitives.ReadUInt32LittleEndian(stored) != segments)
        {
            return new DicomError(DicomErrorKind.InvalidLength, $"The RLE frame does not have the {segments} segments of its pixels.", 0, DicomTags.PixelData);
        }

        int count = isPacked ? (int)pixels.FrameLength : pixels.PixelsPerFrame;
        if ((long)stored.Length * MaxExpansion < (long)count * segments)
        {
            return new DicomError(DicomErrorKind.Truncated, "The RLE frame is too short for its rows and columns.", 0, DicomTags.PixelData);
        }

        NativeFrame frame = new(pixels with { PlanarConfiguration = 0 }, count * segments);
        byte[] plane = ArrayPool<byte>.Shared.Rent(count);
        try
        {
            for (int segment = 0; segment < segments; segment++)
            {
                uint begin = BinaryPrimitives.ReadUInt32LittleEndian(stored[(4 * (segment + 1))..]);
                uint end = segment + 1 < segments ? BinaryPrimitives.ReadUInt32LittleEndian(stored[(4 * (segment + 2))..]) : (uint)stored.Length;
                if (begin < HeaderLength || end > stored.Length || begin > end || !Unpack(stored[(int)begin..(int)end], plane.AsSpan(0, count)))
                {
                    frame.Dispose();
                    return new DicomError(DicomErrorKind.Truncated, $"RLE segment {segment + 1} does not hold a byte for each pixel.", begin, DicomTags.PixelData);
                }

                Span<byte> bytes = frame.Buffer;
                int place = (segment / bytesPerSample * bytesPerSample) + (bytesPerSample - 1 - (segment % bytesPerSample));
                if (segments == 1)
                {
                    plane.AsSpan(0, count).CopyTo(bytes);
                    continue;
                }

                for (int i = 0; i < count; i++, place += segments)
                {
                    bytes[place] = plane[i];
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plane, clearArray: true);
        }

        return frame;
    }

    private static bool Unpack(ReadOnlySpan<byte> source, Span<byte> target)
    {
        while (!target.IsEmpty && source.Length > 1)
        {
            int control = (sbyte)source[0];
            source = source[1..];
            if (control >= 0)
            {
                // A last run may be longer than the plane by a padding byte.
                int length = Math.Min(control + 1, target.Length);
                if (length > source.Length)
                {
                    return false;
                }

                source[..length].CopyTo(target);
                source = source[Math.Min(control + 1, source.Length)..];
                target = target[length..];
            }
            else if (control != -128)
            {
                int length = Math.Min(1 - control, target.Length);
                target[..length].Fill(source[0]);
                source = source[1..];
                target = target[length..];
            }
        }

        return target.IsEmpty;
    }
}
