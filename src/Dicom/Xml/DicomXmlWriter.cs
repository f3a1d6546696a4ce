using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Xml;

namespace MedicalAi.Dicom;

/// <summary>Writes data sets by the schema of PS3.19 A.1.6.</summary>
internal sealed class DicomXmlWriter(XmlWriter writer, Func<string, DicomElement, string?>? bulkUri)
{
    private static readonly string[] s_nameComponents = ["FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix"];

    public void WriteModel(DicomDataSet dataSet)
    {
        Start("NativeDicomModel");
        writer.WriteAttributeString("xml", "space", null, "preserve");
        WriteDataSet(dataSet, "");
        writer.WriteEndElement();
    }

    private void WriteDataSet(DicomDataSet dataSet, string path)
    {
        foreach (DicomElement element in dataSet)
        {
            if (DicomJson.IsOfModel(element.Tag))
            {
                WriteAttribute(dataSet, element, path);
            }
        }
    }

    private void WriteAttribute(DicomDataSet dataSet, DicomElement element, string path)
    {
        Start("DicomAttribute");
        DicomTag tag = element.Tag;
        string? creator = FindCreator(dataSet, tag);

        // Which block a creator has reserved says nothing: the number of the element within it does.
        DicomTag shown = creator is null ? tag : new DicomTag(tag.Group, (ushort)(tag.Element & 0xFF));
        IReadOnlyList<DicomDataSet>? items = dataSet.FindItems(element);
        Vr vr = tag == DicomTags.SpecificCharacterSet ? Vr.CS : items is not null ? Vr.SQ : dataSet.Meant(element);
        writer.WriteAttributeString("tag", shown.ToHex());
        writer.WriteAttributeString("vr", vr.ToString());
        if (DicomDictionary.Find(tag) is { Keyword.Length: > 0 } entry)
        {
            writer.WriteAttributeString("keyword", entry.Keyword);
        }

        if (creator is not null)
        {
            writer.WriteAttributeString("privateCreator", Clean(creator));
        }

        if (tag == DicomTags.SpecificCharacterSet)
        {
            WriteValue(1, "ISO_IR 192");
        }
        else if (items is not null)
        {
            for (int i = 0; i < items.Count; i++)
            {
                Start("Item", i + 1);
                WriteDataSet(items[i], bulkUri is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{path}{tag.ToHex()}/{i}/"));
                writer.WriteEndElement();
            }
        }
        else if (vr.IsBulk() || element.Fragments is not null || element.IsElsewhere)
        {
            WriteBytes(element, path);
        }
        else if (vr.IsText())
        {
            WriteTexts(vr, dataSet.GetStrings(tag));
        }
        else
        {
            WriteNumbers(element, vr);
        }

        writer.WriteEndElement();
    }

    private static string? FindCreator(DicomDataSet dataSet, DicomTag tag)
    {
        DicomTag creator = new(tag.Group, (ushort)(tag.Element >> 8));
        return tag.IsPrivate && creator.IsPrivateCreator ? dataSet.GetString(creator) : null;
    }

    private void WriteBytes(DicomElement element, string path)
    {
        if (element.IsEmpty)
        {
            return;
        }

        if ((bulkUri?.Invoke(path + element.Tag.ToHex(), element) ?? element.BulkDataUri) is { } uri)
        {
            bool isUuid = uri.StartsWith(DicomXml.UuidNamespace, StringComparison.Ordinal);
            Start("BulkData");
            writer.WriteAttributeString(isUuid ? "uuid" : "uri", Clean(isUuid ? uri[DicomXml.UuidNamespace.Length..] : uri));
            writer.WriteEndElement();
        }
        else if (!element.Value.IsEmpty)
        {
            Start("InlineBinary");
            ArraySegment<byte> bytes = MemoryMarshal.TryGetArray(element.Value, out ArraySegment<byte> array) ? array : element.Value.ToArray();
            writer.WriteBase64(bytes.Array!, bytes.Offset, bytes.Count);
            writer.WriteEndElement();
        }
    }

    private void WriteTexts(Vr vr, string[] values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            bool isEmpty = values[i].Length == 0 || (vr == Vr.PN && values[i].AsSpan().Trim("^= ").IsEmpty);
            if (isEmpty && (i == 0 || i < values.Length - 1))
            {
                continue; // The number of the next one tells that it is missing; only a last one stands for itself.
            }

            if (vr == Vr.PN)
            {
                WriteName(i + 1, PersonName.Parse(values[i]));
            }
            else
            {
                WriteValue(i + 1, values[i]);
            }
        }
    }

