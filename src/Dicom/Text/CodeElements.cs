using System.Text;

namespace MedicalAi.Dicom;

/// <summary>
/// What a defined term of PS3.3 C.12.1.1.2 stands for: characters for bytes of G0 (high bit clear) or of G1 (high bit set), and the
/// escape sequence of ISO/IEC 2022 that designates them. Decoding is generous: it takes what code pages of devices have added to a set.
/// Encoding is strict: it gives only what the set has (<see cref="CharacterCodes"/>).
/// </summary>
internal sealed class CodeElements
{
    private static readonly CodeElements s_ascii = new(Encoding.Latin1, "(B") { HasG1 = false };
    private static readonly CodeElements s_romaji = new(Encoding.Latin1, "(J") { HasG1 = false };
    private static readonly CodeElements s_katakana = new(Page(932), ")I") { IsG1 = true, Ranges = "A1-DF" };
    private static readonly CodeElements s_latin1 = Single(28591, "-A");
    private static readonly CodeElements s_latin2 = Single(28592, "-B");
    private static readonly CodeElements s_latin3 = Single(28593, "-C");
    private static readonly CodeElements s_latin4 = Single(28594, "-D");
    private static readonly CodeElements s_cyrillic = Single(28595, "-L");
    private static readonly CodeElements s_arabic = Single(28596, "-G");

    // Quotation marks as they are printed; the euro, the drachma and the iota subscript are of a later edition than that of ISO-IR 126,
    // and so are the marks of direction of Hebrew.
    private static readonly CodeElements s_greek = Single(28597, "-F", "A0-A3 A6-A9 AB-FF", (0xA1, '‘'), (0xA2, '’'), (0xA4, '€'), (0xA5, '₯'), (0xAA, 'ͺ'));
    private static readonly CodeElements s_hebrew = Single(28598, "-H", "A0-FC", (0xAF, '¯'), (0xFD, '\u200E'), (0xFE, '\u200F'));
    private static readonly CodeElements s_latin5 = Single(28599, "-M");
    private static readonly CodeElements s_latin9 = Single(28605, "-b");
    private static readonly CodeElements s_thai = Single(874, "-T", "A1-DA DF-FB");

    // EUC-JP holds JIS X 0208 with both high bits set; the code page 20932 holds JIS X 0212 with that of the first byte only.
    private static readonly CodeElements s_jisX0208 = new(Page(20932), "$B")
    {
        BytesPerCharacter = 2,
        SecondHighBit = 0x80,
        Ranges = "2121-222E 223A-2241 224A-2250 225C-226A 2272-2279 227E-227E 2330-2339 2341-235A 2361-237A 2421-2473 2521-2576 2621-2638 2641-2658 2721-2741 2751-2771 2821-2840 3021-4F53 5021-7426",
    };

    private static readonly CodeElements s_jisX0212 = new(Page(20932), "$(D")
    {
        BytesPerCharacter = 2,
        Ranges = "222F-2236 2238-2239 2242-2244 226B-2271 2661-2665 2667-2667 2669-266A 266C-266C 2671-267C 2742-274E 2772-277E 2921-2922 2924-2924 2926-2926 2928-2929 292B-292D 292F-2930 2941-2950 2A21-2A38 2A3A-2A77 2B21-2B3B 2B3D-2B43 2B45-2B77 3021-6D63",
    };

    private static readonly CodeElements s_ksX1001 = new(Page(949), "$)C")
    {
        IsG1 = true,
        BytesPerCharacter = 2,
        SecondHighBit = 0x80,
        Ranges = "2121-2265 2321-252A 2530-2539 2541-2558 2561-2578 2621-2664 2721-276F 2821-2824 2826-2826 2828-282F 2831-2A73 2B21-2B76 2C21-2C41 2C51-2C71 3021-487E 4A21-7D7E",
    };

