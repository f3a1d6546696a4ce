using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace MedicalAi.Dicom;

public sealed partial class DicomDataSet
{
    /// <summary>The bytes of a value, little-endian; empty when absent or when the value is not bytes in memory.</summary>
    public ReadOnlyMemory<byte> GetBytes(DicomTag tag) => Find(tag)?.Value ?? default;

    /// <summary>
    /// One value as characters, without the padding of its VR; null when absent or empty. Values of ST, LT, UT and UR are
    /// single (PS3.5 section 6.4). Numbers are written out in the invariant culture.
    /// </summary>
    public string? GetString(DicomTag tag, int index = 0)
    {
        string[] values = GetStrings(tag);
        return index >= 0 && index < values.Length && values[index].Length > 0 ? values[index] : null;
    }

    /// <summary>All values as characters; empty when absent, an empty string for an empty value between others.</summary>
    public string[] GetStrings(DicomTag tag) => Find(tag) is { } element ? GetStrings(element) : [];

    /// <summary>All values of an element as characters, be it one of this data set or text that would stand in its place.</summary>
    internal string[] GetStrings(DicomElement element)
    {
        if (element.Value.IsEmpty)
        {
            return [];
        }

        Vr vr = Meant(element);
        if (!vr.IsText() && vr != Vr.UN)
        {
            return NumbersAsText(element, vr);
        }

        string text = vr.UsesCharacterSet() || vr == Vr.UN
            ? CharacterSet.Decode(element.Value.Span, vr == Vr.UN ? Vr.LO : vr)
            : Encoding.Latin1.GetString(element.Value.Span);
        return ElementText.Split(text, vr == Vr.UN ? Vr.LO : vr);
    }

    /// <summary>One value as a UID; null when absent or not valid.</summary>
    public DicomUid? GetUid(DicomTag tag, int index = 0) =>
        GetString(tag, index) is { } text && DicomUid.TryParse(text, out DicomUid uid) ? uid : null;

    /// <summary>One value as a person's name; null when absent or empty.</summary>
    public PersonName? GetPersonName(DicomTag tag, int index = 0) => GetString(tag, index) is { } text ? PersonName.Parse(text) : null;

    /// <summary>One value as a whole number (IS, DS without a fraction, and all binary integers); null when absent or unreadable.</summary>
    public long? GetInt64(DicomTag tag, int index = 0)
    {
        if (Find(tag) is not { Value.IsEmpty: false } element || index < 0)
        {
            return null;
        }

        Vr vr = Meant(element);
        if (vr.IsText())
        {
            string? text = GetString(tag, index);
            if (long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out long whole))
            {
                return whole;
            }

            return GetDouble(tag, index) is { } number && number == Math.Truncate(number) && Math.Abs(number) < 1L << 53 ? (long)number : null;
        }

        ReadOnlySpan<byte> value = element.Value.Span;
        int size = vr.UnitSize();
        if ((index + 1L) * size > value.Length)
        {
            return null;
        }

