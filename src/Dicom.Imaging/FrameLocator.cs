namespace MedicalAi.Dicom.Imaging;

/// <summary>Finds where a frame stands in a data set, without reading the pixel data.</summary>
public static class FrameLocator
{
    /// <summary>The ranges that make up a frame, in order.</summary>
    /// <param name="pixels">How the pixels are stored.</param>
    /// <param name="value">The value of the pixel data.</param>
    /// <param name="fragments">The fragments of encapsulated pixel data without the offset table; null for native values.</param>
    /// <param name="offsetTable">Basic or extended offset table: offsets from the first fragment's item tag; empty when there is none.</param>
    /// <param name="frame">The frame, counted from 1.</param>
    /// <returns>
    /// One range of a native value; the fragments of an encapsulated one. A native frame of 1 bit that does not begin on a byte is
    /// given with the bytes that hold it (<see cref="FirstBit"/> tells where it begins in them).
    /// </returns>
    public static ParseResult<IReadOnlyList<BulkLocation>> Locate(
        PixelDescription pixels,
        BulkLocation value,
        IReadOnlyList<BulkLocation>? fragments,
        IReadOnlyList<long> offsetTable,
        int frame)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentNullException.ThrowIfNull(offsetTable);
        if (frame < 1 || frame > pixels.NumberOfFrames)
        {
            return new DicomError(DicomErrorKind.InvalidLength, $"There is no frame {frame}: the instance has {pixels.NumberOfFrames}.");
        }

        return fragments is null ? LocateNative(pixels, value, frame) : LocateFragments(pixels, fragments, offsetTable, frame);
    }

    /// <summary>The first bit of a native frame in the bytes that <see cref="Locate"/> gives: 0 but for frames of 1 bit.</summary>
    public static int FirstBit(PixelDescription pixels, int frame)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        return (int)((frame - 1) * pixels.FrameBits % 8);
    }

    private static ParseResult<IReadOnlyList<BulkLocation>> LocateNative(PixelDescription pixels, BulkLocation value, int frame)
    {
        long firstBit = (frame - 1) * pixels.FrameBits;
        long first = firstBit / 8;
        long end = (firstBit + pixels.FrameBits + 7) / 8;
        return end > value.Length
            ? new DicomError(DicomErrorKind.Truncated, $"The pixel data ends before the end of frame {frame}.", value.Offset + value.Length)
            : new ParseResult<IReadOnlyList<BulkLocation>>([new BulkLocation(value.Offset + first, end - first)]);
    }

    private static ParseResult<IReadOnlyList<BulkLocation>> LocateFragments(PixelDescription pixels, IReadOnlyList<BulkLocation> fragments, IReadOnlyList<long> offsetTable, int frame)
    {
        if (fragments.Count == 0)
        {
            return new DicomError(DicomErrorKind.Truncated, "The encapsulated pixel data has no fragment.");
        }

        if (pixels.NumberOfFrames == 1)
        {
            return new ParseResult<IReadOnlyList<BulkLocation>>(fragments);
        }

        if (fragments.Count == pixels.NumberOfFrames)
        {
            return new ParseResult<IReadOnlyList<BulkLocation>>([fragments[frame - 1]]);
        }

        if (offsetTable.Count < pixels.NumberOfFrames)
        {
            return new DicomError(DicomErrorKind.InvalidLength, "The frames cannot be told apart: more fragments than frames, and no offset table.");
        }

        // Offsets count from the item tag of the first fragment, 8 bytes before its value (PS3.5 A.4).
        long origin = fragments[0].Offset - 8;
        long begin = origin + offsetTable[frame - 1];
        long end = frame < pixels.NumberOfFrames ? origin + offsetTable[frame] : long.MaxValue;
        List<BulkLocation> found = [];
        foreach (BulkLocation fragment in fragments)
        {
            if (fragment.Offset - 8 >= begin && fragment.Offset - 8 < end)
            {
                found.Add(fragment);
            }
        }

        return found.Count > 0 && found[0].Offset - 8 == begin
            ? new ParseResult<IReadOnlyList<BulkLocation>>(found)
            : new DicomError(DicomErrorKind.InvalidLength, $"The offset table does not lead to frame {frame}.", begin);
    }
}