    private static readonly CodeElements s_gb2312 = new(Page(936), "$)A")
    {
        IsG1 = true,
        BytesPerCharacter = 2,
        SecondHighBit = 0x80,
        Ranges = "2121-217E 2231-2262 2265-226E 2271-227C 2321-2473 2521-2576 2621-2638 2641-2658 2721-2741 2751-2771 2821-283A 2845-2869 2924-296F 3021-5779 5821-777E",
    };

    private static readonly CodeElements s_utf8 = new(new UTF8Encoding(false), "") { StandsAlone = true };
    private static readonly CodeElements s_gb18030 = new(Page(54936), "") { StandsAlone = true };
    private static readonly CodeElements s_gbk = new(Page(936), "") { StandsAlone = true };

    // All that an escape sequence can designate.
    private static readonly CodeElements[] s_designated =
    [
        s_ascii, s_romaji, s_katakana, s_latin1, s_latin2, s_latin3, s_latin4, s_cyrillic, s_arabic, s_greek, s_hebrew, s_latin5, s_latin9, s_thai,
        s_jisX0208, s_jisX0212, s_ksX1001, s_gb2312,
    ];

    private readonly Encoding _encoding;
    private readonly byte[] _escape;

    // Of single-byte sets the characters of the bytes with the high bit set; null where the code page decodes them.
    private readonly char[]? _high;
    private readonly Lazy<CharacterCodes> _codes;

    private CodeElements(Encoding encoding, string escape, char[]? high = null)
    {
        _encoding = encoding;
        _escape = Encoding.ASCII.GetBytes(escape);
        _high = high;
        _codes = new Lazy<CharacterCodes>(() => new CharacterCodes(this));
    }

    /// <summary>ISO-IR 6, the state of G0 at the beginning of a value.</summary>
    public static CodeElements Ascii => s_ascii;

    /// <summary>The escape sequence that designates it, without ESC.</summary>
    public ReadOnlySpan<byte> Escape => _escape;

    /// <summary>Whether it is designated to G1, else to G0.</summary>
    public bool IsG1 { get; private init; }

    /// <summary>1 for single-byte repertoires, 2 for those of ISO/IEC 2022 with two bytes a character.</summary>
    public int BytesPerCharacter { get; private init; } = 1;

    /// <summary>Whether no code extensions go with it: UTF-8, GB18030 and GBK, whose bytes are not those of ISO/IEC 2022.</summary>
    public bool StandsAlone { get; private init; }

    /// <summary>Whether it says what bytes with the high bit set are; ISO-IR 6 does not.</summary>
    public bool HasG1 { get; private init; } = true;

    /// <summary>What goes to G0 with it: with ISO-IR 13, which is Japanese, ISO-IR 14.</summary>
    public CodeElements G0 => this == s_katakana ? s_romaji : s_ascii;

    /// <summary>The codes that it has, as the standard that it comes from lists them: first and last in hexadecimal digits.</summary>
    public string Ranges { get; private init; } = "";

    /// <summary>The code of each character that it has.</summary>
    public CharacterCodes Codes => _codes.Value;

    private byte SecondHighBit { get; init; }

    /// <summary>A term in one spelling: devices write hyphens, underscores and small letters.</summary>
    public static string Normalize(string term) => term.Replace('_', ' ').Replace('-', ' ').ToUpperInvariant();

