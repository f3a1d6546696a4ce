using System.Text;

namespace MedicalAi.Archive;

/// <summary>
/// Names (and keys for them) made comparable: capital letters without marks, in one width, hiragana for katakana, Hangul composed,
/// without padding around components and without empty ones at the end (PS3.5 section 6.2.1).
/// </summary>
public static class NameNormalizer
{
    // Hangul syllables are counted by their initial consonant, vowel and final consonant (Unicode section 3.12).
    private const char FirstSyllable = '\uAC00';
    private const char LastSyllable = '\uD7A3';
    private const int Vowels = 21;
    private const int Finals = 28;

    /// <summary>The comparable form of a component group; null when it is null, empty or padding.</summary>
    public static string? Normalize(string? group)
    {
        if (string.IsNullOrEmpty(group))
        {
            return null;
        }

        StringBuilder result = new(group.Length);
        foreach (char c in group)
        {
            Append(result, c);
        }

        while (result.Length > 0 && result[^1] is ' ' or '^')
        {
            result.Length--;
        }

        return result.Length == 0 ? null : result.ToString();
    }

    private static void Append(StringBuilder result, char c)
    {
        char previous = result.Length > 0 ? result[^1] : '^';
        switch (NameLetters.Unify(c))
        {
            case ' ' or '\0':
                if (previous is not (' ' or '^'))
                {
                    result.Append(' ');
                }

                break;
            case '^':
                if (result.Length > 0 && previous == ' ')
                {
                    result.Length--;
                }

                result.Append('^');
                break;
            case '\u3099' or '\u309B' or '\uFF9E':
                Voice(result, previous, 1);
                break;
            case '\u309A' or '\u309C' or '\uFF9F':
                Voice(result, previous, 2);
                break;
            case >= '\u1161' and <= '\u1175' and var vowel when previous is >= '\u1100' and <= '\u1112':
                result[^1] = (char)(FirstSyllable + ((((previous - '\u1100') * Vowels) + (vowel - '\u1161')) * Finals));
                break;
            case >= '\u11A8' and <= '\u11C2' and var final when previous is >= FirstSyllable and <= LastSyllable && (previous - FirstSyllable) % Finals == 0:
                result[^1] = (char)(previous + (final - '\u11A7'));
                break;
            case var mark when NameLetters.IsMark(mark):
                break;
            case var other:
                char capital = char.ToUpperInvariant(NameLetters.ToHiragana(other));
                if (NameLetters.Find(capital) is { } letters)
                {
                    result.Append(letters);
                }
                else
                {
                    result.Append(capital);
                }

                break;
        }
    }

    /// <summary>Puts the mark of a voiced sound (1) or of a P (2) to the kana before, which has its own characters for it.</summary>
    private static void Voice(StringBuilder result, char kana, int sound)
    {
        // The rows of K, S and T have a voiced one after each; that of H has two.
        bool isVoiced = kana is >= 'か' and <= 'ぢ' ? (kana - 'か') % 2 == 0 : kana is 'つ' or 'て' or 'と' or 'ゝ';
        bool isOfH = kana is >= 'は' and <= 'ほ' && (kana - 'は') % 3 == 0;
        if (isOfH || (isVoiced && sound == 1))
        {
            result[^1] = (char)(kana + sound);
        }
        else if (kana == 'う' && sound == 1)
        {
            result[^1] = 'ゔ';
        }
    }
}
