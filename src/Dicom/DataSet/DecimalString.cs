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
}