    /// <summary>What a defined term, normalized, stands for. Terms that do not exist are read as the nearest that does, else as Latin 1.</summary>
    public static CodeElements Find(string term) => (term.StartsWith("ISO 2022 ", StringComparison.Ordinal) ? "ISO " + term[9..] : term) switch
    {
        "ISO IR 100" => s_latin1,
        "ISO IR 101" => s_latin2,
        "ISO IR 109" => s_latin3,
        "ISO IR 110" => s_latin4,
        "ISO IR 144" => s_cyrillic,
        "ISO IR 127" => s_arabic,
        "ISO IR 126" => s_greek,
        "ISO IR 138" => s_hebrew,
        "ISO IR 148" => s_latin5,
        "ISO IR 203" => s_latin9,
        "ISO IR 166" => s_thai,
        "ISO IR 13" => s_katakana,
        "ISO IR 87" => s_jisX0208,
        "ISO IR 159" => s_jisX0212,
        "ISO IR 149" => s_ksX1001,
        "ISO IR 58" or "ISO 58" => s_gb2312,
        "ISO IR 192" or "ISO 192" or "UTF 8" or "UTF8" => s_utf8,
        "GB18030" or "ISO GB18030" => s_gb18030,
        "GBK" or "ISO GBK" => s_gbk,
        _ => s_ascii,
    };

    /// <summary>What an escape sequence, of which ESC is passed over, designates; null when it is not one of PS3.3.</summary>
    public static CodeElements? FindEscape(ReadOnlySpan<byte> afterEscape)
    {
        foreach (CodeElements elements in s_designated)
        {
            if (afterEscape.StartsWith(elements._escape))
            {
                return elements;
            }
        }

        return null;
    }

    /// <summary>The characters of bytes of G1, of G0 and G1 where it is a single-byte set; U+FFFD for what is none.</summary>
    public string Decode(ReadOnlySpan<byte> bytes)
    {
        if (_high is null)
        {
            return _encoding.GetString(bytes);
        }

        return string.Create(bytes.Length, bytes, (target, source) =>
        {
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = source[i] < 0x80 ? (char)source[i] : _high[source[i] - 0x80];
            }
        });
    }

    /// <summary>The characters of two bytes, whose high bits do not matter.</summary>
    public string Decode(byte first, byte second)
    {
        Span<byte> pair = [(byte)(first | 0x80), (byte)((second & 0x7F) | SecondHighBit)];
        return this != s_jisX0212 ? _encoding.GetString(pair)
            : (first & 0x7F, second & 0x7F) switch
            {
                // Two that the code page lacks.
                (0x22, 0x37) => "~",
                (0x22, 0x71) => "№",
                _ => _encoding.GetString(pair),
            };
    }

    /// <summary>Encodes text of a set that stands alone; false when it does not have all of it.</summary>
    public bool TryEncodeAlone(string text, out byte[] bytes)
    {
        bool isWhole = this != s_gbk || !text.Any(IsPrivate);
        text = this == s_gbk ? text.Replace('€', '\x1A') : text; // GBK has no euro; the code page has.
        bytes = _encoding.GetBytes(text);
        isWhole &= !bytes.AsSpan().Contains((byte)0x1A);
        bytes.AsSpan().Replace((byte)0x1A, (byte)'?');
        return isWhole;
    }

    /// <summary>Whether a character is one for private use: so come the bytes out of code pages that a set does not have.</summary>
    public static bool IsPrivate(char character) => character is >= '\uE000' and <= '\uF8FF';

    // What the code page cannot encode becomes SUB, which no text of DICOM holds.
    private static Encoding Page(int codePage) =>
        CodePagesEncodingProvider.Instance.GetEncoding(codePage, new EncoderReplacementFallback("\x1A"), new DecoderReplacementFallback("\uFFFD"))!;

    private static CodeElements Single(int codePage, string escape, string ranges = "A0-FF", params ReadOnlySpan<(int Code, char Character)> instead)
    {
        Encoding encoding = codePage == 28591 ? Encoding.Latin1 : Page(codePage);
        string characters = encoding.GetString([.. Enumerable.Range(0x80, 0x80).Select(code => (byte)code)]);
        char[] high = [.. characters.Select(character => IsPrivate(character) ? '\uFFFD' : character)];
        foreach ((int code, char character) in instead)
        {
            high[code - 0x80] = character;
        }

        return new CodeElements(encoding, escape, high) { IsG1 = true, Ranges = ranges };
    }
}
