using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>A person's name, or a key for one, by its component groups (PS3.5 section 6.2.1.2), each as <see cref="NameNormalizer"/> makes it.</summary>
/// <param name="Alphabetic">The alphabetic group; null when there is none.</param>
/// <param name="Ideographic">The ideographic group; null when there is none.</param>
/// <param name="Phonetic">The phonetic group; null when there is none.</param>
public readonly record struct NormalizedName(string? Alphabetic, string? Ideographic, string? Phonetic)
{
    private static readonly char[] s_betweenWords = [' ', '^', '=', ',', '.', '-', '\'', '*', '?', '\\', '・'];

    /// <summary>Reads a name as it stands in a data set, its groups separated by <c>=</c>.</summary>
    public static NormalizedName Parse(string? text)
    {
        PersonName name = PersonName.Parse(text ?? "");
        return new NormalizedName(NameNormalizer.Normalize(name.Alphabetic), NameNormalizer.Normalize(name.Ideographic), NameNormalizer.Normalize(name.Phonetic));
    }

    /// <summary>
    /// The words of a name for fuzzy matching, each once: of all groups, with umlauts that were transcribed (<c>AE</c>, <c>OE</c>,
    /// <c>UE</c>) as plain vowels and doubled letters as one.
    /// </summary>
    public IReadOnlyList<string> Words => [.. new[] { Alphabetic, Ideographic, Phonetic }
        .SelectMany(group => group?.Split(s_betweenWords, StringSplitOptions.RemoveEmptyEntries) ?? []).Select(Simplify).Distinct()];

    private static string Simplify(string word)
    {
        Span<char> simple = word.Length <= 128 ? stackalloc char[word.Length] : new char[word.Length];
        int length = 0;
        foreach (char c in word)
        {
            char previous = length > 0 ? simple[length - 1] : '\0';
            bool isDoubled = c == previous && char.IsLetter(c) && c < '\u0250';
            if (!isDoubled && !(c == 'E' && previous is 'A' or 'O' or 'U'))
            {
                simple[length++] = c;
            }
        }

        return simple[..length].ToString();
    }
}
