using System.Globalization;

namespace MedicalAi.Dicom;

/// <summary>Decimal and integer strings (PS3.5 section 6.2) as numbers of JSON (RFC 8259 section 6), digit for digit.</summary>
internal static class JsonNumber
{
    /// <summary>The longest number that is written; more than any of DS (16 characters).</summary>
    public const int MaxLength = 64;

    /// <summary>
    /// Takes off what JSON does not allow: a plus sign, zeros in front, a decimal point without digits on both sides. False for
    /// what is no number, and for one that no double can hold.
    /// </summary>
    public static bool TryFormat(ReadOnlySpan<byte> text, Span<byte> target, out int length)
    {
        length = 0;
        if (text.IsEmpty || text.Length >= MaxLength)
        {
            return false;
        }

        if (text[0] is (byte)'-' or (byte)'+')
        {
            if (text[0] == '-')
            {
                target[length++] = (byte)'-';
            }

            text = text[1..];
        }

        ReadOnlySpan<byte> whole = Digits(text);
        text = text[whole.Length..];
        ReadOnlySpan<byte> fraction = [];
        if (text is [(byte)'.', ..])
        {
            fraction = Digits(text[1..]);
            text = text[(1 + fraction.Length)..];
        }

        if (whole.IsEmpty && fraction.IsEmpty)
        {
            return false;
        }

        whole = whole.TrimStart((byte)'0');
        Append(whole.IsEmpty ? "0"u8 : whole, target, ref length);
        if (!fraction.IsEmpty)
        {
            target[length++] = (byte)'.';
            Append(fraction, target, ref length);
        }

        return text.IsEmpty || TryExponent(text, target, ref length);
    }

    private static bool TryExponent(ReadOnlySpan<byte> text, Span<byte> target, ref int length)
    {
        if (text[0] is not ((byte)'e' or (byte)'E'))
        {
            return false;
        }

        ReadOnlySpan<byte> exponent = text;
        text = text[1..];
        if (text is [(byte)'+' or (byte)'-', ..])
        {
            text = text[1..];
        }

        if (text.IsEmpty || Digits(text).Length < text.Length)
        {
            return false;
        }

        Append(exponent, target, ref length);
        return double.TryParse(target[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value);
    }

    private static ReadOnlySpan<byte> Digits(ReadOnlySpan<byte> text)
    {
        int count = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return count < 0 ? text : text[..count];
    }

    private static void Append(ReadOnlySpan<byte> text, Span<byte> target, ref int length)
    {
        text.CopyTo(target[length..]);
        length += text.Length;
    }
}
