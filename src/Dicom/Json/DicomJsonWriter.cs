using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MedicalAi.Dicom;

/// <summary>Writes data sets by the rules of PS3.18 F.2.</summary>
internal sealed class DicomJsonWriter(Utf8JsonWriter writer, Func<string, DicomElement, string?>? bulkUri)
{
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
            if (element.Tag.Group != 0x0002 && !element.Tag.IsGroupLength)
            {
                WriteElement(dataSet, element, path);
            }
        }

        writer.WriteEndObject();
    }

    private void WriteElement(DicomDataSet dataSet, DicomElement element, string path)
    {
        Span<char> name = stackalloc char[8];
        element.Tag.Value.TryFormat(name, out _, "X8", CultureInfo.InvariantCulture);
        Span<char> vr = [(char)((int)element.Vr >> 8), (char)((int)element.Vr & 0xFF)];
        writer.WriteStartObject(name);
        writer.WriteString(s_vr, vr);
        if (element.Tag == DicomTags.SpecificCharacterSet)
        {
            // All of JSON is UTF-8, and so it says (PS3.18 F.2.2).
            writer.WriteStartArray(s_value);
            writer.WriteStringValue("ISO_IR 192");
            writer.WriteEndArray();
        }
        else if (element.Items is { } items)
        {
            WriteItems(items, name, path);
        }
        else if (!element.IsEmpty)
        {
            if (element.Vr.IsBulk() || element.Fragments is not null || element.Bulk is not null)
            {
                WriteBytes(element, name, path);
            }
            else
            {
                WriteValues(dataSet, element);
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
        if (bulkUri?.Invoke(string.Concat(path, name), element) is { } uri)
        {
            writer.WriteString("BulkDataURI", uri);
        }
        else if (!element.Value.IsEmpty)
        {
            writer.WriteBase64String("InlineBinary", element.Value.Span);
        }
    }

    private void WriteValues(DicomDataSet dataSet, DicomElement element)
    {
        writer.WriteStartArray(s_value);
        if (element.Vr.IsText())
        {
            foreach (string value in dataSet.GetStrings(element.Tag))
            {
                WriteText(element.Vr, value);
            }
        }
        else if (element.Vr == Vr.AT)
        {
            for (int i = 0; dataSet.GetTag(element.Tag, i) is { } tag; i++)
            {
                writer.WriteStringValue(tag.ToHex());
            }
        }
        else
        {
            int unit = element.Vr.UnitSize();
            ReadOnlySpan<byte> bytes = element.Value.Span;
            for (; bytes.Length >= unit; bytes = bytes[unit..])
            {
                WriteNumber(element.Vr, bytes);
            }
        }

        writer.WriteEndArray();
    }

    private void WriteText(Vr vr, string value)
    {
        if (value.Length == 0)
        {
            writer.WriteNullValue();
            return;
        }

        switch (vr)
        {
            case Vr.PN:
                PersonName name = PersonName.Parse(value);
                writer.WriteStartObject();
                WriteGroup(s_alphabetic, name.Alphabetic);
                WriteGroup(s_ideographic, name.Ideographic);
                WriteGroup(s_phonetic, name.Phonetic);
                writer.WriteEndObject();
                break;
            case Vr.IS when long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole):
                writer.WriteNumberValue(whole);
                break;
            case Vr.DS or Vr.IS when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            default:
                // A number that is none is kept as the text that it is.
                writer.WriteStringValue(Clean(value));
                break;
        }
    }

    private void WriteGroup(JsonEncodedText name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            writer.WriteString(name, Clean(value));
        }
    }

    private void WriteNumber(Vr vr, ReadOnlySpan<byte> bytes)
    {
        switch (vr)
        {
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
                writer.WriteNumberValue(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
                break;
            case Vr.SV:
                writer.WriteNumberValue(BinaryPrimitives.ReadInt64LittleEndian(bytes));
                break;
            case Vr.FL:
                float single = BinaryPrimitives.ReadSingleLittleEndian(bytes);
                if (float.IsFinite(single))
                {
                    writer.WriteNumberValue(single);
                }
                else
                {
                    WriteNotFinite(single);
                }

                break;
            case Vr.FD:
                double number = BinaryPrimitives.ReadDoubleLittleEndian(bytes);
                if (double.IsFinite(number))
                {
                    writer.WriteNumberValue(number);
                }
                else
                {
                    WriteNotFinite(number);
                }

                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    private void WriteNotFinite(double value) =>
        writer.WriteStringValue(double.IsNaN(value) ? "NaN" : value > 0 ? "inf" : "-inf");

    // A surrogate without its other half cannot be written as UTF-8.
    private static string Clean(string value)
    {
        foreach (char c in value)
        {
            if (char.IsSurrogate(c))
            {
                return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(value));
            }
        }

        return value;
    }
}
