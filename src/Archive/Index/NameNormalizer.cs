using System.Globalization;
using System.Text;

namespace MedicalAi.Archive;

/// <summary>Person names (and keys for them) made comparable: upper case, without accents.</summary>
internal static class NameNormalizer
{
    public static string? Normalize(string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return null;
        }

        StringBuilder result = new(name.Length);
        foreach (char c in name.Normalize(NormalizationForm.FormD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark)
            {
                result.Append(char.ToUpperInvariant(c));
            }
        }

        return result.ToString().Normalize(NormalizationForm.FormC);
    }
}
