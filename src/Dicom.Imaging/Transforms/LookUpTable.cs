using System.Buffers.Binary;
using System.Numerics;

namespace MedicalAi.Dicom.Imaging;

/// <summary>A table from whole numbers to whole numbers of up to 16 bits: Modality LUT, VOI LUT (PS3.3 C.11.1.1.1, C.11.2.1.1) or one colour of a palette (C.7.6.3.1.5).</summary>
public sealed class LookUpTable
{
    private const int MaxEntries = 65536;

    private readonly ushort[] _entries;

    private LookUpTable(ushort[] entries, int first, int bits)
    {
        _entries = entries;
        First = first;
        Bits = bits;
    }

    /// <summary>The input value that the first entry is for.</summary>
    public int First { get; }

    /// <summary>The bits of an entry: outputs are from 0 to 2^Bits - 1.</summary>
    public int Bits { get; }

    /// <summary>The number of entries: 1 to 65536.</summary>
    public int Count => _entries.Length;

    /// <summary>The largest output that the table's bits allow.</summary>
    public int Top => (1 << Bits) - 1;

    /// <summary>Reads a table.</summary>
    /// <param name="item">The data set that holds it.</param>
    /// <param name="descriptor">Where the number of entries, the first input value and the bits stand.</param>
    /// <param name="data">Where the entries stand.</param>
    /// <param name="isSigned">Whether inputs may be negative.</param>
    /// <returns>The table, or what is wrong with it. A table whose entries were left where they came from is an error: see <see cref="DeferredTable"/>.</returns>
    public static ParseResult<LookUpTable> Read(DicomDataSet item, DicomTag descriptor, DicomTag data, bool isSigned)
    {
        if (ReadDescriptor(item, descriptor, isSigned) is not { } described)
        {
            return Wrong(descriptor);
        }

        if (item.Find(data) is not { Bulk: null } element)
        {
            return Wrong(data);
        }

        ReadOnlySpan<byte> bytes = element.Value.Span;
        ushort[] entries = new ushort[described.Count];
        if (bytes.Length >= 2 * described.Count)
        {
            for (int i = 0; i < entries.Length; i++)
            {
                entries[i] = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]);
            }
        }
        else if (bytes.Length >= described.Count && described.Bits <= 8)
        {
            // Two entries of 8 bits in each word.
            for (int i = 0; i < entries.Length; i++)
            {
                entries[i] = bytes[i];
            }
        }
        else
        {
            return Wrong(data);
        }

        return Make(entries, described.First, described.Bits);
    }

    /// <summary>Reads a table of which runs are described, not written out (PS3.3 C.7.9.2).</summary>
    /// <param name="item">The data set that holds it.</param>
    /// <param name="descriptor">Where the number of entries, the first input value and the bits stand.</param>
    /// <param name="data">Where the segments stand.</param>
    /// <param name="isSigned">Whether inputs may be negative.</param>
    /// <returns>The table, or what is wrong with it.</returns>
    public static ParseResult<LookUpTable> ReadSegmented(DicomDataSet item, DicomTag descriptor, DicomTag data, bool isSigned)
    {
        if (ReadDescriptor(item, descriptor, isSigned) is not { } described)
        {
            return Wrong(descriptor);
        }

        if (item.Find(data) is not { Bulk: null } element)
        {
            return Wrong(data);
        }

        ushort[] entries = new ushort[described.Count];
        SegmentedTableReader reader = new(element.Value.Span, described.Bits <= 8 ? 1 : 2, entries);
        return reader.Run() ? Make(entries, described.First, described.Bits) : Wrong(data);
    }

    /// <summary>The output for an input; inputs outside the table get its first or last entry.</summary>
    public int Map(int value) => _entries[(int)Math.Clamp((long)value - First, 0, _entries.Length - 1)];

    /// <summary>Replaces values by the table's outputs; inputs are rounded to the nearest whole number.</summary>
    public void Apply(Span<float> values)
    {
        int last = _entries.Length - 1;
        foreach (ref float value in values)
        {
            value = _entries[(int)Math.Clamp(MathF.Round(value) - First, 0, last)];
        }
    }

    /// <summary>Reads the first value of a descriptor's data set that may be negative, and how many bits its table's entries have.</summary>
    private static (int Count, int First, int Bits)? ReadDescriptor(DicomDataSet item, DicomTag tag, bool isSigned)
    {
        ArgumentNullException.ThrowIfNull(item);
        if (item.Find(tag) is not { Value.Length: >= 6 } element)
        {
            return null;
        }

        ReadOnlySpan<byte> bytes = element.Value.Span;
        int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        int first = isSigned || element.Vr == Vr.SS ? BinaryPrimitives.ReadInt16LittleEndian(bytes[2..]) : BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        return bits is < 1 or > 16 ? null : (count == 0 ? MaxEntries : count, first, bits);
    }

    // Some devices write entries of 16 bits and name 8: the entries show how many bits there are.
    private static LookUpTable Make(ushort[] entries, int first, int bits)
    {
        int used = 32 - BitOperations.LeadingZeroCount(entries.Max());
        return new LookUpTable(entries, first, used > bits ? 16 : bits);
    }

    private static DicomError Wrong(DicomTag tag) => new(DicomErrorKind.InvalidLength, "A look-up table is missing, too short or was not read.", 0, tag);
}
