namespace MedicalAi.Dicom;

/// <summary>Numbers of a fixed count of decimal digits, without signs, blanks or anything else that number parsers let pass.</summary>
internal static class Digits
{
    /// <summary>Reads digits only; false for none.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out int value)
    {
        value = 0;
        foreach (char c in text)
        {
            if (!char.IsAsciiDigit(c) || value > 99_999_999)
            {
                return false;
            }

            value = (value * 10) + (c - '0');
        }

        return !text.IsEmpty;
    }

    /// <summary>Reads one to six digits after the point as ticks (100 ns), and how many ticks the last digit stands for.</summary>
    public static bool TryReadFraction(ReadOnlySpan<char> text, out int ticks, out int unit)
    {
        ticks = 0;
        unit = 1;
        if (text.Length is < 1 or > 6 || !TryRead(text, out int value))
        {
            return false;
        }

        for (int i = text.Length; i < 7; i++)
        {
            unit *= 10;
        }

        ticks = value * unit;
        return true;
    }
}