    private void WriteName(int number, PersonName name)
    {
        Start("PersonName", number);
        foreach ((string group, string components) in new[] { ("Alphabetic", name.Alphabetic), ("Ideographic", name.Ideographic), ("Phonetic", name.Phonetic) })
        {
            if (components.Length == 0)
            {
                continue;
            }

            Start(group);
            string[] parts = components.Split('^', s_nameComponents.Length);
            for (int i = 0; i < parts.Length; i++)
            {
                if (parts[i].Length > 0)
                {
                    Start(s_nameComponents[i]);
                    writer.WriteString(Clean(parts[i]));
                    writer.WriteEndElement();
                }
            }

            writer.WriteEndElement();
        }

        writer.WriteEndElement();
    }

    private void WriteNumbers(DicomElement element, Vr vr)
    {
        int unit = vr == Vr.AT ? 4 : vr.UnitSize();
        ReadOnlySpan<byte> bytes = element.Value.Span;
        for (int i = 1; bytes.Length >= unit; i++, bytes = bytes[unit..])
        {
            WriteValue(i, Number(vr, bytes));
        }
    }

    private static string Number(Vr vr, ReadOnlySpan<byte> bytes) => vr switch
    {
        Vr.AT => new DicomTag(BinaryPrimitives.ReadUInt16LittleEndian(bytes), BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..])).ToHex(),
        Vr.US => XmlConvert.ToString(BinaryPrimitives.ReadUInt16LittleEndian(bytes)),
        Vr.SS => XmlConvert.ToString(BinaryPrimitives.ReadInt16LittleEndian(bytes)),
        Vr.UL => XmlConvert.ToString(BinaryPrimitives.ReadUInt32LittleEndian(bytes)),
        Vr.SL => XmlConvert.ToString(BinaryPrimitives.ReadInt32LittleEndian(bytes)),
        Vr.UV => XmlConvert.ToString(BinaryPrimitives.ReadUInt64LittleEndian(bytes)),
        Vr.SV => XmlConvert.ToString(BinaryPrimitives.ReadInt64LittleEndian(bytes)),
        Vr.FL => XmlConvert.ToString(BinaryPrimitives.ReadSingleLittleEndian(bytes)),
        _ => XmlConvert.ToString(BinaryPrimitives.ReadDoubleLittleEndian(bytes)),
    };

    private void WriteValue(int number, string value)
    {
        Start("Value", number);
        writer.WriteString(Clean(value));
        writer.WriteEndElement();
    }

    private void Start(string name, int number)
    {
        Start(name);
        writer.WriteAttributeString("number", XmlConvert.ToString(number));
    }

    private void Start(string name) => writer.WriteStartElement(name, DicomXml.Namespace);

    /// <summary>The text with U+FFFD for control characters and halves of surrogate pairs, which XML cannot hold.</summary>
    private static string Clean(string text)
    {
        try
        {
            return XmlConvert.VerifyXmlChars(text);
        }
        catch (XmlException)
        {
            StringBuilder clean = new(text.Length);
            foreach (Rune rune in text.EnumerateRunes())
            {
                clean.Append(rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? "\uFFFD" : rune.ToString());
            }

            return clean.ToString();
        }
    }
}
