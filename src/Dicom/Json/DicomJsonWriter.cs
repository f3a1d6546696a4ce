using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MedicalAi.Dicom;

/// <summary>Writes data sets by the rules of PS3.18 F.2.</summary>
internal sealed partial class DicomJsonWriter(Utf8JsonWriter writer, Func<string, DicomElement, string?>? bulkUri)
{
    // Whole numbers over this are no longer told apart by readers that hold all numbers as doubles (RFC 8259 section 6).
    private const long MaxExact = 1L << 53;
    private const int ExactDigits = 15;
    private const byte Escape = 0x1B;

    // A writer on a stream keeps everything until it is flushed.
    private const int FlushAt = 16 * 1024;

    // Longer values are written in pieces; the framework takes none of over some 120 MB at once. A multiple of 3, so that no piece leaves a rest.
    private const int PieceLength = 12 * 1024;

    private static readonly JsonEncodedText s_vr = JsonEncodedText.Encode("vr");
    private static readonly JsonEncodedText s_value = JsonEncodedText.Encode("Value");
    private static readonly JsonEncodedText s_alphabetic = JsonEncodedText.Encode("Alphabetic");
    private static readonly JsonEncodedText s_ideographic = JsonEncodedText.Encode("Ideographic");
    private static readonly JsonEncodedText s_phonetic = JsonEncodedText.Encode("Phonetic");

    public void WriteDataSet(DicomDataSet dataSet, string path)
    {
        writer.WriteStartObject();
        foreach (DicomElement element in dataSet)
        {
            if (DicomJson.IsOfModel(element.Tag))
            {
                WriteElement(dataSet, element, path);
                FlushWhenFull();
            }
        }

        writer.WriteEndObject();
    }

    private void WriteElement(DicomDataSet dataSet, DicomElement element, string path)
    {
        Span<char> name = stackalloc char[8];
        element.Tag.Value.TryFormat(name, out _, "X8", CultureInfo.InvariantCulture);

        // What is known of UN is written as what it is: its text has to become UTF-8, for the model says that all of it is.
        IReadOnlyList<DicomDataSet>? items = dataSet.FindItems(element);
        Vr vr = element.Tag == DicomTags.SpecificCharacterSet ? Vr.CS : items is not null ? Vr.SQ : dataSet.Meant(element);
        if (items is null && TryWriteShort(element, vr))
        {
            return;
        }

        Span<char> letters = [(char)((int)vr >> 8), (char)((int)vr & 0xFF)];
        writer.WriteStartObject(name);
        writer.WriteString(s_vr, letters);
        if (element.Tag == DicomTags.SpecificCharacterSet)
        {
            // All of JSON is UTF-8, and so it says (PS3.18 F.2.2).
            writer.WriteStartArray(s_value);
            writer.WriteStringValue("ISO_IR 192"u8);
            writer.WriteEndArray();
        }
        else if (items is not null)
        {
            WriteItems(items, name, path);
        }
        else if (!element.IsEmpty)
        {
            if (vr.IsBulk() || element.Fragments is not null || element.IsElsewhere)
            {
                WriteBytes(element, name, path);
            }
            else if (vr.IsText())
            {
                WriteTexts(dataSet, element, vr);
            }
            else
            {
                WriteNumbers(element, vr);
            }
        }

        writer.WriteEndObject();
    }

    private void WriteItems(IReadOnlyList<DicomDataSet> items, ReadOnlySpan<char> name, string path)
    {
        if (items.Count == 0)
        {
            return;
        }

        writer.WriteStartArray(s_value);
        for (int i = 0; i < items.Count; i++)
        {
            WriteDataSet(items[i], bulkUri is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{path}{name}/{i}/"));
        }

        writer.WriteEndArray();
    }

    private void WriteBytes(DicomElement element, ReadOnlySpan<char> name, string path)
    {
        ReadOnlySpan<byte> value = element.Value.Span;
        if ((bulkUri?.Invoke(string.Concat(path, name), element) ?? element.BulkDataUri) is { } uri)
        {
            writer.WriteString("BulkDataURI"u8, uri);
        }
        else if (value.Length > PieceLength)
        {
            writer.WritePropertyName("InlineBinary"u8);
            for (; value.Length > PieceLength; value = value[PieceLength..])
            {
                writer.WriteBase64StringSegment(value[..PieceLength], isFinalSegment: false);
                FlushWhenFull();
            }

            writer.WriteBase64StringSegment(value, isFinalSegment: true);
        }
        else if (!value.IsEmpty)
        {
            writer.WriteBase64String("InlineBinary"u8, value);
        }
    }

    private void FlushWhenFull()
    {
        if (writer.BytesPending >= FlushAt)
        {
            writer.Flush();
        }
    }

    private void WriteTexts(DicomDataSet dataSet, DicomElement element, Vr vr)
    {
        ReadOnlySpan<byte> text = element.Value.Span;
        if (!Ascii.IsValid(text) || text.Contains(Escape))
        {
            // Encoding replaces halves of surrogate pairs, which UTF-8 cannot hold.
            text = Encoding.UTF8.GetBytes(vr.UsesCharacterSet() ? dataSet.CharacterSet.Decode(text, vr) : Encoding.Latin1.GetString(text));
        }

        int end = vr.IsMultiValuedText() ? text.IndexOf((byte)'\\') : -1;
        if (end < 0 && Trim(text, vr).IsEmpty)
        {
            return; // Padding alone is no value.
        }

        writer.WriteStartArray(s_value);
        for (; end >= 0; end = text.IndexOf((byte)'\\'))
        {
            WriteText(vr, Trim(text[..end], vr));
            text = text[(end + 1)..];
        }

        WriteText(vr, Trim(text, vr));
        writer.WriteEndArray();
    }

    // As ElementText.Trim does with characters.
    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> value, Vr vr)
    {
        ReadOnlySpan<byte> end = value.TrimEnd(" \0"u8);
        return vr is Vr.LT or Vr.ST or Vr.UT or Vr.UC or Vr.UR ? end : end.TrimStart((byte)' ');
    }

