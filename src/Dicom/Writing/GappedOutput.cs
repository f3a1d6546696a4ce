using System.Buffers;

namespace MedicalAi.Dicom;

/// <summary>What is written of a data set some values of which were left where they came from: the rest, and where those belong in it.</summary>
internal sealed class GappedOutput : IBufferWriter<byte>
{
    private const int BlockLength = 128 * 1024;

    private readonly ArrayBufferWriter<byte> _written = new();
    private readonly List<(int At, BulkLocation Value)> _gaps = [];

    /// <summary>Leaves room for a value.</summary>
    public void Leave(BulkLocation value) => _gaps.Add((_written.WrittenCount, value));

    /// <inheritdoc />
    public void Advance(int count) => _written.Advance(count);

    /// <inheritdoc />
    public Memory<byte> GetMemory(int sizeHint = 0) => _written.GetMemory(sizeHint);

    /// <inheritdoc />
    public Span<byte> GetSpan(int sizeHint = 0) => _written.GetSpan(sizeHint);

    /// <summary>Writes all of it, the values that were left included.</summary>
    /// <param name="source">Where they were left.</param>
    /// <param name="origin">Where in it the data set begins in which their places count.</param>
    /// <param name="output">Where it goes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The source cannot be read or ends early, or the output cannot be written.</exception>
    public async Task CopyToAsync(Stream source, long origin, Stream output, CancellationToken cancellationToken)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockLength);
        try
        {
            int done = 0;
            foreach ((int at, BulkLocation value) in _gaps)
            {
                await output.WriteAsync(_written.WrittenMemory[done..at], cancellationToken);
                done = at;
                source.Position = origin + value.Offset;
                for (long left = value.Length; left > 0;)
                {
                    int count = (int)Math.Min(left, block.Length);
                    await source.ReadExactlyAsync(block.AsMemory(0, count), cancellationToken);
                    await output.WriteAsync(block.AsMemory(0, count), cancellationToken);
                    left -= count;
                }
            }

            await output.WriteAsync(_written.WrittenMemory[done..], cancellationToken);
        }
        finally
        {
            // Cleared, for it held a patient's data.
            ArrayPool<byte>.Shared.Return(block, clearArray: true);
        }
    }
}
