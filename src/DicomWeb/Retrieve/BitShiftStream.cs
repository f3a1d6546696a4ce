namespace MedicalAi.DicomWeb;

/// <summary>
/// A frame of 1-bit pixels that begins within a byte, moved to begin on one. Frames follow each other without padding, the first
/// pixel in the lowest bit (PS3.5 section 8.1.1).
/// </summary>
/// <param name="inner">The bytes that hold the frame.</param>
/// <param name="firstBit">The first bit of the frame in them: 0 to 7.</param>
/// <param name="bits">The bits of the frame.</param>
internal sealed class BitShiftStream(Stream inner, int firstBit, long bits) : FilterStream(inner)
{
    private readonly byte[] _block = new byte[16 * 1024];
    private int _kept;
    private long _left = bits;

    /// <inheritdoc />
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = (int)Math.Min(Math.Min(buffer.Length, _block.Length - 1), (_left + 7) / 8);
        if (count == 0)
        {
            return 0;
        }

        // The bytes of this block, and as many bits of the next byte as the shift takes.
        int bytes = (int)((firstBit + Math.Min(_left, count * 8L) + 7) / 8);
        await Inner.ReadExactlyAsync(_block.AsMemory(_kept, bytes - _kept), cancellationToken);
        if (bytes == count)
        {
            _block[bytes] = 0;
        }

        Shift(buffer.Span[..count]);
        _left -= Math.Min(_left, count * 8L);
        if (bytes > count)
        {
            _block[0] = _block[count];
        }

        _kept = bytes - count;
        return count;
    }

    private void Shift(Span<byte> target)
    {
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = (byte)((_block[i] | (_block[i + 1] << 8)) >> firstBit);
        }

        // What follows the last pixel is the next frame's.
        int rest = (int)Math.Min(_left - ((target.Length - 1) * 8L), 8);
        target[^1] &= (byte)((1 << rest) - 1);
    }
}
