using System.Globalization;

namespace MedicalAi.Dicom;

/// <summary>Numbers as Decimal Strings (VR DS, PS3.5 section 6.2): at most 16 characters.</summary>
public static class DecimalString
{
    /// <summary>The most characters that one value may have.</summary>
    public const int MaximumLength = 16;

    /// <summary>Writes a number with as many digits as fit.</summary>
    /// <exception cref="ArgumentException">The number is not finite.</exception>
    public static string Format(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new ArgumentException("A Decimal String holds finite numbers only.", nameof(value));
        }

        if (value == 0)
        {
            // Negative zero has no meaning in a Decimal String and confuses readers that compare text.
            return "0";
        }

        string text = value.ToString("R", CultureInfo.InvariantCulture);
        for (int digits = 16; text.Length > MaximumLength && digits > 0; digits--)
        {
            text = value.ToString("G" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        }

        return text;
    }

    /// <summary>Reads a number exactly; false for what is none, and for one that a <see cref="decimal"/> would have to round.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out decimal number)
    {
        const int ExactDigits = 28;
        ReadOnlySpan<char> plain = text.Trim(" \0");
        int exponentAt = plain.IndexOfAny('e', 'E');
        ReadOnlySpan<char> digits = exponentAt < 0 ? plain : plain[..exponentAt];
        int exponent = 0;
        if (!decimal.TryParse(plain, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out number)
            || (exponentAt >= 0 && !int.TryParse(plain[(exponentAt + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)))
        {
            return false;
        }

        // What follows the last digit of the fraction that says something could only be lost as zeros.
        int point = digits.IndexOf('.');
        int fraction = point < 0 ? 0 : digits[point..].TrimEnd('0').Length - 1;
        int significant = digits.TrimStart("+-0.").Length;
        return number == 0 ? digits.IndexOfAnyInRange('1', '9') < 0 : significant <= ExactDigits && (long)fraction - exponent <= ExactDigits;
    }
}
