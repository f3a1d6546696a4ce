using System.Buffers.Binary;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>Where a bulk value of an instance stands.</summary>
/// <param name="Path">Hex tags and item numbers joined by <c>/</c>, for example <c>7FE00010</c> or <c>52009229/0/00282112</c>.</param>
/// <param name="Vr">The value representation.</param>
/// <param name="Location">The value's bytes in the data set; for encapsulated pixel data the whole of its fragments, item headers included.</param>
/// <param name="Fragments">The fragments of encapsulated pixel data in order, without the offset table; null for native values.</param>
/// <param name="OffsetTable">The basic offset table of encapsulated pixel data: offsets from the first fragment's item tag; empty when there is none.</param>
public sealed record BulkEntry(string Path, Vr Vr, BulkLocation Location, IReadOnlyList<BulkLocation>? Fragments, IReadOnlyList<long> OffsetTable)
{
    /// <summary>The value as an element that was left where it is.</summary>
    internal DicomElement ToElement(DicomTag tag)
    {
        if (Fragments is null)
        {
            return new DicomElement(tag, Vr, Location);
        }

        byte[] table = new byte[OffsetTable.Count * 4];
        for (int i = 0; i < OffsetTable.Count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(i * 4), (uint)OffsetTable[i]);
        }

        return new DicomElement(tag, Vr, new DicomFragments(table, [.. Fragments.Select(place => new DicomFragment(place, default))]));
    }
}
