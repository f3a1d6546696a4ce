using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MedicalAi.Dicom.Imaging;

/// <summary>Reads the stored values of native frames (PS3.5 section 8.1.1).</summary>
public static class NativeSamples
{
    /// <summary>Reads the stored values of a frame with one sample a pixel, before any look-up table.</summary>
    /// <param name="pixels">How the pixels are stored: 1, 8, 16 or 32 bits allocated.</param>
    /// <param name="frame">The frame's bytes, little-endian.</param>
    /// <param name="values">Rows x columns values, row by row.</param>
    /// <param name="firstBit">The first bit of a frame of 1 bit.</param>
    /// <returns>What is wrong; null when all is well.</returns>
    public static DicomError? ReadGrayscale(PixelDescription pixels, ReadOnlySpan<byte> frame, Span<float> values, int firstBit = 0)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.SamplesPerPixel != 1)
        {
            return new DicomError(DicomErrorKind.InvalidLength, "The image has more than one sample a pixel.", 0, DicomTags.SamplesPerPixel);
        }

        int count = pixels.PixelsPerFrame;
        ArgumentOutOfRangeException.ThrowIfLessThan(values.Length, count);
        if ((long)frame.Length * 8 < pixels.FrameBits + firstBit)
        {
            return new DicomError(DicomErrorKind.Truncated, "The frame is shorter than rows x columns.");
        }

        values = values[..count];
        if (pixels.IsFloat)
        {
            ReadFloats(frame, values, pixels.BitsAllocated / 8);
            return null;
        }

        int shift = pixels.HighBit + 1 - pixels.BitsStored;
        switch (pixels.BitsAllocated)
        {
            case 1:
                for (int i = 0; i < count; i++)
                {
                    int bit = firstBit + i;
                    values[i] = (frame[bit >> 3] >> (bit & 7)) & 1;
                }

                return null;
            case 8:
                Read8(frame, values, shift, pixels);
                return null;
            case 16:
                Read16(frame, values, shift, pixels);
                return null;
            case 32:
                Read32(frame, values, shift, pixels);
                return null;
            default:
                return new DicomError(DicomErrorKind.InvalidLength, $"Pixels of {pixels.BitsAllocated} bits cannot be read.", 0, DicomTags.BitsAllocated);
        }
    }

    private static void Read8(ReadOnlySpan<byte> frame, Span<float> values, int shift, PixelDescription pixels)
    {
        int up = 32 - pixels.BitsStored;
        for (int i = 0; i < values.Length; i++)
        {
            int raw = frame[i] >> shift << up;
            values[i] = pixels.IsSigned ? raw >> up : (uint)raw >> up;
        }
    }

    private static void Read16(ReadOnlySpan<byte> frame, Span<float> values, int shift, PixelDescription pixels)
    {
        // What stands outside the stored bits is no part of the value: overlays were kept there (PS3.5 section 8.1.1).
        int up = 32 - pixels.BitsStored;
        if (BitConverter.IsLittleEndian)
        {
            ReadOnlySpan<ushort> words = MemoryMarshal.Cast<byte, ushort>(frame)[..values.Length];
            for (int i = 0; i < values.Length; i++)
            {
                int raw = words[i] >> shift << up;
                values[i] = pixels.IsSigned ? raw >> up : (uint)raw >> up;
            }

            return;
        }

        for (int i = 0; i < values.Length; i++)
        {
            int raw = BinaryPrimitives.ReadUInt16LittleEndian(frame[(i * 2)..]) >> shift << up;
            values[i] = pixels.IsSigned ? raw >> up : (uint)raw >> up;
        }
    }

    private static void Read32(ReadOnlySpan<byte> frame, Span<float> values, int shift, PixelDescription pixels)
    {
        int up = 32 - pixels.BitsStored;
        for (int i = 0; i < values.Length; i++)
        {
            uint raw = BinaryPrimitives.ReadUInt32LittleEndian(frame[(i * 4)..]) >> shift << up;
            values[i] = pixels.IsSigned ? (int)raw >> up : raw >> up;
        }
    }

    private static void ReadFloats(ReadOnlySpan<byte> frame, Span<float> values, int size)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = size == 4 ? BinaryPrimitives.ReadSingleLittleEndian(frame[(i * 4)..]) : (float)BinaryPrimitives.ReadDoubleLittleEndian(frame[(i * 8)..]);
        }
    }
}
