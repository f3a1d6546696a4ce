using System.Buffers.Binary;

namespace MedicalAi.Dicom;

/// <summary>The value of encapsulated pixel data (PS3.5 A.4): a basic offset table and the fragments.</summary>
/// <param name="offsetTable">The basic offset table as it stands: little-endian 32-bit offsets, or empty.</param>
/// <param name="items">The fragments in order, without the offset table.</param>
public sealed class DicomFragments(ReadOnlyMemory<byte> offsetTable, IReadOnlyList<DicomFragment> items)
{
    /// <summary>The basic offset table's bytes; empty when there is none.</summary>
    public ReadOnlyMemory<byte> OffsetTable { get; } = offsetTable;

    /// <summary>The fragments in order.</summary>
    public IReadOnlyList<DicomFragment> Items { get; } = items;

    /// <summary>The offsets of the frames' first items, from the first byte of the first fragment's item tag; empty when there is no table.</summary>
    public uint[] ReadOffsets()
    {
        uint[] offsets = new uint[OffsetTable.Length / 4];
        for (int i = 0; i < offsets.Length; i++)
        {
            offsets[i] = BinaryPrimitives.ReadUInt32LittleEndian(OffsetTable.Span[(i * 4)..]);
        }

        return offsets;
    }
}
