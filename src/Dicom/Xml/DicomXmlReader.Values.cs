using System.Globalization;
using System.Text;
using System.Xml;

namespace MedicalAi.Dicom;

internal sealed partial class DicomXmlReader
{
    // No document in memory needs more for one value; the buffer of characters doubles.
    private const int MaxTextLength = 1 << 29;

    // A value of up to 64 KiB, which is what most text can have, holds no more empty values: a number costs no more than that.
    private const int MaxMissing = 64 * 1024;

    private static readonly string[] s_nameComponents = ["FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix"];

    private char[] _text = new char[256];
    private int _length;
    private int _missing;

    /// <summary>The element of an attribute; null after an error.</summary>
    private DicomElement? Content(DicomDataSet dataSet, DicomTag tag, Vr vr)
    {
        DicomElement? element = null;
        List<DicomDataSet> items = [];
        _value.ResetWrittenCount();
        int number = 0;
        int depth = _xml.Depth;
        while (NextChild(depth))
        {
            switch (Name())
            {
                case null:
                    Skip();
                    break;
                case "Value" when vr != Vr.SQ:
                    Value(tag, vr, ref number);
                    break;
                case "PersonName" when vr == Vr.PN:
                    if (Number(tag, vr, ref number))
                    {
                        PersonName(tag);
                    }

                    break;
                case "Item" when vr == Vr.SQ:
                    Item(dataSet, tag, items, ref number);
                    break;
                case "InlineBinary" when vr != Vr.SQ:
                    element = InlineBinary(tag, vr);
                    break;
                case "BulkData":
                    element = BulkData(tag, vr);
                    break;
                default:
                    Fail("An element that an attribute of this value representation cannot have.", tag);
                    break;
            }
        }

        return _error is not null ? null
            : element ?? (vr == Vr.SQ ? new DicomElement(tag, items) : new DicomElement(tag, vr, _value.WrittenSpan.ToArray()));
    }

    private void Item(DicomDataSet dataSet, DicomTag tag, List<DicomDataSet> items, ref int number)
    {
        if (Number(tag, Vr.SQ, ref number) && Count() && DataSet(dataSet) is { } item)
        {
            items.Add(item);
        }
    }

    /// <summary>Takes the number of a value or item, which is the next one if it is not given, and appends empty values for those that were passed over.</summary>
    private bool Number(DicomTag tag, Vr vr, ref int last)
    {
        int number = last + 1;
        if (_xml.GetAttribute("number") is { } text
            && (!int.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out number) || number <= last))
        {
            return Fail("Values and items have numbers that rise from 1.", tag);
        }

        int missing = number - last - 1;
        if (missing > 0 && !vr.IsText())
        {
            return Fail("An item or a binary number is left out.", tag);
        }

        _missing += missing;
        if (missing > MaxMissing || _missing > MaxMissing)
        {
            return Fail("More values left out than the limit.", tag, DicomErrorKind.TooLarge);
        }

        if (vr.IsText())
        {
            // A separator for each value before this one.
            int separators = missing + (last > 0 ? 1 : 0);
            _value.GetSpan(separators + 1)[..separators].Fill((byte)'\\');
            _value.Advance(separators);
        }

