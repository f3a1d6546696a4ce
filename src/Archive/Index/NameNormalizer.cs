using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MedicalAi.Archive;

/// <summary>Person names (and keys for them) made comparable: upper case, without accents.</summary>
/// <remarks>The program runs without the culture tables (invariant globalization), where strings are not decomposed; hence the table.</remarks>
public static class NameNormalizer
{
    // Latin capital letters of Unicode with marks, by the letter that their canonical decomposition begins with.
    private static readonly (string Letter, string Marked)[] s_marked =
    [
        ("A", "ÀÁÂÃÄÅĀĂĄǍǞǠǺȀȂȦḀẠẢẤẦẨẪẬẮẰẲẴẶ"),
        ("B", "ḂḄḆ"),
        ("C", "ÇĆĈĊČḈ"),
        ("D", "ĎḊḌḎḐḒ"),
        ("E", "ÈÉÊËĒĔĖĘĚȄȆȨḔḖḘḚḜẸẺẼẾỀỂỄỆ"),
        ("F", "Ḟ"),
        ("G", "ĜĞĠĢǦǴḠ"),
        ("H", "ĤȞḢḤḦḨḪ"),
        ("I", "ÌÍÎÏĨĪĬĮİǏȈȊḬḮỈỊ"),
        ("J", "Ĵ"),
        ("K", "ĶǨḰḲḴ"),
        ("L", "ĹĻĽḶḸḺḼ"),
        ("M", "ḾṀṂ"),
        ("N", "ÑŃŅŇǸṄṆṈṊ"),
        ("O", "ÒÓÔÕÖŌŎŐƠǑǪǬȌȎȪȬȮȰṌṎṐṒỌỎỐỒỔỖỘỚỜỞỠỢ"),
        ("P", "ṔṖ"),
        ("R", "ŔŖŘȐȒṘṚṜṞ"),
        ("S", "ŚŜŞŠȘṠṢṤṦṨ"),
        ("T", "ŢŤȚṪṬṮṰ"),
        ("U", "ÙÚÛÜŨŪŬŮŰŲƯǓǕǗǙǛȔȖṲṴṶṸṺỤỦỨỪỬỮỰ"),
        ("V", "ṼṾ"),
        ("W", "ŴẀẂẄẆẈ"),
        ("X", "ẊẌ"),
        ("Y", "ÝŶŸȲẎỲỴỶỸ"),
        ("Z", "ŹŻŽẐẒẔ"),
    ];

    private static readonly Dictionary<char, char> s_letters = s_marked.SelectMany(row => row.Marked.Select(marked => (marked, row.Letter[0]))).ToDictionary();

    /// <summary>The comparable form of a text; null when it is null or empty.</summary>
    public static string? Normalize(string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return null;
        }

        StringBuilder result = new(name.Length);
        foreach (char c in name)
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark)
            {
                char upper = char.ToUpperInvariant(c);
                result.Append(s_letters.GetValueOrDefault(upper, upper));
            }
        }

        return result.ToString();
    }

    /// <summary>The same of a name as DICOM JSON has it (PS3.18 F.2.2), its groups joined by <c>=</c>.</summary>
    public static string? NormalizeJson(string? json)
    {
        if (json is null || !json.StartsWith('{'))
        {
            return Normalize(json);
        }

        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement name = document.RootElement;
        return Normalize($"{Group("Alphabetic")}={Group("Ideographic")}={Group("Phonetic")}".TrimEnd('='));

        string? Group(string group) => name.TryGetProperty(group, out JsonElement value) ? value.GetString() : null;
    }
}
