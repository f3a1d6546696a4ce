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

    /// <summary>The attributes of an instance, how its pixels are stored, and the bytes of its first frame.</summary>
    /// <exception cref="InferenceException">The instance cannot be read, or its pixels cannot be decoded here.</exception>
    public async Task<(DicomDataSet Header, PixelDescription Pixels, byte[] Frame)> ReadAsync(InstanceRow row, CancellationToken cancellationToken)
    {
        ParseResult<DicomDataSet> header = await reader.ReadHeaderAsync(row, cancellationToken);
        if (!header.Ok)
        {
            throw new InferenceException($"Input {row.Identity.SopInstance} cannot be read: {header.Error}");
        }

        if (row.TransferSyntax.IsEncapsulated)
        {
            throw new InferenceException($"The pixels of input {row.Identity.SopInstance} are compressed ({row.TransferSyntax.Name}), which cannot be decoded yet.");
        }

        ParseResult<PixelDescription> pixels = PixelDescription.Read(header.Value);
        if (!pixels.Ok)
        {
            throw new InferenceException($"Input {row.Identity.SopInstance}: {pixels.Error}");
        }

        if (header.Value.Find(DicomTags.PixelData)?.Bulk is not { } value)
        {
            throw new InferenceException($"Input {row.Identity.SopInstance} has no pixel data.");
        }

        ParseResult<IReadOnlyList<BulkLocation>> place = FrameLocator.Locate(pixels.Value, value, null, [], 1);
        if (!place.Ok)
        {
            throw new InferenceException($"Input {row.Identity.SopInstance}: {place.Error}");
        }

        byte[] frame = new byte[place.Value[0].Length];
        await using (Stream stream = await reader.OpenRangeAsync(row, place.Value[0], cancellationToken))
        {
            await stream.ReadExactlyAsync(frame, cancellationToken);
        }

        if (row.TransferSyntax.IsBigEndian && pixels.Value.BitsAllocated > 8)
        {
            Reverse(frame, pixels.Value.BitsAllocated / 8);
        }

        return (header.Value, pixels.Value, frame);
    }

    private static void Reverse(byte[] bytes, int unit)
    {
        for (int i = 0; i + unit <= bytes.Length; i += unit)
        {
            bytes.AsSpan(i, unit).Reverse();
        }
    }
}
