using System.Globalization;

namespace MedicalAi.Dicom;

/// <summary>
/// Instants as characters (VR DT, PS3.5 section 6.2): <c>YYYYMMDDHHMMSS.FFFFFF&amp;ZZXX</c>, which may be cut after any part and
/// may have an offset from UTC. Without one, the offset of the data set (0008,0201) or of the place applies, which the caller knows.
/// </summary>
public static class DicomDateTime
{
    private static readonly TimeSpan s_leastOffset = TimeSpan.FromHours(-12);
    private static readonly TimeSpan s_mostOffset = TimeSpan.FromHours(14);

    /// <summary>Reads an instant, of one that is cut the first that it stands for.</summary>
    /// <param name="text">The characters; padding is passed over.</param>
    /// <param name="localOffset">The offset from UTC where the text has none.</param>
    /// <param name="instant">The instant.</param>
    public static bool TryParse(ReadOnlySpan<char> text, TimeSpan localOffset, out DateTimeOffset instant) =>
        TryParseInterval(text, localOffset, out instant, out _);

    /// <summary>Reads an instant as the interval that its precision leaves: <c>2026</c> is the whole year.</summary>
    public static bool TryParseInterval(ReadOnlySpan<char> text, TimeSpan localOffset, out DateTimeOffset first, out DateTimeOffset last)
    {
        first = default;
        last = default;
        ReadOnlySpan<char> plain = text.Trim(" \0");
        TimeSpan offset = localOffset;
        int sign = plain.IndexOfAny('+', '-');
        if (sign >= 0)
        {
            if (!TryParseOffset(plain[sign..], out offset))
            {
                return false;
            }

            plain = plain[..sign];
        }

        if (plain.Length < 4 || !Digits.TryRead(plain[..4], out int year) || year < 1)
        {
            return false;
        }

        DateTime begin = new(year, 1, 1);
        DateTime end = year == 9999 ? DateTime.MaxValue : begin.AddYears(1).AddTicks(-1);
        if (plain.Length >= 6)
        {
            if (!Digits.TryRead(plain[4..6], out int month) || month is < 1 or > 12)
            {
                return false;
            }

            begin = new DateTime(year, month, 1);
            end = begin.AddDays(DateTime.DaysInMonth(year, month) - 1).AddTicks(TimeSpan.TicksPerDay - 1);
        }

        if (plain.Length >= 8)
        {
            if (!DicomDate.TryParse(plain[..8], out DateOnly date))
            {
                return false;
            }

            begin = date.ToDateTime(TimeOnly.MinValue);
            end = begin.AddTicks(TimeSpan.TicksPerDay - 1);
        }

        if (plain.Length > 8)
        {
            if (!DicomTime.TryRead(plain[8..], out long ticks, out long unit))
            {
                return false;
            }

            end = begin.AddTicks(ticks + unit - 1);
            begin = begin.AddTicks(ticks);
        }
        else if (plain.Length is not (4 or 6 or 8))
        {
            return false;
        }

        // At the ends of the calendar the offset can lead out of what can be counted.
        if (begin.Ticks - offset.Ticks < 0 || end.Ticks - offset.Ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        first = new DateTimeOffset(begin, offset);
        last = new DateTimeOffset(end, offset);
        return true;
    }

    /// <summary>
    /// Reads an instant or a range of a query: <c>A</c>, <c>A-B</c>, <c>A-</c> or <c>-B</c> (PS3.4 C.2.2.2.5.3). A hyphen with four
    /// digits that are an offset from UTC is one.
    /// </summary>
    public static bool TryParseRange(ReadOnlySpan<char> text, TimeSpan localOffset, out DicomRange<DateTimeOffset> range)
    {
        ReadOnlySpan<char> whole = text.Trim(" \0");
        if (TryParseInterval(whole, localOffset, out DateTimeOffset first, out DateTimeOffset last))
        {
            range = new(first, last);
            return true;
        }

        for (int i = 0; i < whole.Length; i++)
        {
            if (whole[i] != '-')
            {
                continue;
            }

            ReadOnlySpan<char> left = whole[..i];
            ReadOnlySpan<char> right = whole[(i + 1)..];
            bool hasLeft = TryParseInterval(left, localOffset, out first, out _);
            bool hasRight = TryParseInterval(right, localOffset, out _, out last);
            if ((hasLeft || left.IsEmpty) && (hasRight || right.IsEmpty) && (hasLeft || hasRight))
            {
                range = new(hasLeft ? first : null, hasRight ? last : null);
                return true;
            }
        }

        range = default;
        return false;
    }

    /// <summary>Reads an offset from UTC, <c>&amp;ZZXX</c> with a sign, as it stands in DT and in (0008,0201): -1200 to +1400.</summary>
    public static bool TryParseOffset(ReadOnlySpan<char> text, out TimeSpan offset)
    {
        offset = default;
        ReadOnlySpan<char> plain = text.Trim(" \0");
        if (plain.Length != 5 || plain[0] is not ('+' or '-')
            || !Digits.TryRead(plain[1..3], out int hours) || !Digits.TryRead(plain[3..], out int minutes) || minutes > 59)
        {
            return false;
        }

        TimeSpan size = new(hours, minutes, 0);
        offset = plain[0] == '-' ? -size : size;
        return offset >= s_leastOffset && offset <= s_mostOffset;
    }

    /// <summary>Writes an offset from UTC.</summary>
    public static string FormatOffset(TimeSpan offset) =>
        (offset < TimeSpan.Zero ? "-" : "+") + offset.ToString("hhmm", CultureInfo.InvariantCulture);

    /// <summary>Writes an instant to the microsecond with its offset; without a fraction when it is zero.</summary>
    public static string Format(DateTimeOffset instant) =>
        instant.ToString(instant.Ticks / 10 % 1_000_000 == 0 ? "yyyyMMddHHmmss" : "yyyyMMddHHmmss.ffffff", CultureInfo.InvariantCulture) + FormatOffset(instant.Offset);
}
