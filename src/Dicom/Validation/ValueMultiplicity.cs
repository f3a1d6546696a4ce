using System.Globalization;

namespace MedicalAi.Dicom;

/// <summary>How many values an element may have (PS3.5 section 6.4): <c>1</c>, <c>1-3</c>, <c>1-n</c>, <c>2-2n</c>.</summary>
/// <param name="Minimum">The fewest.</param>
/// <param name="Maximum">The most.</param>
/// <param name="Step">What the number must be a multiple of.</param>
internal readonly record struct ValueMultiplicity(int Minimum, int Maximum, int Step)
{
    /// <summary>Reads the expression of the dictionary; one that is not understood allows everything.</summary>
    public static ValueMultiplicity Parse(ReadOnlySpan<char> text)
    {
        int hyphen = text.IndexOf('-');
        ReadOnlySpan<char> first = hyphen < 0 ? text : text[..hyphen];
        ReadOnlySpan<char> last = hyphen < 0 ? text : text[(hyphen + 1)..];
        bool isOpen = last.EndsWith("n", StringComparison.Ordinal);
        int step = 1;
        int maximum = int.MaxValue;
        if (!TryRead(first, out int minimum)
            || (isOpen && last.Length > 1 && !TryRead(last[..^1], out step))
            || (!isOpen && !TryRead(last, out maximum)))
        {
            return new ValueMultiplicity(0, int.MaxValue, 1);
        }

        return new ValueMultiplicity(minimum, maximum, step);
    }

    /// <summary>Whether so many values are right.</summary>
    public bool Allows(int count) => count >= Minimum && count <= Maximum && count % Step == 0;

    private static bool TryRead(ReadOnlySpan<char> text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value > 0;
}