    private void WriteText(Vr vr, ReadOnlySpan<byte> value)
    {
        Span<byte> number = stackalloc byte[JsonNumber.MaxLength];
        if (value.IsEmpty)
        {
            writer.WriteNullValue();
        }
        else if (vr == Vr.PN)
        {
            WriteName(value);
        }
        else if (vr is Vr.DS or Vr.IS && JsonNumber.TryFormat(value, number, out int length) && (vr == Vr.DS || IsExact(number[..length])))
        {
            // The digits stay as they are: a decimal fraction is not put through a binary one.
            writer.WriteRawValue(number[..length], skipInputValidation: true);
        }
        else
        {
            // A number that is none is kept as the text that it is (PS3.18 F.2.3.1).
            WriteString(value);
        }

        FlushWhenFull();
    }

    private void WriteString(ReadOnlySpan<byte> value)
    {
        if (value.Length <= PieceLength)
        {
            writer.WriteStringValue(value);
            return;
        }

        for (; value.Length > PieceLength; value = value[PieceLength..])
        {
            writer.WriteStringValueSegment(value[..PieceLength], isFinalSegment: false);
            FlushWhenFull();
        }

        writer.WriteStringValueSegment(value, isFinalSegment: true);
    }

    private static bool IsExact(ReadOnlySpan<byte> number) => (number.Length <= ExactDigits && !number.ContainsAny("eE"u8))
        || (double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && Math.Abs(value) <= MaxExact);

    private void WriteName(ReadOnlySpan<byte> value)
    {
        if (value.TrimEnd("= \0"u8).IsEmpty)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        value = WriteGroup(s_alphabetic, value, isLast: false);
        value = WriteGroup(s_ideographic, value, isLast: false);
        WriteGroup(s_phonetic, value, isLast: true);
        writer.WriteEndObject();
    }

    /// <summary>Writes a component group and gives what comes after it; more than three groups stay in the last.</summary>
    private ReadOnlySpan<byte> WriteGroup(JsonEncodedText name, ReadOnlySpan<byte> groups, bool isLast)
    {
        int end = isLast ? -1 : groups.IndexOf((byte)'=');
        ReadOnlySpan<byte> group = (end < 0 ? groups : groups[..end]).TrimEnd(" \0"u8);
        if (!group.IsEmpty)
        {
            writer.WriteString(name, group);
        }

        return end < 0 ? [] : groups[(end + 1)..];
    }

    private void WriteNumbers(DicomElement element, Vr vr)
    {
        int unit = vr == Vr.AT ? 4 : vr.UnitSize();
        ReadOnlySpan<byte> bytes = element.Value.Span;
        if (bytes.Length < unit)
        {
            return;
        }

        writer.WriteStartArray(s_value);
        for (; bytes.Length >= unit; bytes = bytes[unit..])
        {
            WriteNumber(vr, bytes);
            FlushWhenFull();
        }

        writer.WriteEndArray();
    }

    private void WriteNumber(Vr vr, ReadOnlySpan<byte> bytes)
    {
        switch (vr)
        {
            case Vr.AT:
                writer.WriteStringValue(new DicomTag(BinaryPrimitives.ReadUInt16LittleEndian(bytes), BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..])).ToHex());
                break;
            case Vr.US:
                writer.WriteNumberValue(BinaryPrimitives.ReadUInt16LittleEndian(bytes));
                break;
            case Vr.SS:
                writer.WriteNumberValue(BinaryPrimitives.ReadInt16LittleEndian(bytes));
                break;
            case Vr.UL:
                writer.WriteNumberValue(BinaryPrimitives.ReadUInt32LittleEndian(bytes));
                break;
            case Vr.SL:
                writer.WriteNumberValue(BinaryPrimitives.ReadInt32LittleEndian(bytes));
                break;
            case Vr.UV:
                WriteLong(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
                break;
            case Vr.SV:
                WriteLong(BinaryPrimitives.ReadInt64LittleEndian(bytes));
                break;
            case Vr.FL:
                WriteFloat(BinaryPrimitives.ReadSingleLittleEndian(bytes));
                break;
            default:
                WriteFloat(BinaryPrimitives.ReadDoubleLittleEndian(bytes));
                break;
        }
    }

    private void WriteLong(Int128 value)
    {
        if (value >= -MaxExact && value <= MaxExact)
        {
            writer.WriteNumberValue((long)value);
        }
        else
        {
            writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
        }
    }

    private void WriteFloat(float value)
    {
        if (float.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            WriteNotFinite(value);
        }
    }

    private void WriteFloat(double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            WriteNotFinite(value);
        }
    }

    private void WriteNotFinite(double value) =>
        writer.WriteStringValue(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "inf"u8 : "-inf"u8);
}
