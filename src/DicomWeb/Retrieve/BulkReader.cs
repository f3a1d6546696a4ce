using MedicalAi.Archive;
using MedicalAi.Dicom;

namespace MedicalAi.DicomWeb;

/// <summary>Opens bulk values as they are sent: in little-endian byte order.</summary>
internal static class BulkReader
{
    /// <summary>Opens a range of a native value.</summary>
    /// <param name="reader">Reads the archive.</param>
    /// <param name="row">The instance.</param>
    /// <param name="entry">The value.</param>
    /// <param name="offset">The first byte, from the start of the value.</param>
    /// <param name="length">The number of bytes.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    public static async ValueTask<Stream> OpenValueAsync(this ArchiveReader reader, InstanceRow row, BulkEntry entry, long offset, long length, CancellationToken cancellationToken)
    {
        int unit = row.TransferSyntax.IsBigEndian ? entry.Vr.UnitSize() : 1;
        if (unit == 1)
        {
            return await reader.OpenRangeAsync(row, new BulkLocation(entry.Location.Offset + offset, length), cancellationToken);
        }

        int skip = (int)(offset % unit);
        long end = Math.Min((offset + length + unit - 1) / unit * unit, entry.Location.Length);
        BulkLocation whole = new(entry.Location.Offset + offset - skip, end - (offset - skip));
        return new ByteSwapStream(await reader.OpenRangeAsync(row, whole, cancellationToken), unit, skip, length);
    }
}
