using System.Globalization;

namespace MedicalAi.Dicom;

/// <summary>Dates as characters (VR DA, PS3.5 section 6.2): <c>YYYYMMDD</c>.</summary>
public static class DicomDate
{
    /// <summary>Reads a date; the old form <c>YYYY.MM.DD</c> is understood too. Padding is passed over.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DateOnly date)
    {
        date = default;
        scoped ReadOnlySpan<char> digits = text.Trim(" \0");
        Span<char> plain = stackalloc char[8];
        if (digits.Length == 10 && digits[4] == '.' && digits[7] == '.')
        {
            digits[..4].CopyTo(plain);
            digits[5..7].CopyTo(plain[4..]);
            digits[8..].CopyTo(plain[6..]);
            digits = plain;
        }

        if (digits.Length != 8 || !Digits.TryRead(digits[..4], out int year) || !Digits.TryRead(digits[4..6], out int month) || !Digits.TryRead(digits[6..], out int day)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        date = new DateOnly(year, month, day);
        return true;
    }

    /// <summary>Reads a date or a range of dates of a query: <c>A</c>, <c>A-B</c>, <c>A-</c> or <c>-B</c> (PS3.4 C.2.2.2.5.1).</summary>
    public static bool TryParseRange(ReadOnlySpan<char> text, out DicomRange<DateOnly> range)
    {
        range = default;
        ReadOnlySpan<char> whole = text.Trim(" \0");
        int hyphen = whole.IndexOf('-');
        if (hyphen < 0)
        {
            if (!TryParse(whole, out DateOnly only))
            {
                return false;
            }

            range = new(only, only);
            return true;
        }

        ReadOnlySpan<char> left = whole[..hyphen];
        ReadOnlySpan<char> right = whole[(hyphen + 1)..];
        DateOnly first = default;
        DateOnly last = default;
        if ((left.IsEmpty && right.IsEmpty) || (!left.IsEmpty && !TryParse(left, out first)) || (!right.IsEmpty && !TryParse(right, out last)))
        {
            return false;
        }

        range = new(left.IsEmpty ? null : first, right.IsEmpty ? null : last);
        return true;
    }

    /// <summary>Writes a date.</summary>
    public static string Format(DateOnly date) => date.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
}
