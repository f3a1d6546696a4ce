using CsCheck;

namespace MedicalAi.Dicom.Tests;

/// <summary>Random data sets that every encoding can hold: each tag with the VR that the dictionary gives it.</summary>
internal static class DataSetGen
{
    private static readonly Dictionary<Vr, DictionaryEntry[]> s_entries = DicomDictionary.Entries
        .Where(entry => entry.Tag.Group > 0x0006 && entry.Vrs == entry.Vr.ToString() && entry.Vr != Vr.None)
        .GroupBy(entry => entry.Vr)
        .ToDictionary(group => group.Key, group => group.ToArray());

    private static Gen<DicomElement> PrivateValue { get; } = Gen.Select(
        Gen.UShort[0x1000, 0x10FF],
        Gen.Byte.Array[0, 20],
        (element, bytes) => new DicomElement(new DicomTag(0x0099, element), Vr.UN, bytes));

    /// <summary>The VRs that occur.</summary>
    public static IReadOnlyCollection<Vr> Vrs => s_entries.Keys;

    public static Gen<TransferSyntax> PlainSyntax { get; } = Gen.OneOf(
        TransferSyntax.ImplicitVrLittleEndian,
        TransferSyntax.ExplicitVrLittleEndian,
        TransferSyntax.ExplicitVrBigEndian,
        TransferSyntax.DeflatedExplicitVrLittleEndian);

    /// <summary>Data sets with sequences within each other, private elements and values of every VR, odd lengths among them.</summary>
    public static Gen<DicomDataSet> DataSet { get; } = OfDepth(3);

    /// <summary>Encapsulated pixel data, with an offset table or without, and empty fragments.</summary>
    public static Gen<DicomFragments> Fragments { get; } = Gen.Select(
        Gen.Byte.Array[0, 4],
        Gen.Byte.Array[0, 33].Array[0, 5],
        (table, items) => new DicomFragments(new byte[table.Length / 2 * 4], [.. items.Select(item => new DicomFragment(item))]));

    private static Gen<DicomDataSet> OfDepth(int depth) => Element(depth).Array[0, 12].Select(elements =>
    {
        DicomDataSet dataSet = new();
        foreach (DicomElement element in elements)
        {
            dataSet.Set(element);
        }

        return dataSet;
    });

    private static Gen<DicomElement> Element(int depth)
    {
        Gen<DicomElement> value = Gen.OneOf(Gen.OneOf([.. s_entries.Keys.Where(vr => vr != Vr.SQ)]).SelectMany(Value), PrivateValue);
        return depth == 0 ? value : Gen.Frequency(
            (8, value),
            (1, Gen.Select(Gen.OneOf(s_entries[Vr.SQ]), OfDepth(depth - 1).Array[0, 3], (entry, items) => new DicomElement(entry.Tag, items))));
    }

    private static Gen<DicomElement> Value(Vr vr) => Gen.Select(Gen.OneOf(s_entries[vr]), Bytes(vr), (entry, bytes) => new DicomElement(entry.Tag, vr, bytes));

    private static Gen<byte[]> Bytes(Vr vr)
    {
        int unit = vr == Vr.AT ? 4 : vr.UnitSize();
        return vr.IsText()
            ? Gen.Char[' ', '~'].Array[0, 40].Select(chars => chars.Select(c => (byte)c).ToArray())
            : Gen.Int[0, 9].SelectMany(count => Gen.Byte.Array[count * unit]);
    }
}
