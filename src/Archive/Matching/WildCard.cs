namespace MedicalAi.Archive;

/// <summary>Wild card matching (PS3.4 C.2.2.2.4): <c>*</c> stands for any characters, none too, and <c>?</c> for one.</summary>
internal static class WildCard
{
    /// <summary>Whether a key has wild cards.</summary>
    public static bool IsIn(string key) => key.AsSpan().ContainsAny('*', '?');

    /// <summary>What stands before the first wild card.</summary>
    public static string PrefixOf(string key) => key.AsSpan().IndexOfAny('*', '?') is >= 0 and int end ? key[..end] : key;

    /// <summary>Whether a text as a whole matches. A character outside the basic plane, which is two of UTF-16, is one.</summary>
    public static bool IsMatch(string pattern, string text)
    {
        int p = 0;
        int t = 0;
        int star = -1;
        int resume = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = t;
            }
            else if (p < pattern.Length && pattern[p] == '?')
            {
                p++;
                t += LengthAt(text, t);
            }
            else if (p < pattern.Length && pattern[p] == text[t])
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                // The last star takes one character more; earlier ones need never take another.
                p = star + 1;
                resume += LengthAt(text, resume);
                t = resume;
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).Trim('*').IsEmpty;
    }

    private static int LengthAt(string text, int index) => index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1]) ? 2 : 1;
}
