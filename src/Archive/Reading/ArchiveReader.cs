using System.Buffers;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>Reads instances: their files, data sets, ranges and metadata. Safe for use by several threads.</summary>
/// <param name="index">The index.</param>
/// <param name="store">The object store.</param>
public sealed class ArchiveReader(IStudyIndex index, IObjectStore store)
{
    private const int BlockSize = 64 * 1024;

    /// <summary>An instance; null when it is not known, or not of the study or series that is given.</summary>
    public async ValueTask<InstanceRow?> FindInstanceAsync(DicomUid? study, DicomUid? series, DicomUid sopInstance, CancellationToken cancellationToken)
    {
        InstanceRow? row = await index.FindInstanceAsync(sopInstance, cancellationToken);
        return row is null || (study is { } s && s != row.Identity.Study) || (series is { } e && e != row.Identity.Series) ? null : row;
    }

    /// <summary>The instances of a study or series in order; streamed.</summary>
    public IAsyncEnumerable<InstanceRow> ListInstancesAsync(DicomUid study, DicomUid? series, CancellationToken cancellationToken) =>
        index.ListInstancesAsync(study, series, cancellationToken);

    /// <summary>The Part 10 file.</summary>
    public ValueTask<Stream> OpenPart10Async(InstanceRow instance, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(instance);
        return store.OpenReadAsync(instance.File, cancellationToken);
    }

    /// <summary>The data set exactly as it was received.</summary>
    public ValueTask<Stream> OpenDataSetAsync(InstanceRow instance, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(instance);
        return store.OpenReadAsync(instance.DataSet, cancellationToken);
    }

    /// <summary>A range of the data set; of the inflated one where the stored one is deflated.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the data set.</exception>
    /// <exception cref="EndOfStreamException">The inflated data set is shorter than the range.</exception>
    public async ValueTask<Stream> OpenRangeAsync(InstanceRow instance, BulkLocation range, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(instance);
        if (!instance.TransferSyntax.IsDeflated)
        {
            return await store.OpenReadAsync(instance.DataSet.Slice(range.Offset, range.Length), cancellationToken);
        }

        Stream inflated = new DeflateStream(await store.OpenReadAsync(instance.DataSet, cancellationToken), CompressionMode.Decompress);
        try
        {
            byte[] skipped = new byte[16 * 1024];
            for (long left = range.Offset; left > 0;)
            {
                int part = (int)Math.Min(left, skipped.Length);
                await inflated.ReadExactlyAsync(skipped.AsMemory(0, part), cancellationToken);
                left -= part;
            }

            return new BoundedStream(inflated, range.Length);
        }
        catch
        {
            await inflated.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// The header of an instance, read from its file up to the pixel data, whose places come from the bulk map; what stands after
    /// the pixel data is left out. Bulk values are places in the data set, in the inflated one where the stored one is deflated.
    /// </summary>
    /// <exception cref="FileNotFoundException">The object is not in the store.</exception>
    public async ValueTask<ParseResult<DicomDataSet>> ReadHeaderAsync(InstanceRow instance, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(instance);
        DicomTag pixels = new(0x7FE0, 0x0000);
        using DicomStreamParser parser = new(instance.TransferSyntax, IngestService.HeaderOptions with { StopTag = pixels });
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            await using Stream stream = await OpenDataSetAsync(instance, cancellationToken);
            int count;
            do
            {
                count = await stream.ReadAsync(block.AsMemory(0, BlockSize), cancellationToken);
            }
            while (count > 0 && parser.Append(block.AsSpan(0, count)) is null && !parser.Stopped);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block, clearArray: true); // It held a patient's data.
        }

        ParseResult<DicomDataSet> header = parser.Complete();
        if (header.Ok && await ReadBulkMapAsync(instance.Identity.SopInstance, cancellationToken) is { } map)
        {
            foreach (BulkEntry entry in map.Entries)
            {
                if (DicomTag.TryParse(entry.Path, out DicomTag tag) && tag >= pixels)
                {
                    header.Value.Set(entry.ToElement(tag));
                }
            }
        }

        return header;
    }

    /// <summary>The bulk map of an instance; null when the instance is not known.</summary>
    public ValueTask<BulkMap?> ReadBulkMapAsync(DicomUid sopInstance, CancellationToken cancellationToken) => index.FindBulkMapAsync(sopInstance, cancellationToken);

    /// <summary>The DICOM JSON objects (UTF-8) of the instances of a study, series or instance, in order; streamed.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ListMetadataAsync(DicomUid study, DicomUid? series, DicomUid? sopInstance, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (ReadOnlyMemory<byte> compressed in index.ListMetadataAsync(study, series, sopInstance, cancellationToken))
        {
            yield return InstanceMetadata.Inflate(compressed);
        }
    }
}
