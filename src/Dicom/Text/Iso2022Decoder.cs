using System.Text;

namespace MedicalAi.Dicom;

/// <summary>Decodes text with the code extensions of ISO/IEC 2022 as PS3.5 section 6.1.2.5 restricts them.</summary>
internal static class Iso2022Decoder
{
    private const byte Escape = 0x1B;

    public static string Decode(ReadOnlySpan<byte> value, Vr vr, CodeElements initial)
    {
        StringBuilder text = new(value.Length);
        CodeElements g0 = CodeElements.Ascii;
        CodeElements g1 = initial;
        int position = 0;
        while (position < value.Length)
        {
            byte b = value[position];
            if (b == Escape)
            {
                if (CodeElements.FindEscape(value[(position + 1)..]) is { } designated)
                {
                    (g0, g1) = designated.IsG1 ? (g0, designated) : (designated, g1);
                    position += 1 + designated.Escape.Length;
                }
                else
                {
                    text.Append('\uFFFD');
                    position++;
                }

                continue;
            }

            if (b < 0x80 && g0.BytesPerCharacter == 2 && b > 0x20)
            {
                if (position + 1 >= value.Length)
                {
                    text.Append('\uFFFD');
                    break;
                }

                text.Append(g0.Decode(b, value[position + 1]));
                position += 2;
                continue;
            }

            if (b < 0x80)
            {
                text.Append((char)b);
                position++;
                if (IsDelimiter(b, vr))
                {
                    // A first term that has nothing for G1 leaves what was designated: many devices escape once in a value.
                    g0 = CodeElements.Ascii;
                    g1 = initial.HasG1 ? initial : g1;
                }

                continue;
            }

            // A run of bytes with the high bit set belongs to G1 as a whole, so that multi-byte characters stay together.
            int end = position + 1;
            while (end < value.Length && value[end] >= 0x80)
            {
                end++;
            }

            text.Append(g1.Decode(value[position..end]));
            position = end;
        }

        return text.ToString();
    }

    /// <summary>Whether a character takes a value back to its first character set (PS3.5 section 6.1.2.5.3).</summary>
    public static bool IsDelimiter(byte b, Vr vr) => b is 0x09 or 0x0A or 0x0C or 0x0D
        || (b == (byte)'\\' && vr.IsMultiValuedText())
        || (vr == Vr.PN && b is (byte)'^' or (byte)'=');
}
