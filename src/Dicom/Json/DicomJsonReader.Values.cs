using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MedicalAi.Dicom;

internal ref partial struct DicomJsonReader
{
    // The longest text of a number or tag that is given as a string.
    internal const int MaxNumberLength = 64;

    private static readonly CultureInfo s_culture = CultureInfo.InvariantCulture;

    private DicomElement? InlineBinary(DicomTag tag, Vr vr)
    {
        if (vr == Vr.SQ || _json.TokenType != JsonTokenType.String || !_json.TryGetBytesFromBase64(out byte[]? bytes))
        {
            Fail("InlineBinary is Base64.", tag);
            return null;
        }

        return new DicomElement(tag, vr, bytes);
    }

    private DicomElement? BulkDataUri(DicomTag tag, Vr vr)
    {
        if (_json.TokenType == JsonTokenType.String)
        {
            return new DicomElement(tag, vr, _json.GetString()!);
        }

        Fail("BulkDataURI is a string.", tag);
        return null;
    }

    private DicomElement? Values(DicomDataSet dataSet, DicomTag tag, Vr vr)
    {
        if (_json.TokenType != JsonTokenType.StartArray)
        {
            Fail("Value is an array.", tag);
            return null;
        }

        if (vr == Vr.SQ)
        {
            return Items(dataSet, tag);
        }

        _value.ResetWrittenCount();
        for (bool isFirst = true; Next() && _json.TokenType != JsonTokenType.EndArray; isFirst = false)
        {
            if (!(vr.IsText() ? Text(tag, vr, isFirst) : Number(tag, vr)))
            {
                return null;
            }
        }

        return _error is null ? new DicomElement(tag, vr, _value.WrittenSpan.ToArray()) : null;
    }

    private DicomElement? Items(DicomDataSet dataSet, DicomTag tag)
    {
        List<DicomDataSet> items = [];
        while (Next() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (_json.TokenType == JsonTokenType.Null)
            {
                items.Add(new DicomDataSet(dataSet));
                Count();
            }
            else if (DataSet(dataSet) is { } item)
            {
                items.Add(item);
            }
        }

        return _error is null ? new DicomElement(tag, items) : null;
    }

    private bool Text(DicomTag tag, Vr vr, bool isFirst)
    {
        if (!isFirst)
        {
            Append("\\"u8);
        }

        switch (_json.TokenType)
        {
            case JsonTokenType.Null:
                return true;
            case JsonTokenType.String:
                AppendString(vr);
                return true;
            case JsonTokenType.Number:
                AppendNumber(vr);
                return true;
            case JsonTokenType.StartObject when vr == Vr.PN:
                return Name(tag);
            default:
                return Fail("A value is text, a number, null or a person's name.", tag);
        }
    }

    private bool Name(DicomTag tag)
    {
        PersonName name = new("");
        while (Next() && _json.TokenType == JsonTokenType.PropertyName)
        {
            string group = _json.GetString()!;
            if (!Next() || _json.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
            {
                return Fail("A component group of a name is text.", tag);
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

        byte[] text = Encoding.UTF8.GetBytes(name.ToString());
        _hasUnicode |= !Ascii.IsValid(text);
        Append(text);
        return _error is null;
    }

    private void AppendString(Vr vr)
    {
        Span<byte> target = _value.GetSpan(_json.ValueSpan.Length + 1);
        int length = _json.CopyString(target);
        if (!Ascii.IsValid(target[..length]))
        {
            if (vr.UsesCharacterSet())
            {
                _hasUnicode = true;
            }
            else
            {
                length = Encoding.Latin1.GetBytes(Encoding.UTF8.GetString(target[..length]), target);
            }
        }

        _value.Advance(length);
    }

    /// <summary>A number as DS or IS writes it; digit for digit where it fits.</summary>
    private void AppendNumber(Vr vr)
    {
        ReadOnlySpan<byte> text = _json.ValueSpan;
        double value = _json.TryGetDouble(out double number) ? number : double.NaN;
        if (vr == Vr.DS && text.Length > DecimalString.MaximumLength && double.IsFinite(value))
        {
            Append(Encoding.ASCII.GetBytes(DecimalString.Format(value)));
        }
        else if (vr == Vr.IS && text.ContainsAny(".eE"u8) && value == Math.Truncate(value) && Math.Abs(value) < 1L << 53)
        {
            Append(Encoding.ASCII.GetBytes(((long)value).ToString(s_culture)));
        }
        else
        {
            Append(text);
        }
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_value.GetSpan(text.Length + 1));
        _value.Advance(text.Length);
    }

    private bool Number(DicomTag tag, Vr vr)
    {
        Span<byte> copy = stackalloc byte[MaxNumberLength];
        scoped ReadOnlySpan<byte> text = [];
        if (_json.TokenType == JsonTokenType.Number)
        {
            text = _json.ValueSpan;
        }
        else if (_json.TokenType == JsonTokenType.String && _json.ValueSpan.Length <= copy.Length)
        {
            text = copy[.._json.CopyString(copy)];
        }

        int unit = vr == Vr.AT ? 4 : vr.UnitSize();
        if (!TryWrite(_value.GetSpan(unit), vr, text))
        {
            return Fail("A value is no number of its value representation.", tag);
        }

        _value.Advance(unit);
        return true;
    }

    /// <summary>Writes a number of a binary VR as the data set holds it; false when it is none, or not one of that VR.</summary>
    internal static bool TryWrite(Span<byte> target, Vr vr, ReadOnlySpan<byte> text)
    {
        switch (vr)
        {
            case Vr.AT when DicomTag.TryParse(Encoding.UTF8.GetString(text), out DicomTag tag):
                BinaryPrimitives.WriteUInt16LittleEndian(target, tag.Group);
                BinaryPrimitives.WriteUInt16LittleEndian(target[2..], tag.Element);
                return true;
            case Vr.FL when TryFloat(text, out double value) && (float.IsFinite((float)value) || !double.IsFinite(value)):
                BinaryPrimitives.WriteSingleLittleEndian(target, (float)value);
                return true;
            case Vr.FD when TryFloat(text, out double value):
                BinaryPrimitives.WriteDoubleLittleEndian(target, value);
                return true;
            case Vr.US or Vr.SS or Vr.UL or Vr.SL or Vr.UV or Vr.SV:
                return TryWhole(text, out Int128 whole) && TryWriteWhole(target, vr, whole);
            default:
                return false;
        }
    }

    private static bool TryWriteWhole(Span<byte> target, Vr vr, Int128 value)
    {
        switch (vr)
        {
            case Vr.US when value >= ushort.MinValue && value <= ushort.MaxValue:
                BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)value);
                return true;
            case Vr.SS when value >= short.MinValue && value <= short.MaxValue:
                BinaryPrimitives.WriteInt16LittleEndian(target, (short)value);
                return true;
            case Vr.UL when value >= uint.MinValue && value <= uint.MaxValue:
                BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)value);
                return true;
            case Vr.SL when value >= int.MinValue && value <= int.MaxValue:
                BinaryPrimitives.WriteInt32LittleEndian(target, (int)value);
                return true;
            case Vr.UV when value >= ulong.MinValue && value <= ulong.MaxValue:
                BinaryPrimitives.WriteUInt64LittleEndian(target, (ulong)value);
                return true;
            case Vr.SV when value >= long.MinValue && value <= long.MaxValue:
                BinaryPrimitives.WriteInt64LittleEndian(target, (long)value);
                return true;
            default:
                return false;
        }
    }

    /// <summary>A whole number, also where it is written with a fraction of zeros or an exponent.</summary>
    private static bool TryWhole(ReadOnlySpan<byte> text, out Int128 value)
    {
        if (Int128.TryParse(text, NumberStyles.AllowLeadingSign, s_culture, out value))
        {
            return true;
        }

        if (double.TryParse(text, NumberStyles.Float, s_culture, out double number) && number == Math.Truncate(number) && Math.Abs(number) < 1L << 53)
        {
            value = (long)number;
            return true;
        }

        return false;
    }

    private static bool TryFloat(ReadOnlySpan<byte> text, out double value)
    {
        // JSON has no numbers that are not finite, and XML Schema writes them otherwise than most programs: every usual spelling is taken.
        ReadOnlySpan<byte> unsigned = text is [(byte)'-' or (byte)'+', ..] ? text[1..] : text;
        if (Ascii.EqualsIgnoreCase(unsigned, "inf"u8) || Ascii.EqualsIgnoreCase(unsigned, "Infinity"u8))
        {
            value = text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        return double.TryParse(text, NumberStyles.Float, s_culture, out value);
    }
}
