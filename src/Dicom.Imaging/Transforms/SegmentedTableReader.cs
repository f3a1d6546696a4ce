using System.Buffers.Binary;

namespace MedicalAi.Dicom.Imaging;

/// <summary>Writes out a segmented look-up table (PS3.3 C.7.9.2): runs of values, lines between values, and runs that are used again.</summary>
/// <param name="data">The segments.</param>
/// <param name="unit">The bytes of one value: 1 or 2.</param>
/// <param name="entries">Takes the entries.</param>
internal ref struct SegmentedTableReader(ReadOnlySpan<byte> data, int unit, Span<ushort> entries)
{
    // Segments that give nothing could be named again and again.
    private const int MaxSteps = 4 * 65536;

    private readonly ReadOnlySpan<byte> _data = data;
    private readonly Span<ushort> _entries = entries;
    private int _written;
    private int _steps;

    /// <summary>Writes all the entries.</summary>
    /// <returns>Whether the segments gave as many as there must be.</returns>
    public bool Run()
    {
        int place = 0;
        while (_written < _entries.Length && place + (2 * unit) <= _data.Length)
        {
            if (!Step(ref place, isIndirect: false))
            {
                return false;
            }
        }

        return _written == _entries.Length;
    }

    private bool Step(ref int place, bool isIndirect)
    {
        if (_steps++ == MaxSteps || Next(ref place) is not { } kind || Next(ref place) is not { } count)
        {
            return false;
        }

        return kind switch
        {
            0 => Copy(ref place, count),
            1 => Interpolate(ref place, count),
            2 when !isIndirect => Repeat(ref place, count),
            _ => false,
        };
    }

    private bool Copy(ref int place, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (Next(ref place) is not { } value || !Add(value))
            {
                return false;
            }
        }

        return true;
    }

    private bool Interpolate(ref int place, int count)
    {
        if (_written == 0 || Next(ref place) is not { } end)
        {
            return false;
        }

        int begin = _entries[_written - 1];
        for (int i = 1; i <= count; i++)
        {
            if (!Add((ushort)Math.Round(begin + ((end - begin) * (double)i / count))))
            {
                return false;
            }
        }

        return true;
    }

    // A segment that names others stands for them; those may not name others in turn, so this ends.
    private bool Repeat(ref int place, int count)
    {
        if (Next(ref place) is not { } low || Next(ref place) is not { } high)
        {
            return false;
        }

        long target = low | ((long)high << (8 * unit));
        if (target > _data.Length)
        {
            return false;
        }

        int from = (int)target;
        for (int i = 0; i < count; i++)
        {
            if (!Step(ref from, isIndirect: true))
            {
                return false;
            }
        }

        return true;
    }

    private bool Add(ushort value)
    {
        if (_written == _entries.Length)
        {
            return false;
        }

        _entries[_written++] = value;
        return true;
    }

    private readonly ushort? Next(ref int place)
    {
        if (place + unit > _data.Length)
        {
            return null;
        }

        ushort value = unit == 1 ? _data[place] : BinaryPrimitives.ReadUInt16LittleEndian(_data[place..]);
        place += unit;
        return value;
    }
}
