using System.Buffers;
using System.Text;

namespace MedicalAi.Dicom;

/// <summary>
/// The character set of a data set (PS3.3 C.12.1.1.2): one defined term, or several with the code extensions of ISO/IEC 2022
/// (PS3.5 section 6.1.2.5). Decoding never fails: what cannot be decoded becomes U+FFFD.
/// </summary>
public sealed class SpecificCharacterSet
{
    private static readonly SearchValues<byte> s_plain = SearchValues.Create([.. Enumerable.Range(0, 128).Where(b => b != 0x1B).Select(b => (byte)b)]);

    // ISO_IR 6 is what stands for no term at all; with code extensions each single-byte set has a second name, as the sets of two bytes have only that.
    private static readonly HashSet<string> s_definedTerms =
    [
        .. ((int[])[6, 100, 101, 109, 110, 144, 127, 126, 138, 148, 203, 13, 166]).SelectMany(number => (string[])[$"ISO_IR {number}", $"ISO 2022 IR {number}"]),
        "ISO 2022 IR 87", "ISO 2022 IR 159", "ISO 2022 IR 149", "ISO 2022 IR 58", "ISO_IR 192", "GB18030", "GBK",
    ];

    private readonly CodeElements _initial;
    private readonly bool _hasExtensions;

    // What text is encoded with: without code extensions the one set, else those of all terms.
    private readonly CodeElements[] _allowed;

    private SpecificCharacterSet(string[] terms)
    {
        Terms = terms;
        string first = terms.Length == 0 ? "" : CodeElements.Normalize(terms[0]);
        _initial = CodeElements.Find(first);

        // The multi-byte sets without code extensions stand alone (PS3.3 C.12.1.1.2); a term beside them is passed over.
        _hasExtensions = !_initial.StandsAlone && (terms.Length > 1 || first.StartsWith("ISO 2022", StringComparison.Ordinal));
        _allowed = _hasExtensions
            ? [.. terms.Select(term => CodeElements.Find(CodeElements.Normalize(term))).Where(elements => elements is { StandsAlone: false, Ranges.Length: > 0 }).Distinct()]
            : [];
    }

    private static readonly SpecificCharacterSet s_latin1 = new(["ISO_IR 100"]);

    /// <summary>
    /// The default repertoire, ISO-IR 6. Where bytes stand that it does not have, they are taken for UTF-8 if they are well formed
    /// and for Latin 1 otherwise; text that it does not have is encoded in UTF-8, so that an item may be made before it is put
    /// into a data set in UTF-8.
    /// </summary>
    public static SpecificCharacterSet Default { get; } = new([]);

    /// <summary>Unicode in UTF-8, <c>ISO_IR 192</c>: what we write.</summary>
    public static SpecificCharacterSet Utf8 { get; } = new(["ISO_IR 192"]);

    /// <summary>The defined terms as they stand.</summary>
    public IReadOnlyList<string> Terms { get; }

    /// <summary>Reads the value of (0008,0005).</summary>
    public static SpecificCharacterSet Parse(ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> trimmed = value.TrimEnd(" \0"u8);
        return trimmed.IsEmpty ? Default
            : trimmed.SequenceEqual("ISO_IR 192"u8) ? Utf8
            : trimmed.SequenceEqual("ISO_IR 100"u8) ? s_latin1
            : Parse(Encoding.Latin1.GetString(trimmed).Split('\\'));
    }

    /// <summary>Reads the values of (0008,0005).</summary>
    public static SpecificCharacterSet Parse(params ReadOnlySpan<string> terms)
    {
        string[] trimmed = new string[terms.Length];
        for (int i = 0; i < trimmed.Length; i++)
        {
            trimmed[i] = terms[i].Trim(' ', '\0');
        }

        return new SpecificCharacterSet(trimmed);
    }

    /// <summary>Whether a term is one of the standard, spelled as it has it. Terms as devices misspell them are understood all the same.</summary>
    public static bool IsDefinedTerm(string term) => s_definedTerms.Contains(term);

    /// <summary>Decodes a value, its backslashes and padding included.</summary>
    /// <param name="value">The bytes of the whole value.</param>
    /// <param name="vr">Its VR, which says what resets code extensions: <c>^</c> and <c>=</c> in PN, the backslash where values are several.</param>
    public string Decode(ReadOnlySpan<byte> value, Vr vr)
    {
        if (!value.ContainsAnyExcept(s_plain))
        {
            // ISO_IR 13 shows a yen sign and an overline for two ASCII codes; as text they are what they were typed as.
            return Encoding.ASCII.GetString(value);
        }

        return _hasExtensions ? Iso2022Decoder.Decode(value, vr, _initial)
            : Terms.Count == 0 && System.Text.Unicode.Utf8.IsValid(value) ? Encoding.UTF8.GetString(value)
            : _initial.Decode(value);
    }

    /// <summary>
    /// Encodes a value, with code extensions where the terms have any (PS3.5 section 6.1.2.5). What none of the terms has becomes
    /// <c>?</c>: <see cref="TryEncode"/> tells.
    /// </summary>
    /// <param name="text">The characters of the whole value.</param>
    /// <param name="vr">Its VR, which says what resets code extensions.</param>
    public byte[] Encode(string text, Vr vr)
    {
        TryEncode(text, vr, out byte[] bytes);
        return bytes;
    }

    /// <summary>Encodes a value.</summary>
    /// <param name="text">The characters of the whole value.</param>
    /// <param name="vr">Its VR, which says what resets code extensions.</param>
    /// <param name="bytes">The bytes, with <c>?</c> for what none of the terms has.</param>
    /// <returns>Whether nothing is lost.</returns>
    public bool TryEncode(string text, Vr vr, out byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (System.Text.Ascii.IsValid(text) && !text.Contains('\e', StringComparison.Ordinal))
        {
            bytes = Encoding.ASCII.GetBytes(text);
            return true;
        }

        if (Terms.Count == 0)
        {
            bytes = Encoding.UTF8.GetBytes(text);
            return true;
        }

        return _initial.StandsAlone
            ? _initial.TryEncodeAlone(text, out bytes)
            : new Iso2022Encoder(_initial, _allowed).TryEncode(text, vr, out bytes);
    }
}
