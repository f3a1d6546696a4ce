using System.Buffers.Binary;

namespace MedicalAi.Dicom.Imaging;

/// <summary>Makes red, green, blue and an opaque fourth byte of the colour models of native frames (PS3.3 C.7.6.3.1.2).</summary>
internal static class ColorConverter
{
    /// <summary>Converts a frame.</summary>
    /// <param name="header">The instance's attributes, for the palette.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="target">Takes four bytes a pixel.</param>
    /// <returns>What is wrong; null when all is well.</returns>
    public static DicomError? Convert(DicomDataSet header, NativeFrame frame, Span<byte> target)
    {
        PixelDescription pixels = frame.Pixels;
        if (frame.Bytes.Length < pixels.FrameLength)
        {
            return new DicomError(DicomErrorKind.Truncated, "The frame is shorter than its rows and columns.", frame.Bytes.Length, DicomTags.PixelData);
        }

        return (pixels.PhotometricInterpretation, pixels.SamplesPerPixel, pixels.BitsAllocated) switch
        {
            ("PALETTE COLOR", 1, 8 or 16) => ConvertPalette(header, frame, target),
            ("RGB" or "YBR_FULL" or "YBR_RCT" or "YBR_ICT", 3, 8 or 16 or 32) => ConvertSamples(frame, target),
            ("YBR_FULL_422", 3, 8) when pixels.Columns % 2 == 0 => Convert422(frame, target),
            _ => new DicomError(
                DicomErrorKind.InvalidLength,
                $"Native pixels in {pixels.PhotometricInterpretation}, {pixels.SamplesPerPixel} samples of {pixels.BitsAllocated} bits, cannot be shown.",
                0,
                DicomTags.PhotometricInterpretation),
        };
    }

    private static DicomError? ConvertPalette(DicomDataSet header, NativeFrame frame, Span<byte> target)
    {
        ParseResult<PaletteColor> palette = PaletteColor.Read(header);
        if (!palette.Ok)
        {
            return palette.Error;
        }

        PixelDescription pixels = frame.Pixels;
        int up = 32 - pixels.BitsStored;
        int shift = pixels.HighBit + 1 - pixels.BitsStored;
        ReadOnlySpan<byte> bytes = frame.Bytes;
        for (int i = 0; i < pixels.PixelsPerFrame; i++)
        {
            int raw = (pixels.BitsAllocated == 8 ? bytes[i] : BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..])) >> shift << up;
            (byte red, byte green, byte blue) = palette.Value.Map(pixels.IsSigned ? raw >> up : (int)((uint)raw >> up));
            Put(target, i, red, green, blue);
        }

        return null;
    }

    private static DicomError? ConvertSamples(NativeFrame frame, Span<byte> target)
    {
        PixelDescription pixels = frame.Pixels;
        int count = pixels.PixelsPerFrame;
        (int pixelStep, int sampleStep) = pixels.PlanarConfiguration == 1 ? (1, count) : (3, 1);
        bool isLuminance = pixels.PhotometricInterpretation == "YBR_FULL";
        ReadOnlySpan<byte> bytes = frame.Bytes;
        for (int i = 0; i < count; i++)
        {
            int place = i * pixelStep;
            byte first = Sample(bytes, place, pixels);
            byte second = Sample(bytes, place + sampleStep, pixels);
            byte third = Sample(bytes, place + (2 * sampleStep), pixels);
            if (isLuminance)
            {
                PutLuminance(target, i, first, second, third);
            }
            else
            {
                Put(target, i, first, second, third);
            }
        }

        return null;
    }

    // Two luminances, then the two differences that both pixels share.
    private static DicomError? Convert422(NativeFrame frame, Span<byte> target)
    {
        ReadOnlySpan<byte> bytes = frame.Bytes;
        for (int i = 0; i < frame.Pixels.PixelsPerFrame; i += 2)
        {
            ReadOnlySpan<byte> pair = bytes.Slice(2 * i, 4);
            PutLuminance(target, i, pair[0], pair[2], pair[3]);
            PutLuminance(target, i + 1, pair[1], pair[2], pair[3]);
        }

        return null;
    }

    private static byte Sample(ReadOnlySpan<byte> bytes, int index, PixelDescription pixels)
    {
        uint raw = pixels.BitsAllocated switch
        {
            8 => bytes[index],
            16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * index)..]),
            _ => BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 * index)..]),
        };
        uint top = uint.MaxValue >> (32 - pixels.BitsStored);
        raw = (raw >> (pixels.HighBit + 1 - pixels.BitsStored)) & top;
        return (byte)(pixels.BitsStored >= 8 ? raw >> (pixels.BitsStored - 8) : raw * 255 / top);
    }

    // PS3.3 C.7.6.3.1.2, YBR_FULL: the inverse of its equations.
    private static void PutLuminance(Span<byte> target, int pixel, byte luminance, byte blueDifference, byte redDifference)
    {
        float blue = blueDifference - 128;
        float red = redDifference - 128;
        Put(
            target,
            pixel,
            Round(luminance + (1.402f * red)),
            Round(luminance - (0.344136f * blue) - (0.714136f * red)),
            Round(luminance + (1.772f * blue)));
    }

    private static byte Round(float value) => (byte)(Math.Clamp(value, 0, 255) + 0.5f);

    private static void Put(Span<byte> target, int pixel, byte red, byte green, byte blue)
    {
        Span<byte> place = target.Slice(4 * pixel, 4);
        place[0] = red;
        place[1] = green;
        place[2] = blue;
        place[3] = byte.MaxValue;
    }
}
