using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;

namespace MedicalAi.Dicom;

/// <summary>Reads DICOM JSON (PS3.18 F.2) token by token; what is not of the model is an error, never an exception.</summary>
internal ref struct DicomJsonReader
{
    private const int MaxDepth = 4 * DicomReaderState.MaxDepth;

    private Utf8JsonReader _json;
    private DicomError? _error;
    private int _depth;

    private DicomJsonReader(ReadOnlySpan<byte> utf8) =>
        _json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });

    public static ParseResult<DicomDataSet> ReadObject(ReadOnlySpan<byte> utf8)
    {
        DicomJsonReader reader = new(utf8);
        try
        {
            DicomDataSet? dataSet = reader.Next() ? reader.DataSet(null) : null;
            return reader.End() is { } error ? error : dataSet!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return reader.NotJson(e);
        }
    }

    public static ParseResult<IReadOnlyList<DicomDataSet>> ReadArray(ReadOnlySpan<byte> utf8)
    {
        DicomJsonReader reader = new(utf8);
        List<DicomDataSet> dataSets = [];
        try
        {
            if (reader.Next() && reader._json.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Next() && reader._json.TokenType != JsonTokenType.EndArray && reader.DataSet(null) is { } dataSet)
                {
                    dataSets.Add(dataSet);
                }
            }
            else if (reader.DataSet(null) is { } only)
            {
                dataSets.Add(only);
            }

            return reader.End() is { } error ? error : dataSets;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return reader.NotJson(e);
        }
    }

    private bool Next()
    {
        if (_error is not null)
        {
            return false;
        }

        return _json.Read() || Fail("The text ends early.");
    }

    private DicomError? End()
    {
        if (_error is null && _json.Read())
        {
            Fail("Something follows the end.");
        }

        return _error;
    }

    private DicomDataSet? DataSet(DicomDataSet? parent)
    {
        if (_error is not null)
        {
            return null;
        }

        if (_json.TokenType != JsonTokenType.StartObject)
        {
            Fail("A data set is an object.");
            return null;
        }

        if (++_depth > DicomReaderState.MaxDepth / 2)
        {
            _error = new DicomError(DicomErrorKind.TooDeep, "Sequences nested too deep.", _json.BytesConsumed);
            return null;
        }

        DicomDataSet dataSet = new(parent);
        dataSet.SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192");
        bool namesCharacterSet = false;
        while (Next() && _json.TokenType == JsonTokenType.PropertyName)
        {
            if (!DicomTag.TryParse(_json.GetString(), out DicomTag tag))
            {
                Fail("An attribute is named by eight hexadecimal digits.");
                return null;
            }

            namesCharacterSet |= tag == DicomTags.SpecificCharacterSet;
            if (!Next() || !Element(dataSet, tag))
            {
                return null;
            }
        }

        // Text is held as UTF-8; an item says so only where it was said.
        if (parent is not null && !namesCharacterSet)
        {
            dataSet.Remove(DicomTags.SpecificCharacterSet);
        }

        _depth--;
        return _error is null ? dataSet : null;
    }

    private bool Element(DicomDataSet dataSet, DicomTag tag)
    {
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            return Fail("An attribute is an object.", tag);
        }

        Vr vr = DicomDictionary.FindVr(tag);
        bool hasValue = false;
        while (Next() && _json.TokenType == JsonTokenType.PropertyName)
        {
            if (_json.ValueTextEquals("vr"u8))
            {
                if (!Next() || _json.TokenType != JsonTokenType.String || _json.GetString() is not { Length: 2 } name || !((Vr)((name[0] << 8) | name[1])).IsKnown())
                {
                    return Fail("A value representation has two letters of the standard.", tag);
                }

                Vr named = (Vr)((name[0] << 8) | name[1]);
                if (hasValue && named != vr)
                {
                    return Fail("The value representation stands after the value.", tag);
                }

                vr = named;
            }
            else if (_json.ValueTextEquals("Value"u8))
            {
                hasValue = true;
                if (!Next() || !Values(dataSet, tag, vr))
                {
                    return false;
                }
            }
            else if (_json.ValueTextEquals("InlineBinary"u8))
            {
                hasValue = true;
                if (!Next() || _json.TokenType != JsonTokenType.String || !_json.TryGetBytesFromBase64(out byte[]? bytes))
                {
                    return Fail("InlineBinary is Base64.", tag);
                }

                dataSet.SetBytes(tag, vr, bytes);
            }
            else if (_json.ValueTextEquals("BulkDataURI"u8))
            {
                hasValue = true;
                if (!Next() || _json.TokenType != JsonTokenType.String)
                {
                    return Fail("BulkDataURI is text.", tag);
                }
            }
            else if (!Next() || !_json.TrySkip())
            {
                return Fail("The text ends early.", tag);
            }
        }

        if (_error is null && !hasValue && tag != DicomTags.SpecificCharacterSet)
        {
            dataSet.Set(vr == Vr.SQ ? new DicomElement(tag, []) : new DicomElement(tag, vr, ReadOnlyMemory<byte>.Empty));
        }

        return _error is null;
    }

    private bool Values(DicomDataSet dataSet, DicomTag tag, Vr vr)
    {
        if (_json.TokenType != JsonTokenType.StartArray)
        {
            return Fail("Value is an array.", tag);
        }

        if (vr == Vr.SQ)
        {
            List<DicomDataSet> items = [];
            while (Next() && _json.TokenType != JsonTokenType.EndArray)
            {
                if (_json.TokenType == JsonTokenType.Null)
                {
                    items.Add(new DicomDataSet(dataSet));
                }
                else if (DataSet(dataSet) is { } item)
                {
                    items.Add(item);
                }
            }

            if (_error is null)
            {
                dataSet.Set(new DicomElement(tag, items));
            }

            return _error is null;
        }

        List<string> texts = [];
        while (Next() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (Text(tag, vr) is not { } text)
            {
                return false;
            }

            texts.Add(text);
        }

        if (_error is not null)
        {
            return false;
        }

        if (tag == DicomTags.SpecificCharacterSet)
        {
            return true; // Whatever it named, the text came as UTF-8 and is held so.
        }

        if (vr.IsText())
        {
            dataSet.SetString(tag, vr, [.. texts]);
            return true;
        }

        return Numbers(dataSet, tag, vr, texts);
    }

    private string? Text(DicomTag tag, Vr vr)
    {
        switch (_json.TokenType)
        {
            case JsonTokenType.Null:
                return "";
            case JsonTokenType.String:
                return _json.GetString();
            case JsonTokenType.Number:
                return vr == Vr.DS ? Shortened(_json.ValueSpan, _json.GetDouble()) : System.Text.Encoding.ASCII.GetString(_json.ValueSpan);
            case JsonTokenType.StartObject when vr == Vr.PN:
                return Name(tag);
            default:
                Fail("A value is text, a number, null or a person's name.", tag);
                return null;
        }
    }

    private static string Shortened(ReadOnlySpan<byte> text, double value) =>
        text.Length <= DecimalString.MaximumLength || !double.IsFinite(value) ? System.Text.Encoding.ASCII.GetString(text) : DecimalString.Format(value);

    private string? Name(DicomTag tag)
    {
        PersonName name = new("");
        while (Next() && _json.TokenType == JsonTokenType.PropertyName)
        {
            string group = _json.GetString()!;
            if (!Next() || _json.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
            {
                Fail("A component group of a name is text.", tag);
                return null;
            }

            string value = _json.GetString() ?? "";
            name = group switch
            {
                "Alphabetic" => name with { Alphabetic = value },
                "Ideographic" => name with { Ideographic = value },
                "Phonetic" => name with { Phonetic = value },
                _ => name,
            };
        }

        return _error is null ? name.ToString() : null;
    }

    private bool Numbers(DicomDataSet dataSet, DicomTag tag, Vr vr, List<string> texts)
    {
        int unit = vr == Vr.AT ? 4 : vr.UnitSize();
        byte[] bytes = new byte[texts.Count * unit];
        for (int i = 0; i < texts.Count; i++)
        {
            if (!TryWrite(bytes.AsSpan(i * unit, unit), vr, texts[i]))
            {
                return Fail("A value is no number of its value representation.", tag);
            }
        }

        dataSet.SetBytes(tag, vr, bytes);
        return true;
    }

    private static bool TryWrite(Span<byte> target, Vr vr, string text)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        switch (vr)
        {
            case Vr.AT when DicomTag.TryParse(text, out DicomTag tag):
                BinaryPrimitives.WriteUInt16LittleEndian(target, tag.Group);
                BinaryPrimitives.WriteUInt16LittleEndian(target[2..], tag.Element);
                return true;
            case Vr.FL when TryFloat(text, out double value):
                BinaryPrimitives.WriteSingleLittleEndian(target, (float)value);
                return true;
            case Vr.FD when TryFloat(text, out double value):
                BinaryPrimitives.WriteDoubleLittleEndian(target, value);
                return true;
            case Vr.US when ushort.TryParse(text, NumberStyles.None, culture, out ushort value):
                BinaryPrimitives.WriteUInt16LittleEndian(target, value);
                return true;
            case Vr.SS when short.TryParse(text, NumberStyles.AllowLeadingSign, culture, out short value):
                BinaryPrimitives.WriteInt16LittleEndian(target, value);
                return true;
            case Vr.UL when uint.TryParse(text, NumberStyles.None, culture, out uint value):
                BinaryPrimitives.WriteUInt32LittleEndian(target, value);
                return true;
            case Vr.SL when int.TryParse(text, NumberStyles.AllowLeadingSign, culture, out int value):
                BinaryPrimitives.WriteInt32LittleEndian(target, value);
                return true;
            case Vr.UV when ulong.TryParse(text, NumberStyles.None, culture, out ulong value):
                BinaryPrimitives.WriteUInt64LittleEndian(target, value);
                return true;
            case Vr.SV when long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out long value):
                BinaryPrimitives.WriteInt64LittleEndian(target, value);
                return true;
            default:
                return false;
        }
    }

    private static bool TryFloat(string text, out double value)
    {
        switch (text)
        {
            case "NaN":
                value = double.NaN;
                return true;
            case "inf" or "Infinity":
                value = double.PositiveInfinity;
                return true;
            case "-inf" or "-Infinity":
                value = double.NegativeInfinity;
                return true;
            default:
                return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
        }
    }

    private bool Fail(string message, DicomTag? tag = null)
    {
        _error ??= new DicomError(DicomErrorKind.InvalidText, message, _json.BytesConsumed, tag);
        return false;
    }

    private readonly DicomError NotJson(Exception e) =>
        _error ?? new DicomError(DicomErrorKind.InvalidText, "The text is not well-formed JSON." + (e is JsonException { LineNumber: { } line } ? $" (line {line + 1})" : ""), _json.BytesConsumed);
}
