using System.Diagnostics.CodeAnalysis;

namespace MedicalAi.Dicom.Network;

/// <summary>An AE title (PS3.5 table 6.2-1, VR AE): 1 to 16 characters of the default repertoire, without backslash and control characters.</summary>
public readonly record struct AeTitle
{
    private readonly string? _value;

    private AeTitle(string value) => _value = value;

    /// <summary>The characters, without the padding spaces.</summary>
    public string Value => _value ?? "";

    /// <summary>Reads an AE title, trimming spaces; false when nothing is left or a character is not allowed.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out AeTitle title)
    {
        string trimmed = text?.Trim(' ') ?? "";
        bool ok = trimmed.Length is > 0 and <= 16 && trimmed.All(c => c is >= ' ' and <= '~' and not '\\');
        title = ok ? new AeTitle(trimmed) : default;
        return ok;
    }

    /// <summary>Reads an AE title.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static AeTitle Parse(string text) => TryParse(text, out AeTitle title) ? title : throw new FormatException("An AE title has 1 to 16 printable characters and no backslash.");

    /// <inheritdoc />
    public override string ToString() => Value;

    /// <summary>A text of a peer, for logs and records: what is not printable is shown as '?'.</summary>
    internal static string Display(string text) => text.All(c => c is >= ' ' and <= '~') ? text : string.Concat(text.Select(c => c is >= ' ' and <= '~' ? c : '?'));
}
