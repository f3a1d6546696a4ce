using System.Text;

namespace MedicalAi.Dicom;

/// <summary>
/// What a defined term of PS3.3 C.12.1.1.2 stands for: an encoding, and for ISO/IEC 2022 how bytes of G0 (high bit clear) and
/// G1 (high bit set) are given to it.
/// </summary>
internal sealed class CodeElements
{
    private static readonly Encoding s_latin1 = Encoding.Latin1;
    private static readonly EncodingProvider s_codePages = CodePagesEncodingProvider.Instance;

    // What stands where nothing can is read as Latin 1, which devices mean most often.
    private static readonly CodeElements s_ascii = new(s_latin1, 1, hasG1: false);
    private static readonly CodeElements s_latin1Elements = new(s_latin1, 1);

    private CodeElements(Encoding encoding, int bytesPerCharacter, bool setsHighBit = false, bool standsAlone = false, bool hasG1 = true)
    {
        StandsAlone = standsAlone;
        HasG1 = hasG1;
        Encoding = encoding;
        BytesPerCharacter = bytesPerCharacter;
        SetsHighBit = setsHighBit;
    }

    /// <summary>The encoding that decodes the bytes.</summary>
    public Encoding Encoding { get; }

    /// <summary>1 for single-byte repertoires, 2 for those of ISO/IEC 2022 with two bytes a character.</summary>
    public int BytesPerCharacter { get; }

    /// <summary>Whether bytes of G0 get their high bit set before the encoding sees them (EUC form of a 94x94 set).</summary>
    public bool SetsHighBit { get; }

    /// <summary>Whether no code extensions go with it: UTF-8, GB18030 and GBK, whose bytes are not those of ISO/IEC 2022.</summary>
    public bool StandsAlone { get; }

    /// <summary>Whether it says what bytes with the high bit set are; ISO-IR 6 does not.</summary>
    public bool HasG1 { get; }

    /// <summary>A term in one spelling: devices write hyphens, underscores and small letters.</summary>
    public static string Normalize(string term) => term.Replace('_', ' ').Replace('-', ' ').ToUpperInvariant();

    /// <summary>What a defined term, normalized, stands for. Terms that do not exist are read as the nearest that does, else as Latin 1.</summary>
    public static CodeElements Find(string term)
    {
        string name = term.StartsWith("ISO 2022 ", StringComparison.Ordinal) ? "ISO " + term[9..] : term;
        return name switch
        {
            "" or "ISO IR 6" => s_ascii,
            "ISO IR 100" => s_latin1Elements,
            "ISO IR 101" => Page(28592),
            "ISO IR 109" => Page(28593),
            "ISO IR 110" => Page(28594),
            "ISO IR 144" => Page(28595),
            "ISO IR 127" => Page(28596),
            "ISO IR 126" => Page(28597),
            "ISO IR 138" => Page(28598),
            "ISO IR 148" => Page(28599),
            "ISO IR 203" => Page(28605),
            "ISO IR 166" => Page(874),
            "ISO IR 13" => Page(932),
            "ISO IR 87" or "ISO IR 159" => s_ascii,
            "ISO IR 149" => Page(51949),
            "ISO IR 58" or "ISO 58" => Page(936),
            "ISO IR 192" or "ISO 192" or "UTF 8" or "UTF8" => new CodeElements(new UTF8Encoding(false), 1, standsAlone: true),
            "GB18030" or "ISO GB18030" => new CodeElements(s_codePages.GetEncoding(54936)!, 1, standsAlone: true),
            "GBK" or "ISO GBK" => new CodeElements(s_codePages.GetEncoding(936)!, 1, standsAlone: true),
            _ => s_ascii,
        };
    }

    /// <summary>The code element that an escape sequence (without ESC) designates, and whether to G1; null when it is not one of PS3.3.</summary>
    public static (CodeElements Elements, bool ToG1, int Length)? FindEscape(ReadOnlySpan<byte> afterEscape)
    {
        if (afterEscape.Length >= 3 && afterEscape[0] == '$' && afterEscape[1] is (byte)'(' or (byte)')')
        {
            bool toG1 = afterEscape[1] == ')';
            return (afterEscape[1], afterEscape[2]) switch
            {
                ((byte)'(', (byte)'D') => (s_jisX0212, false, 3),
                ((byte)')', (byte)'C') => (s_ksX1001, toG1, 3),
                ((byte)')', (byte)'A') => (s_gb2312, toG1, 3),
                _ => null,
            };
        }

        if (afterEscape.Length < 2)
        {
            return null;
        }

        return (afterEscape[0], afterEscape[1]) switch
        {
            ((byte)'(', (byte)'B') => (s_ascii, false, 2),
            ((byte)'(', (byte)'J') => (s_jisX0201, false, 2),
            ((byte)')', (byte)'I') => (s_jisX0201, true, 2),
            ((byte)'$', (byte)'B') => (s_jisX0208, false, 2),
            ((byte)'-', (byte)'A') => (s_latin1Elements, true, 2),
            ((byte)'-', (byte)'B') => (Page(28592), true, 2),
            ((byte)'-', (byte)'C') => (Page(28593), true, 2),
            ((byte)'-', (byte)'D') => (Page(28594), true, 2),
            ((byte)'-', (byte)'L') => (Page(28595), true, 2),
            ((byte)'-', (byte)'G') => (Page(28596), true, 2),
            ((byte)'-', (byte)'F') => (Page(28597), true, 2),
            ((byte)'-', (byte)'H') => (Page(28598), true, 2),
            ((byte)'-', (byte)'M') => (Page(28599), true, 2),
            ((byte)'-', (byte)'b') => (Page(28605), true, 2),
            ((byte)'-', (byte)'T') => (Page(874), true, 2),
            _ => null,
        };
    }

    /// <summary>ISO-IR 6, the state of G0 at the beginning of every value.</summary>
    public static CodeElements Ascii => s_ascii;

    private static readonly CodeElements s_jisX0201 = Page(932);

    // EUC-JP holds JIS X 0208 with both high bits set, and JIS X 0212 behind 8F; JIS X 0208 by the code page 20932.
    private static readonly CodeElements s_jisX0208 = new(s_codePages.GetEncoding(20932)!, 2, setsHighBit: true);
    private static readonly CodeElements s_jisX0212 = new(s_codePages.GetEncoding(20932)!, 2, setsHighBit: false);
    private static readonly CodeElements s_ksX1001 = new(s_codePages.GetEncoding(51949)!, 2);
    private static readonly CodeElements s_gb2312 = new(s_codePages.GetEncoding(936)!, 2);

    private static CodeElements Page(int codePage) =>
        new(codePage is 28605 && s_codePages.GetEncoding(28605) is null ? s_latin1 : s_codePages.GetEncoding(codePage) ?? Encoding.GetEncoding(codePage), 1);
}
