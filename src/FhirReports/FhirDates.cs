using System.Globalization;
using MedicalAi.Archive;

namespace MedicalAi.FhirReports;

/// <summary>Dates of FHIR as the time that they span: a year, a month, a day, a minute, a second. Without a time zone they are in UTC.</summary>
internal static class FhirDates
{
    private static readonly (string Format, Func<DateTimeOffset, DateTimeOffset> Next)[] s_formats =
    [
        ("yyyy", date => date.AddYears(1)),
        ("yyyy-MM", date => date.AddMonths(1)),
        ("yyyy-MM-dd", date => date.AddDays(1)),
        ("yyyy-MM-ddTHH:mm", date => date.AddMinutes(1)),
        ("yyyy-MM-ddTHH:mmK", date => date.AddMinutes(1)),
        ("yyyy-MM-ddTHH:mm:ss", date => date.AddSeconds(1)),
        ("yyyy-MM-ddTHH:mm:ssK", date => date.AddSeconds(1)),
        ("yyyy-MM-ddTHH:mm:ss.FFFFFFFK", date => date.AddTicks(1)),
    ];

    /// <summary>The first instant, and the first after the last.</summary>
    public static bool TryParseInterval(string? text, out DateTimeOffset first, out DateTimeOffset end)
    {
        foreach ((string format, Func<DateTimeOffset, DateTimeOffset> next) in s_formats)
        {
            // The last representable year has no next one; nothing was recorded in it either.
            if (DateTimeOffset.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out first) && first.Year is > 1 and < 9999)
            {
                end = next(first);
                return true;
            }
        }

        first = end = default;
        return false;
    }

    /// <summary>The form of <see cref="FhirSearchValue"/>, which compares as text as the times do.</summary>
    public static string ToSearchValue(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
