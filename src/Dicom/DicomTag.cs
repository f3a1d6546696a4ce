using System.Globalization;

namespace MedicalAi.Dicom;

/// <summary>
/// A data element tag (PS3.5 section 7.1): group and element number. Ordered as data elements are ordered in a data set.
/// <c>default</c> is (0000,0000).
/// </summary>
/// <param name="Group">The group number; odd groups are private.</param>
/// <param name="Element">The element number.</param>
public readonly record struct DicomTag(ushort Group, ushort Element) : IComparable<DicomTag>
{
    /// <summary>Group and element as one number, 0xGGGGEEEE.</summary>
    public uint Value => ((uint)Group << 16) | Element;

    /// <summary>Whether the tag belongs to a private group (PS3.5 section 7.8).</summary>
    public bool IsPrivate => (Group & 1) == 1;

    /// <summary>Whether the element reserves a block of private elements (PS3.5 section 7.8.1).</summary>
    public bool IsPrivateCreator => IsPrivate && Element is >= 0x10 and <= 0xFF;

    /// <summary>Whether the element is a group length (PS3.5 section 7.2).</summary>
    public bool IsGroupLength => Element == 0;

    /// <summary>Makes a tag from 0xGGGGEEEE.</summary>
    public static DicomTag FromValue(uint value) => new((ushort)(value >> 16), (ushort)value);

    /// <summary>
    /// Reads <c>00100010</c>, <c>(0010,0010)</c>, <c>0010,0010</c> or a keyword of the dictionary such as <c>PatientName</c>.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DicomTag tag)
    {
        ReadOnlySpan<char> digits = text;
        if (digits.Length >= 2 && digits[0] == '(' && digits[^1] == ')')
        {
            digits = digits[1..^1];
        }

        if (digits.Length == 9 && digits[4] == ',' && TryHex(digits[..4], out uint group) && TryHex(digits[5..], out uint element))
        {
            tag = new DicomTag((ushort)group, (ushort)element);
            return true;
        }

        if (digits.Length == 8 && TryHex(digits, out uint value))
        {
            tag = FromValue(value);
            return true;
        }

        if (DicomDictionary.Find(text) is { } entry)
        {
            tag = entry.Tag;
            return true;
        }

        tag = default;
        return false;
    }

    /// <summary>The form of DICOM JSON and DICOMweb: eight upper-case hexadecimal digits (PS3.18 F.2.2).</summary>
    public string ToHex() => Value.ToString("X8", CultureInfo.InvariantCulture);

    /// <summary>The form of the standard: <c>(0010,0010)</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"({Group:X4},{Element:X4})");

    /// <inheritdoc />
    public int CompareTo(DicomTag other) => Value.CompareTo(other.Value);

    /// <summary>Whether <paramref name="left"/> comes before <paramref name="right"/> in a data set.</summary>
    public static bool operator <(DicomTag left, DicomTag right) => left.Value < right.Value;

    /// <summary>Whether <paramref name="left"/> comes after <paramref name="right"/> in a data set.</summary>
    public static bool operator >(DicomTag left, DicomTag right) => left.Value > right.Value;

    /// <summary>Whether <paramref name="left"/> does not come after <paramref name="right"/>.</summary>
    public static bool operator <=(DicomTag left, DicomTag right) => left.Value <= right.Value;

    /// <summary>Whether <paramref name="left"/> does not come before <paramref name="right"/>.</summary>
    public static bool operator >=(DicomTag left, DicomTag right) => left.Value >= right.Value;

    private static bool TryHex(ReadOnlySpan<char> text, out uint value) =>
        uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
