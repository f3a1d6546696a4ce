using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;

namespace MedicalAi.Dicom;

/// <content>
/// Elements without a value or with one short value that is written as it stands, as most are: they are put together here and written
/// at once, in half the time that the calls for each part take. All others go the long way.
/// </content>
internal sealed partial class DicomJsonWriter
{
    private const int ShortLength = 80;

    // What stands around a value: {"vr":"XX","Value":["..."]}
    private const int Frame = 32;

    private readonly JavaScriptEncoder _encoder = writer.Options.Encoder ?? JavaScriptEncoder.Default;
    private readonly bool _isIndented = writer.Options.Indented;

    private bool TryWriteShort(DicomElement element, Vr vr)
    {
        ReadOnlySpan<byte> value = element.Value.Span;
        if (_isIndented || value.Length > ShortLength || element.Tag == DicomTags.SpecificCharacterSet || (!element.IsEmpty && value.IsEmpty))
        {
            return false;
        }

        Span<byte> json = stackalloc byte[ShortLength + Frame];
        "{\"vr\":\"  \""u8.CopyTo(json);
        json[7] = (byte)((int)vr >> 8);
        json[8] = (byte)vr;
        int length = 10;
        if (!value.IsEmpty)
        {
            ",\"Value\":["u8.CopyTo(json[length..]);
            length += 10;
            int count = vr.IsText() ? CopyText(vr, value, json[length..]) : FormatNumber(vr, value, json[length..]);
            if (count == 0)
            {
                return false;
            }

            length += count;
            json[length++] = (byte)']';
        }

        json[length++] = (byte)'}';
        Span<byte> name = stackalloc byte[8];
        Utf8Formatter.TryFormat(element.Tag.Value, name, out _, new StandardFormat('X', 8));
        writer.WritePropertyName(name);
        writer.WriteRawValue(json[..length], skipInputValidation: true);
        return true;
    }

    /// <summary>Writes a value of characters that stand for themselves; 0 when it is none.</summary>
    private int CopyText(Vr vr, ReadOnlySpan<byte> value, Span<byte> json)
    {
        if (vr == Vr.PN || (value.Contains((byte)'\\') && vr.IsMultiValuedText()) || !Ascii.IsValid(value))
        {
            return 0;
        }

        ReadOnlySpan<byte> text = Trim(value, vr);
        if (vr is Vr.DS or Vr.IS)
        {
            return JsonNumber.TryFormat(text, json, out int length) && (vr == Vr.DS || IsExact(json[..length])) ? length : 0;
        }

        if (text.IsEmpty || _encoder.FindFirstCharacterToEncodeUtf8(text) >= 0)
        {
            return 0;
        }

        json[0] = (byte)'"';
        text.CopyTo(json[1..]);
        json[text.Length + 1] = (byte)'"';
        return text.Length + 2;
    }

    /// <summary>Writes one whole number; 0 when the value is none.</summary>
    private static int FormatNumber(Vr vr, ReadOnlySpan<byte> value, Span<byte> json)
    {
        int length = 0;
        _ = (vr, value.Length) switch
        {
            (Vr.US, 2) => Utf8Formatter.TryFormat(BinaryPrimitives.ReadUInt16LittleEndian(value), json, out length),
            (Vr.SS, 2) => Utf8Formatter.TryFormat(BinaryPrimitives.ReadInt16LittleEndian(value), json, out length),
            (Vr.UL, 4) => Utf8Formatter.TryFormat(BinaryPrimitives.ReadUInt32LittleEndian(value), json, out length),
            (Vr.SL, 4) => Utf8Formatter.TryFormat(BinaryPrimitives.ReadInt32LittleEndian(value), json, out length),
            _ => false,
        };
        return length;
    }
}
