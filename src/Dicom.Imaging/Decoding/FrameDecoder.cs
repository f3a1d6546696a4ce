namespace MedicalAi.Dicom.Imaging;

/// <summary>Makes native frames of stored ones.</summary>
public static class FrameDecoder
{
    // A frame beyond this is no picture that can be shown or given to a model; it can still be retrieved.
    private const long MaxFrameLength = 1L << 30;

    // Deflate shrinks at most 1032 times: what promises more is not given memory.
    private const long MaxInflation = 1100;

    /// <summary>Whether frames stored in a transfer syntax can be decoded: all that are not compressed, deflated ones and RLE.</summary>
    public static bool IsSupported(TransferSyntax syntax)
    {
        ArgumentNullException.ThrowIfNull(syntax);
        return !syntax.IsEncapsulated || syntax.Uid == DicomUids.RLELossless || syntax.Uid == DicomUids.EncapsulatedUncompressedExplicitVRLittleEndian || syntax.Uid == DicomUids.DeflatedImageFrameCompression;
    }

    /// <summary>Decodes a frame.</summary>
    /// <param name="pixels">How the instance's pixels are stored.</param>
    /// <param name="syntax">The transfer syntax that the frame is stored in.</param>
    /// <param name="vr">The VR of the pixel data: tells the unit that was swapped in big-endian syntaxes.</param>
    /// <param name="frame">The frame, counted from 1.</param>
    /// <param name="stored">
    /// The frame's bytes as they stand in the object: the ranges of <see cref="FrameLocator.Locate"/>, joined; of bytes in
    /// big-endian words, the whole words (<see cref="StoredPixels.Locate"/>).
    /// </param>
    /// <returns>The frame, to be disposed of by the caller; or why it cannot be decoded.</returns>
    public static ParseResult<NativeFrame> Decode(PixelDescription pixels, TransferSyntax syntax, Vr vr, int frame, ReadOnlySpan<byte> stored)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentNullException.ThrowIfNull(syntax);
        if (pixels.FrameLength > MaxFrameLength)
        {
            return new DicomError(DicomErrorKind.TooLarge, "The frame is too large to be decoded.", 0, DicomTags.PixelData);
        }

        if (!syntax.IsEncapsulated)
        {
            return Copy(pixels, FrameLocator.FirstBit(pixels, frame), stored, syntax.IsBigEndian ? vr.UnitSize() : 1, (frame - 1) * pixels.FrameBits / 8);
        }

        return syntax.Uid == DicomUids.RLELossless ? RunLengthDecoder.Decode(pixels, stored)
            : syntax.Uid == DicomUids.DeflatedImageFrameCompression ? Inflate(pixels, stored)
            : syntax.Uid == DicomUids.EncapsulatedUncompressedExplicitVRLittleEndian ? Copy(pixels, 0, stored, 1, 0)
            : new DicomError(DicomErrorKind.UnknownTransferSyntax, $"Frames in {syntax.Name} cannot be decoded.", 0, DicomTags.PixelData);
    }

    private static ParseResult<NativeFrame> Copy(PixelDescription pixels, int firstBit, ReadOnlySpan<byte> stored, int unit, long begin)
    {
        int length = (int)((firstBit + pixels.FrameBits + 7) / 8);
        if (pixels.BitsAllocated > 8)
        {
            unit = unit == 1 ? 1 : pixels.BitsAllocated / 8; // Samples of 32 bits in OW are swapped as a whole by those who write them.
        }

        int skipped = (int)(begin % unit);
        if (stored.Length < (skipped + length + unit - 1) / unit * unit)
        {
            return new DicomError(DicomErrorKind.Truncated, "The frame is shorter than its rows and columns.", stored.Length, DicomTags.PixelData);
        }

        NativeFrame frame = new(pixels, length, firstBit);
        Span<byte> bytes = frame.Buffer;
        if (unit == 1)
        {
            stored[..length].CopyTo(bytes);
        }

        for (int i = 0; unit > 1 && i < length; i++)
        {
            int place = skipped + i;
            bytes[i] = stored[place - (place % unit) + (unit - 1 - (place % unit))];
        }

        return frame;
    }

    private static ParseResult<NativeFrame> Inflate(PixelDescription pixels, ReadOnlySpan<byte> stored)
    {
        if (stored.Length * MaxInflation < pixels.FrameLength)
        {
            return new DicomError(DicomErrorKind.Truncated, "The deflated frame is too short for its rows and columns.", stored.Length, DicomTags.PixelData);
        }

        NativeFrame frame = new(pixels, (int)pixels.FrameLength);
        if (FrameInflater.Inflate(stored, frame.Buffer))
        {
            return frame;
        }

        frame.Dispose();
        return new DicomError(DicomErrorKind.CorruptDeflate, "The frame cannot be inflated, or is shorter than its rows and columns.", 0, DicomTags.PixelData);
    }
}
