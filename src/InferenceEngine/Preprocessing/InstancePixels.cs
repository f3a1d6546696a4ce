using System.Buffers;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Imaging;

namespace MedicalAi.InferenceEngine;

/// <summary>Reads the pixels of stored instances.</summary>
/// <param name="reader">The archive.</param>
internal sealed class InstancePixels(ArchiveReader reader)
{
    /// <summary>An input of a task.</summary>
    /// <exception cref="InferenceException">It is no longer in the archive.</exception>
    public async Task<InstanceRow> FindAsync(DicomUid study, DicomUid sopInstance, CancellationToken cancellationToken) =>
        await reader.FindInstanceAsync(study, null, sopInstance, cancellationToken)
        ?? throw new InferenceException($"Input {sopInstance} is no longer in the archive.");

    /// <summary>Reads the header of an instance.</summary>
    /// <exception cref="InferenceException">The instance cannot be read, has no pixels, or they cannot be decoded here.</exception>
    public async Task<InstanceImage> OpenAsync(InstanceRow row, CancellationToken cancellationToken)
    {
        ParseResult<DicomDataSet> header = await reader.ReadHeaderAsync(row, cancellationToken);
        if (!header.Ok)
        {
            throw Unreadable(row, header.Error);
        }

        if (!FrameDecoder.IsSupported(row.TransferSyntax))
        {
            throw new InferenceException($"The pixels of input {row.Identity.SopInstance} are compressed ({row.TransferSyntax.Name}), which cannot be decoded yet.");
        }

        foreach (DeferredTable table in DeferredTable.List(header.Value, frame: 1))
        {
            byte[] bytes = new byte[table.Location.Length];
            await using Stream stream = await reader.OpenRangeAsync(row, table.Location, cancellationToken);
            await stream.ReadExactlyAsync(bytes, cancellationToken);
            table.Fill(bytes, row.TransferSyntax);
        }

        ParseResult<StoredPixels> stored = StoredPixels.Find(header.Value, row.TransferSyntax);
        return stored.Ok ? new InstanceImage(row, header.Value, stored.Value) : throw Unreadable(row, stored.Error);
    }

    /// <summary>Reads and decodes the first frame, to be disposed of by the caller.</summary>
    /// <exception cref="InferenceException">It cannot be decoded.</exception>
    public async Task<NativeFrame> ReadFrameAsync(InstanceImage image, CancellationToken cancellationToken)
    {
        ParseResult<IReadOnlyList<BulkLocation>> ranges = image.Stored.Locate(1);
        if (!ranges.Ok)
        {
            throw Unreadable(image.Row, ranges.Error);
        }

        long length = ranges.Value.Sum(range => range.Length);
        if (length > Array.MaxLength)
        {
            throw new InferenceException($"The frame of input {image.Row.Identity.SopInstance} is too long.");
        }

        byte[] stored = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            int read = 0;
            foreach (BulkLocation range in ranges.Value)
            {
                await using Stream stream = await reader.OpenRangeAsync(image.Row, range, cancellationToken);
                await stream.ReadExactlyAsync(stored.AsMemory(read, (int)range.Length), cancellationToken);
                read += (int)range.Length;
            }

            ParseResult<NativeFrame> frame = image.Stored.Decode(1, stored.AsSpan(0, read));
            return frame.Ok ? frame.Value : throw Unreadable(image.Row, frame.Error);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored, clearArray: true); // It held a patient's data.
        }
    }

    /// <summary>An input that cannot be read, with the reason.</summary>
    public static InferenceException Unreadable(InstanceRow row, DicomError error) => new($"Input {row.Identity.SopInstance} cannot be read: {error}");
}
