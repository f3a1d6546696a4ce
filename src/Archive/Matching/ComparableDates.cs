using System.Globalization;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>Dates and times as text whose order is theirs: <c>YYYYMMDD</c>, and <c>HHMMSS</c> with a fraction that does not end in zeros.</summary>
internal static class ComparableDates
{
    // What time a date without one stands for in ranges of both.
    public const string Midnight = "000000";

    public static string Format(DateOnly date) => DicomDate.Format(date);

    /// <summary>A time to the microsecond; what is finer is cut.</summary>
    public static string Format(TimeOnly time) => time.ToString("HHmmss.FFFFFF", CultureInfo.InvariantCulture);

    /// <summary>The form of a date as it stands in a data set; null when it is none.</summary>
    public static string? Date(string? text) => DicomDate.TryParse(text, out DateOnly date) ? Format(date) : null;

    /// <summary>The form of a time as it stands in a data set, of one that is cut the first that it stands for; null when it is none.</summary>
    public static string? Time(string? text) => DicomTime.TryParse(text, out TimeOnly time) ? Format(time) : null;
}
