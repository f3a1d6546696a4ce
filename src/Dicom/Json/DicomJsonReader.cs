using System.Buffers;
using System.Text.Json;

namespace MedicalAi.Dicom;

/// <summary>Reads DICOM JSON (PS3.18 F.2) token by token; what is not of the model is an error, never an exception.</summary>
internal ref partial struct DicomJsonReader
{
    // The same nesting that the reader of the binary form allows: the data set at the top and its items.
    private const int MaxDataSets = (DicomReaderState.MaxDepth / 2) + 1;

    // Each data set is an object, with an object for each attribute and an array of items; and some for what is passed over.
    internal const int MaxDepth = (3 * MaxDataSets) + 32;

    private readonly ArrayBufferWriter<byte> _value = new();
    private Utf8JsonReader _json;
    private DicomError? _error;
    private int _depth;
    private int _count;
    private OutOfOrderBudget _outOfOrder;
    private bool _hasUnicode;

    private DicomJsonReader(ReadOnlySpan<byte> utf8) =>
        _json = new Utf8JsonReader(utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8, new JsonReaderOptions { MaxDepth = MaxDepth });

    public static ParseResult<DicomDataSet> ReadObject(ReadOnlySpan<byte> utf8)
    {
        DicomJsonReader reader = new(utf8);
        try
        {
            DicomDataSet? dataSet = reader.Next() ? reader.DataSet(null) : null;
            return reader.End() is { } error ? error : dataSet!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
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
        catch (Exception e) when (e is JsonException or InvalidOperationException)
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

        if (++_depth > MaxDataSets)
        {
            Fail("Sequences nested too deep.", null, DicomErrorKind.TooDeep);
            return null;
        }

        if (parent is null)
        {
            (_count, _hasUnicode) = (0, false); // Each data set of an array is for itself.
        }
        else if (!Count())
        {
            return null;
        }

        bool namesCharacterSet = false;
        DicomDataSet dataSet = new(parent);
        while (Next() && _json.TokenType == JsonTokenType.PropertyName)
        {
            if (!TryReadTag(out DicomTag tag) || !Next() || !Count() || !Attribute(dataSet, tag))
            {
                return null;
            }

            namesCharacterSet |= tag == DicomTags.SpecificCharacterSet;
        }

        // Whatever it named, the text came as UTF-8 and is held so. An item says it only where it was said.
        if (namesCharacterSet || (parent is null && _hasUnicode))
        {
            dataSet.SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192");
        }

        _depth--;
        return _error is null ? dataSet : null;
    }

    private bool TryReadTag(out DicomTag tag)
    {
        tag = default;
        Span<byte> name = stackalloc byte[8 * 6]; // Each of the digits may stand as \uXXXX.
        if (_json.ValueSpan.Length <= name.Length
            && _json.CopyString(name) == 8
            && uint.TryParse(name[..8], System.Globalization.NumberStyles.AllowHexSpecifier, null, out uint value))
        {
            tag = DicomTag.FromValue(value);
            return tag.Group != 0xFFFE || Fail("An attribute that no data set can have.", tag);
        }

        return Fail("An attribute is named by eight hexadecimal digits.");
    }

    private bool Attribute(DicomDataSet dataSet, DicomTag tag)
    {
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            return Fail("An attribute is an object.", tag);
        }

        if (!DicomJson.IsOfModel(tag))
        {
            _json.Skip();
            return true;
        }

        if (!FindVr(tag, out Vr vr))
        {
            return false;
        }

        DicomElement? element = vr == Vr.SQ ? new DicomElement(tag, []) : new DicomElement(tag, vr, ReadOnlyMemory<byte>.Empty);
        while (Next() && _json.TokenType == JsonTokenType.PropertyName)
        {
            if (_json.ValueTextEquals("Value"u8))
            {
                element = Next() ? Values(dataSet, tag, vr) : null;
            }
            else if (_json.ValueTextEquals("InlineBinary"u8))
            {
                element = Next() ? InlineBinary(tag, vr) : null;
            }
            else if (_json.ValueTextEquals("BulkDataURI"u8))
            {
                element = Next() ? BulkDataUri(tag, vr) : null;
            }
            else if (Next())
            {
                _json.Skip();
            }
        }

        if (_error is null && element is not null && tag != DicomTags.SpecificCharacterSet)
        {
            Add(dataSet, element);
        }

        return _error is null;
    }

    /// <summary>The VR of an attribute, wherever it stands in its object; of the dictionary where it is not given.</summary>
    private bool FindVr(DicomTag tag, out Vr vr)
    {
        Utf8JsonReader ahead = _json;
        while (ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName)
        {
            bool isVr = ahead.ValueTextEquals("vr"u8);
            ahead.Read();
            if (isVr)
            {
                vr = ahead.TokenType == JsonTokenType.String && ahead.ValueSpan is [var first, var second] ? (Vr)((first << 8) | second) : Vr.None;
                return vr.IsKnown() || Fail("A value representation has two letters of the standard.", tag);
            }

            ahead.Skip();
        }

        vr = DicomDictionary.FindVr(tag);
        return true;
    }

    private void Add(DicomDataSet dataSet, DicomElement element)
    {
        if (!dataSet.Append(element) && !_outOfOrder.TrySet(dataSet, element))
        {
            Fail("Too many attributes out of order.", element.Tag, DicomErrorKind.TooLarge);
        }
    }

    private bool Count() => ++_count <= DicomReadOptions.Default.MaxElements || Fail("More attributes and items than the limit.", null, DicomErrorKind.TooLarge);

    private bool Fail(string message, DicomTag? tag = null, DicomErrorKind kind = DicomErrorKind.InvalidText)
    {
        _error ??= new DicomError(kind, message, _json.BytesConsumed, tag);
        return false;
    }

    private readonly DicomError NotJson(Exception e) =>
        _error ?? new DicomError(DicomErrorKind.InvalidText, "The text is not well-formed JSON." + (e is JsonException { LineNumber: { } line } ? $" (line {line + 1})" : ""), _json.BytesConsumed);
}