        last = number;
        return true;
    }

    private void Value(DicomTag tag, Vr vr, ref int number)
    {
        if (!Number(tag, vr, ref number) || !Text(tag))
        {
            return;
        }

        if (vr.IsText())
        {
            Append(vr, _text.AsSpan(0, _length));
        }
        else
        {
            BinaryNumber(tag, vr);
        }
    }

    private void BinaryNumber(DicomTag tag, Vr vr)
    {
        Span<byte> digits = stackalloc byte[DicomJsonReader.MaxNumberLength];
        ReadOnlySpan<char> text = _text.AsSpan(0, _length).Trim();
        int unit = vr == Vr.AT ? 4 : vr.UnitSize();
        if (text.Length <= digits.Length
            && Ascii.FromUtf16(text, digits, out int length) == System.Buffers.OperationStatus.Done
            && DicomJsonReader.TryWrite(_value.GetSpan(unit), vr, digits[..length]))
        {
            _value.Advance(unit);
        }
        else
        {
            Fail("A value is no number of its value representation.", tag);
        }
    }

    private void PersonName(DicomTag tag)
    {
        PersonName name = new("");
        int depth = _xml.Depth;
        while (NextChild(depth))
        {
            switch (Name())
            {
                case null:
                    Skip();
                    break;
                case "Alphabetic":
                    name = name with { Alphabetic = ComponentGroup(tag) };
                    break;
                case "Ideographic":
                    name = name with { Ideographic = ComponentGroup(tag) };
                    break;
                case "Phonetic":
                    name = name with { Phonetic = ComponentGroup(tag) };
                    break;
                default:
                    Fail("A name has an alphabetic, an ideographic and a phonetic group.", tag);
                    break;
            }
        }

        Append(Vr.PN, name.ToString());
    }

    private string ComponentGroup(DicomTag tag)
    {
        string[] components = ["", "", "", "", ""];
        int depth = _xml.Depth;
        while (NextChild(depth))
        {
            if (Name() is not { } name)
            {
                Skip();
            }
            else if (Array.IndexOf(s_nameComponents, name) is var index && index < 0)
            {
                Fail("A component of a name that the standard does not have.", tag);
            }
            else if (Text(tag))
            {
                components[index] = new string(_text, 0, _length);
            }
        }

        return string.Join('^', components).TrimEnd('^');
    }

    /// <summary>A reference by URI or, as applications that host each other use it, by UUID, which is written as a URN (RFC 9562 section 4).</summary>
    private DicomElement? BulkData(DicomTag tag, Vr vr)
    {
        string? uri = _xml.GetAttribute("uri") ?? (_xml.GetAttribute("uuid") is { } uuid ? DicomXml.UuidNamespace + uuid : null);
        Skip();
        if (uri is null)
        {
            Fail("BulkData has a uri or a uuid.", tag);
            return null;
        }

        return new DicomElement(tag, vr, uri);
    }

    private DicomElement? InlineBinary(DicomTag tag, Vr vr)
    {
        if (!Text(tag))
        {
            return null;
        }

        byte[] bytes = new byte[(_length / 4 * 3) + 3];
        if (Convert.TryFromBase64Chars(_text.AsSpan(0, _length), bytes, out int length))
        {
            if (_hasBigEndianWords)
            {
                ByteOrder.Reverse(bytes.AsSpan(0, length), vr.UnitSize());
            }

            return new DicomElement(tag, vr, bytes.AsMemory(0, length));
        }

        Fail("InlineBinary is Base64.", tag);
        return null;
    }

    /// <summary>Takes the text of an element, in which no others may stand.</summary>
    private bool Text(DicomTag tag)
    {
        _length = 0;
        if (_xml.IsEmptyElement)
        {
            return true;
        }

        while (_xml.Read() && _xml.NodeType != XmlNodeType.EndElement)
        {
            if (_xml.NodeType == XmlNodeType.Element)
            {
                return Fail("An element stands where text must.", tag);
            }

            for (int read; (read = _xml.ReadValueChunk(_text, _length, _text.Length - _length)) > 0;)
            {
                _length += read;
                if (_length == _text.Length)
                {
                    if (_length >= MaxTextLength)
                    {
                        return Fail("A value is longer than the limit.", tag, DicomErrorKind.TooLarge);
                    }

                    Array.Resize(ref _text, 2 * _length);
                }
            }
        }

        return true;
    }

    private void Append(Vr vr, ReadOnlySpan<char> text)
    {
        Encoding encoding = Encoding.UTF8;
        if (!Ascii.IsValid(text))
        {
            _hasUnicode |= vr.UsesCharacterSet();
            encoding = vr.UsesCharacterSet() ? Encoding.UTF8 : Encoding.Latin1;
        }

        _value.Advance(encoding.GetBytes(text, _value.GetSpan(encoding.GetMaxByteCount(text.Length))));
    }
}
