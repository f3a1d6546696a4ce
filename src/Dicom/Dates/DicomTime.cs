using System.Globalization;

namespace MedicalAi.Dicom;

/// <summary>
/// Times of day as characters (VR TM, PS3.5 section 6.2): <c>HHMMSS.FFFFFF</c>, which may be cut after any part. A time that was
/// cut stands for all of what it leaves open: <c>07</c> is from 07:00:00 to 07:59:59.9999999.
/// </summary>
public static class DicomTime
{
    /// <summary>Reads a time, of one that is cut the first that it stands for. The old form with colons is understood too.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeOnly time) => TryParseInterval(text, out time, out _);

    /// <summary>Reads a time as the interval that its precision leaves.</summary>
    public static bool TryParseInterval(ReadOnlySpan<char> text, out TimeOnly first, out TimeOnly last)
    {
        first = default;
        last = default;
        scoped ReadOnlySpan<char> plain = text.Trim(" \0");
        Span<char> buffer = stackalloc char[16];
        if (plain.Contains(':'))
        {
            if (plain.Length > buffer.Length || !TryRemoveColons(plain, buffer, out int length))
            {
                return false;
            }

            plain = buffer[..length];
        }

        if (!TryRead(plain, out long ticks, out long unit))
        {
            return false;
        }

        first = new TimeOnly(ticks);
        last = new TimeOnly(ticks + unit - 1);
        return true;
    }

    /// <summary>Reads a time or a range of times of a query: <c>A</c>, <c>A-B</c>, <c>A-</c> or <c>-B</c> (PS3.4 C.2.2.2.5.2).</summary>
    public static bool TryParseRange(ReadOnlySpan<char> text, out DicomRange<TimeOnly> range)
    {
        range = default;
        ReadOnlySpan<char> whole = text.Trim(" \0");
        int hyphen = whole.IndexOf('-');
        TimeOnly first;
        TimeOnly last;
        if (hyphen < 0)
        {
            if (!TryParseInterval(whole, out first, out last))
            {
                return false;
            }

            range = new(first, last);
            return true;
        }

        ReadOnlySpan<char> left = whole[..hyphen];
        ReadOnlySpan<char> right = whole[(hyphen + 1)..];
        first = default;
        last = default;
        if ((left.IsEmpty && right.IsEmpty) || (!left.IsEmpty && !TryParseInterval(left, out first, out _)) || (!right.IsEmpty && !TryParseInterval(right, out _, out last)))
        {
            return false;
        }

        range = new(left.IsEmpty ? null : first, right.IsEmpty ? null : last);
        return true;
    }

    /// <summary>Writes a time to the microsecond; without a fraction when it is zero.</summary>
    public static string Format(TimeOnly time) =>
        time.ToString(time.Ticks / 10 % 1_000_000 == 0 ? "HHmmss" : "HHmmss.ffffff", CultureInfo.InvariantCulture);

    /// <summary>Reads HH[MM[SS[.F{1-6}]]] as ticks since midnight and the ticks that the last part given stands for.</summary>
    internal static bool TryRead(ReadOnlySpan<char> text, out long ticks, out long unit)
    {
        ticks = 0;
        unit = TimeSpan.TicksPerHour;
        int minute = 0;
        int second = 0;
        int fraction = 0;
        if (text.Length < 2 || !Digits.TryRead(text[..2], out int hour) || hour > 23)
        {
            return false;
        }

        if (text.Length >= 4)
        {
            unit = TimeSpan.TicksPerMinute;
            if (!Digits.TryRead(text[2..4], out minute) || minute > 59)
            {
                return false;
            }
        }

        if (text.Length >= 6)
        {
            unit = TimeSpan.TicksPerSecond;
            if (!Digits.TryRead(text[4..6], out second) || second > 60)
            {
                return false;
            }
        }

        if (text.Length > 6)
        {
            if (text[6] != '.' || !Digits.TryReadFraction(text[7..], out fraction, out int last))
            {
                return false;
            }

            unit = last;
        }
        else if (text.Length % 2 != 0)
        {
            return false;
        }

        if (second == 60)
        {
            // A leap second, which the clock here does not have: the last second of the minute.
            second = 59;
        }

        ticks = (((((hour * 60L) + minute) * 60) + second) * TimeSpan.TicksPerSecond) + fraction;
        return true;
    }

    private static bool TryRemoveColons(ReadOnlySpan<char> text, Span<char> plain, out int length)
    {
        length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != ':')
            {
                plain[length++] = text[i];
            }
            else if (i is not (2 or 5))
            {
                return false;
            }
        }

        return true;
    }
}
