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

    private readonly CodeElements _initial;
    private readonly bool _hasExtensions;

    private SpecificCharacterSet(string[] terms)
    {
        Terms = terms;
        string first = terms.Length == 0 ? "" : CodeElements.Normalize(terms[0]);
        _initial = CodeElements.Find(first);

        // The multi-byte sets without code extensions stand alone (PS3.3 C.12.1.1.2); a term beside them is passed over.
        _hasExtensions = !_initial.StandsAlone && (terms.Length > 1 || first.StartsWith("ISO 2022", StringComparison.Ordinal));
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
            : _initial.Encoding.GetString(value);
    }

    /// <summary>Encodes text. What the character set cannot hold becomes <c>?</c>; text for code extensions is written only where the first term can hold it.</summary>
    public byte[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Terms.Count == 0 ? Encoding.UTF8.GetBytes(text) : _initial.Encoding.GetBytes(text);
    }
}
