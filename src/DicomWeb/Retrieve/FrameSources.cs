using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Imaging;
using Microsoft.Extensions.Caching.Memory;

namespace MedicalAi.DicomWeb;

/// <summary>
/// Finds the pixel data of instances, and keeps what it found for a while: a viewer asks for the frames of an instance one by
/// one, and the header of a multi-frame instance can be long.
/// </summary>
/// <param name="reader">Reads the archive.</param>
internal sealed class FrameSources(ArchiveReader reader) : IDisposable
{
    // In fragments and offsets, the part of an entry that can be large.
    private const int MaximumKept = 1_000_000;

    private static readonly DicomTag[] s_pixelTags = [DicomTags.PixelData, DicomTags.FloatPixelData, DicomTags.DoubleFloatPixelData];
    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = MaximumKept });

    /// <summary>The pixel data of an instance, or why it has no frames.</summary>
    public async ValueTask<ParseResult<FrameSource>> FindAsync(InstanceRow row, CancellationToken cancellationToken)
    {
        // The object's key holds a digest of its content: another content never has the same.
        if (_kept.TryGetValue(row.File.Key, out FrameSource? known))
        {
            return known!;
        }

        ParseResult<FrameSource> found = await ReadAsync(row, cancellationToken);
        if (found.Ok)
        {
            using ICacheEntry entry = _kept.CreateEntry(row.File.Key);
            entry.Value = found.Value;
            entry.Size = 16 + (found.Value.Entry.Fragments?.Count ?? 0) + found.Value.Entry.OffsetTable.Count;
            entry.SlidingExpiration = TimeSpan.FromMinutes(5);
        }

        return found;
    }

    /// <inheritdoc />
    public void Dispose() => _kept.Dispose();

    private async ValueTask<ParseResult<FrameSource>> ReadAsync(InstanceRow row, CancellationToken cancellationToken)
    {
        BulkMap? map = await reader.ReadBulkMapAsync(row.Identity.SopInstance, cancellationToken);
        BulkEntry? entry = s_pixelTags.Select(tag => map?.Find(tag.ToHex())).FirstOrDefault(found => found is not null);
        if (entry is null)
        {
            return new DicomError(DicomErrorKind.NotDicom, "The instance has no pixel data.");
        }

        ParseResult<DicomDataSet> header = await reader.ReadHeaderAsync(row, cancellationToken);
        ParseResult<PixelDescription> pixels = header.Error is { } error ? error : PixelDescription.Read(header.Value);
        return pixels.Error is { } problem ? problem : new FrameSource(row, pixels.Value, entry);
    }
}