        ReadOnlySpan<byte> unit = value.Slice(index * size, size);
        return vr switch
        {
            Vr.US or Vr.OW or Vr.AT => BinaryPrimitives.ReadUInt16LittleEndian(unit),
            Vr.SS => BinaryPrimitives.ReadInt16LittleEndian(unit),
            Vr.UL or Vr.OL => BinaryPrimitives.ReadUInt32LittleEndian(unit),
            Vr.SL => BinaryPrimitives.ReadInt32LittleEndian(unit),
            Vr.SV => BinaryPrimitives.ReadInt64LittleEndian(unit),
            Vr.UV or Vr.OV => BinaryPrimitives.ReadUInt64LittleEndian(unit) is var big && big <= long.MaxValue ? (long)big : null,
            Vr.OB => unit[0],
            _ => null,
        };
    }

    /// <summary>One value as a whole number of 32 bits; null when absent, unreadable or out of range.</summary>
    public int? GetInt32(DicomTag tag, int index = 0) => GetInt64(tag, index) is { } value and >= int.MinValue and <= int.MaxValue ? (int)value : null;

    /// <summary>One value as a number (DS, IS and all binary numbers); null when absent or unreadable.</summary>
    public double? GetDouble(DicomTag tag, int index = 0)
    {
        if (Find(tag) is not { Value.IsEmpty: false } element || index < 0)
        {
            return null;
        }

        Vr vr = Meant(element);
        if (vr.IsText())
        {
            return ParseNumber(GetString(tag, index));
        }

        int size = vr.UnitSize();
        ReadOnlySpan<byte> value = element.Value.Span;
        if (vr is Vr.FL or Vr.OF or Vr.FD or Vr.OD)
        {
            if ((index + 1L) * size > value.Length)
            {
                return null;
            }

            ReadOnlySpan<byte> unit = value.Slice(index * size, size);
            return size == 4 ? BinaryPrimitives.ReadSingleLittleEndian(unit) : BinaryPrimitives.ReadDoubleLittleEndian(unit);
        }

        return vr == Vr.UV && (index + 1L) * size <= value.Length
            ? BinaryPrimitives.ReadUInt64LittleEndian(value[(index * size)..])
            : GetInt64(tag, index);
    }

    /// <summary>
    /// One value as the very number that its characters say (DS, IS), or a binary integer; null when absent or unreadable, and when a
    /// <see cref="decimal"/> does not hold it exactly.
    /// </summary>
    public decimal? GetDecimal(DicomTag tag, int index = 0)
    {
        if (Find(tag) is not { } element || !Meant(element).IsText())
        {
            return GetInt64(tag, index);
        }

        return DecimalString.TryParse(GetString(tag, index), out decimal number) ? number : null;
    }

    /// <summary>All values as numbers; empty when absent or when one of them cannot be read.</summary>
    public double[] GetDoubles(DicomTag tag)
    {
        // Characters are split once, not once for every value.
        string[]? texts = Find(tag) is { } element && Meant(element).IsText() ? GetStrings(tag) : null;
        double[] values = new double[texts?.Length ?? CountValues(tag)];
        for (int i = 0; i < values.Length; i++)
        {
            if ((texts is null ? GetDouble(tag, i) : ParseNumber(texts[i])) is not { } value)
            {
                return [];
            }

            values[i] = value;
        }

        return values;
    }

    /// <summary>All values as UIDs, those that are not valid left out.</summary>
    public IReadOnlyList<DicomUid> GetUids(DicomTag tag)
    {
        List<DicomUid> uids = [];
        foreach (string text in GetStrings(tag))
        {
            if (DicomUid.TryParse(text, out DicomUid uid))
            {
                uids.Add(uid);
            }
        }

        return uids;
    }

    /// <summary>The number of values: 1 for each value between backslashes or for each binary number; 0 when absent or empty.</summary>
    public int CountValues(DicomTag tag)
    {
        if (Find(tag) is not { Value.IsEmpty: false } element)
        {
            return 0;
        }

        Vr vr = Meant(element);
        return vr.IsText() ? GetStrings(tag).Length : element.Value.Length / (vr == Vr.AT ? 4 : vr.UnitSize());
    }

    /// <summary>
    /// The items of a sequence; none when it is absent or empty. Of UN that holds items, which are in implicit VR little endian
    /// (PS3.5 section 6.2.2), they are read anew each time: what is done to them is not kept.
    /// </summary>
    public IReadOnlyList<DicomDataSet> GetItems(DicomTag tag) =>
        Find(tag) is not { } element ? [] : element.Items ?? (element.Vr == Vr.UN ? ReadItems(element) ?? [] : []);

    /// <summary>One value of an attribute tag (VR AT); null when absent.</summary>
    public DicomTag? GetTag(DicomTag tag, int index = 0)
    {
        ReadOnlySpan<byte> value = GetBytes(tag).Span;
        return index >= 0 && (index + 1L) * 4 <= value.Length
            ? new DicomTag(BinaryPrimitives.ReadUInt16LittleEndian(value[(index * 4)..]), BinaryPrimitives.ReadUInt16LittleEndian(value[((index * 4) + 2)..]))
            : null;
    }

    /// <summary>What is known of an element of this data set: by the data dictionary, or of a private one by its creator; null when nothing is.</summary>
    public DictionaryEntry? FindEntry(DicomTag tag) =>
        DicomDictionary.Find(tag) ?? (tag.IsPrivate ? FindCreator(tag)?.Find(tag) : null);

    /// <summary>
    /// The VR to decode a value by. Where a sender has made UN of an element that it did not know, the dictionary may still know it, or
    /// the table of its private creator (PS3.5 section 6.2.2). Sequences, places and numbers of a length that they cannot have stay UN.
    /// </summary>
    internal Vr Meant(DicomElement element)
    {
        if (element.Vr is not (Vr.UN or Vr.None) || element.IsElsewhere)
        {
            return element.Vr;
        }

        Vr vr = FindVr(element);
        return vr is Vr.SQ or Vr.None || (!vr.IsText() && element.Value.Length % (vr == Vr.AT ? 4 : vr.UnitSize()) != 0) ? Vr.UN : vr;
    }

    /// <summary>The items of a sequence, also of one that came as UN and is known to be one; null for every other element.</summary>
    internal IReadOnlyList<DicomDataSet>? FindItems(DicomElement element) =>
        element.Items ?? (element is { Vr: Vr.UN, IsElsewhere: false } && FindVr(element) == Vr.SQ ? ReadItems(element) : null);

    /// <summary>What is known of the creator in whose block a private element is; null when it names none, or an unknown one.</summary>
    internal PrivateCreator? FindCreator(DicomTag tag)
    {
        DicomTag creator = new(tag.Group, (ushort)(tag.Element >> 8));
        return creator.IsPrivateCreator && Find(creator) is { } element ? PrivateDictionary.Find(element.Value.Span) : null;
    }

    private Vr FindVr(DicomElement element)
    {
        Vr vr = DicomDictionary.FindVr(element.Tag);
        return vr != Vr.UN ? VrResolver.Choose(this, element.Tag, vr) ?? vr
            : FindCreator(element.Tag) is { } creator ? creator.FindVr(element.Tag, element.Value.Length)
            : vr;
    }

    private IReadOnlyList<DicomDataSet>? ReadItems(DicomElement element) => new DataSetBuilder(DicomReadOptions.Default, this).ReadItems(element.Tag, element.Value);

    private static double? ParseNumber(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;

    private string[] NumbersAsText(DicomElement element, Vr vr)
    {
        int count = vr.IsBulk() ? 0 : CountValues(element.Tag);
        string[] values = new string[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = vr switch
            {
                Vr.AT => GetTag(element.Tag, i)!.Value.ToHex(),
                Vr.FL => ((float)GetDouble(element.Tag, i)!.Value).ToString("R", CultureInfo.InvariantCulture),
                Vr.FD => GetDouble(element.Tag, i)!.Value.ToString("R", CultureInfo.InvariantCulture),
                Vr.UV => BinaryPrimitives.ReadUInt64LittleEndian(element.Value.Span[(i * 8)..]).ToString(CultureInfo.InvariantCulture),
                _ => GetInt64(element.Tag, i)?.ToString(CultureInfo.InvariantCulture) ?? "",
            };
        }

        return values;
    }
}
