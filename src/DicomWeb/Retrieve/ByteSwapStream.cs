using MedicalAi.Dicom;

namespace MedicalAi.DicomWeb;

/// <summary>Big-endian units made little-endian, a part of them: pixel and bulk data are always sent little-endian (PS3.18 8.7.3.3).</summary>
/// <param name="inner">Whole units, as they are stored.</param>
/// <param name="unit">The bytes of a unit: 2, 4 or 8.</param>
/// <param name="skip">The bytes of the first unit, in the order they are sent, that are left out.</param>
/// <param name="length">The number of bytes sent.</param>
internal sealed class ByteSwapStream(Stream inner, int unit, int skip, long length) : FilterStream(inner)
{
    private readonly byte[] _block = new byte[16 * 1024];
    private int _position;
    private int _end;
    private int _skip = skip;
    private long _left = length;

    /// <inheritdoc />
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0 || buffer.IsEmpty)
        {
            return 0;
        }

        if (_position == _end)
        {
            int wanted = (int)Math.Min(_block.Length, (_left + _skip + unit - 1) / unit * unit);
            _end = await Inner.ReadAtLeastAsync(_block.AsMemory(0, wanted), wanted, throwOnEndOfStream: false, cancellationToken);
            if (_end <= _skip)
            {
                throw new EndOfStreamException("The value is shorter than the range that was asked for.");
            }

            // A last unit that is not whole stands in a damaged value only; its bytes are left as they are.
            ByteOrder.Reverse(_block.AsSpan(0, _end), unit);

            _position = _skip;
            _skip = 0;
        }

        int count = (int)Math.Min(Math.Min(buffer.Length, _end - _position), _left);
        _block.AsMemory(_position, count).CopyTo(buffer);
        _position += count;
        _left -= count;
        return count;
    }
}
