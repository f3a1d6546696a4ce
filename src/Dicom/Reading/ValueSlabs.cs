namespace MedicalAi.Dicom;

/// <summary>Copies of small values side by side in larger arrays, so that a data set of a thousand elements is not a thousand arrays.</summary>
internal sealed class ValueSlabs
{
    private const int SlabLength = 4096;
    private const int MaxSmallLength = 256;

    private byte[] _slab = [];
    private int _used;

    /// <summary>A copy of a value, which nobody else writes to.</summary>
    public Memory<byte> Copy(ReadOnlySpan<byte> value)
    {
        if (value.Length > MaxSmallLength)
        {
            return value.ToArray();
        }

        if (_slab.Length - _used < value.Length)
        {
            // Small data sets, of which there are many (commands, items of JSON), do not get a slab of full length.
            _slab = new byte[_slab.Length == 0 ? 512 : SlabLength];
            _used = 0;
        }

        Memory<byte> copy = _slab.AsMemory(_used, value.Length);
        value.CopyTo(copy.Span);

        // Numbers are kept on boundaries of 8 bytes, for what casts them to wider units.
        _used = Math.Min(_slab.Length, (_used + value.Length + 7) & ~7);
        return copy;
    }
}
