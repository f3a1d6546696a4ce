using MedicalAi.Archive;
using MedicalAi.Dicom;

namespace MedicalAi.DicomWeb;

/// <summary>Several ranges of a data set, one after another: the fragments of a frame.</summary>
/// <param name="reader">Reads the archive.</param>
/// <param name="row">The instance.</param>
/// <param name="ranges">The ranges.</param>
internal sealed class RangesStream(ArchiveReader reader, InstanceRow row, IReadOnlyList<BulkLocation> ranges) : FilterStream(Null)
{
    private Stream? _current;
    private int _next;

    /// <inheritdoc />
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            if (_current is not null)
            {
                int read = await _current.ReadAsync(buffer, cancellationToken);
                if (read > 0)
                {
                    return read;
                }

                await _current.DisposeAsync();
                _current = null;
            }

            if (_next == ranges.Count)
            {
                return 0;
            }

            _current = await reader.OpenRangeAsync(row, ranges[_next], cancellationToken);
            _next++;
        }

        return 0;
    }

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        if (_current is not null)
        {
            await _current.DisposeAsync();
        }

        await base.DisposeAsync();
    }
}
