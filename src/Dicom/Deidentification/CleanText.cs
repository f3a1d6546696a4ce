using System.Collections.Frozen;
using System.Text;

namespace MedicalAi.Dicom;

/// <summary>
/// Cleans text: of its words those stay that are known to be words of medicine and imaging (see <c>Tables/README.md</c>), and numbers of one or two digits, with a
/// fraction and a unit perhaps. Whatever else a text says is taken out without being understood: names, identifiers, dates, numbers of telephones.
/// </summary>
internal static class CleanText
{
    private static readonly Lazy<FrozenSet<string>> s_words = new(Load);

    // After these comes a name.
    private static readonly FrozenSet<string> s_titles = new[] { "Mr", "Mrs", "Ms", "Miss", "Dr", "Prof", "Herr", "Frau", "Mme", "MRS", "PROF" }.ToFrozenSet(StringComparer.Ordinal);

    // Units of numbers that no word of the list is.
    private static readonly FrozenSet<string> s_units = new[]
    {
        "mm", "cm", "m", "ml", "cc", "mg", "ug", "g", "kg", "kv", "kvp", "ma", "mas", "ms", "s", "sec", "min", "h", "hr", "t", "hz", "khz", "mhz", "gy", "cgy", "mgy", "mbq", "mci", "d", "w", "ch", "x", "st", "nd", "rd", "th",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>What may stay of a text; empty when nothing may.</summary>
    /// <param name="text">The text.</param>
    /// <param name="known">Words that may not stay although they are words: parts of the names of those concerned.</param>
    public static string Clean(ReadOnlySpan<char> text, KnownIdentifiers known)
    {
        StringBuilder clean = new(text.Length);
        bool hasGap = false;
        bool isAfterTitle = false;
        for (int at = 0; at < text.Length;)
        {
            int end = at;
            if (char.IsLetterOrDigit(text[at]))
            {
                bool isNumber = char.IsDigit(text[at]);
                while (end < text.Length && (char.IsLetterOrDigit(text[end]) || (isNumber && text[end] is '.' or ',' or ':' or '/' or '-' && end + 1 < text.Length && char.IsDigit(text[end + 1]))))
                {
                    end++;
                }

                ReadOnlySpan<char> word = text[at..end];
                bool isTitle = s_titles.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word);
                bool isNamed = isAfterTitle && char.IsUpper(word[0]);
                isAfterTitle = isTitle;
                if (!isTitle && !isNamed && MayStay(word) && !known.IsPartOfName(word))
                {
                    clean.Append(hasGap && clean.Length > 0 && clean[^1] is not ' ' and not '\n' ? " " : "").Append(word);
                    hasGap = false;
                }
                else
                {
                    TrimSeparators(clean);
                    hasGap = true;
                }

                at = end;
                continue;
            }

            // Between words that stay, what separates them; after one that went, nothing but an end of line.
            if (!hasGap || text[at] is '\n')
            {
                clean.Append(text[at]);
            }

            at++;
        }

        TrimSeparators(clean);
        return clean.ToString().Trim();
    }

    private static bool MayStay(ReadOnlySpan<char> word)
    {
        if (!Ascii.IsValid(word))
        {
            return false;
        }

        // 2D is a word and 5mm a number; of plurals the list has some alone.
        return CountDigits(word) > 0 ? IsNumber(word) || IsWord(word) : IsWord(word) || (word.Length > 3 && word[^1] is 's' or 'S' && IsWord(word[..^1]));
    }

    private static bool IsWord(ReadOnlySpan<char> word)
    {
        if (word.Length > 40)
        {
            return false;
        }

        Span<char> lower = stackalloc char[word.Length];
        word.ToLowerInvariant(lower);
        return s_words.Value.GetAlternateLookup<ReadOnlySpan<char>>().Contains(lower);
    }

    // 5, 12, 0.625, 3.0T, 5mm: nothing that could be a date, an age over 99 or an identifier.
    private static bool IsNumber(ReadOnlySpan<char> word)
    {
        int whole = CountDigits(word);
        if (whole is 0 or > 2)
        {
            return false;
        }

        ReadOnlySpan<char> rest = word[whole..];
        if (rest is ['.' or ',', ..])
        {
            int fraction = CountDigits(rest[1..]);
            if (fraction is 0 or > 3)
            {
                return false;
            }

            rest = rest[(1 + fraction)..];
        }

        Span<char> lower = stackalloc char[Math.Min(rest.Length, 4)];
        return rest.IsEmpty || (rest.Length <= 4 && rest.ToLowerInvariant(lower) >= 0 && s_units.GetAlternateLookup<ReadOnlySpan<char>>().Contains(lower));
    }

    private static int CountDigits(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') is var end && end < 0 ? text.Length : end;

    private static void TrimSeparators(StringBuilder text)
    {
        int length = text.Length;
        while (length > 0 && !char.IsLetterOrDigit(text[length - 1]) && text[length - 1] is not '\n' and not ')')
        {
            length--;
        }

        text.Length = length;
    }

    private static FrozenSet<string> Load()
    {
        using Stream stream = typeof(CleanText).Assembly.GetManifestResourceStream("clean-words.txt")
            ?? throw new InvalidOperationException("The list of words is not in the assembly.");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
    }
}
