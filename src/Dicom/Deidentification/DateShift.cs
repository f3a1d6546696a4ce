using System.Text;

namespace MedicalAi.Dicom;

/// <summary>Shifts dates by whole days.</summary>
internal static class DateShift
{
    /// <summary>The element shifted; null when it holds no dates or one that is not understood.</summary>
    public static DicomElement? Apply(DicomElement element, int days)
    {
        if (element.Vr is not (Vr.DA or Vr.DT))
        {
            return null;
        }

        string[] values = ElementText.Split(Encoding.Latin1.GetString(element.Value.Span), element.Vr);
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i].Length == 0)
            {
                continue;
            }

            if ((element.Vr == Vr.DA ? Date(values[i], days) : DateTime(values[i], days)) is not { } shifted)
            {
                return null;
            }

            values[i] = shifted;
        }

        return new DicomElement(element.Tag, element.Vr, Encoding.Latin1.GetBytes(string.Join('\\', values)));
    }

    private static string? Date(string text, int days) =>
        DicomDate.TryParse(text, out DateOnly date) && date.DayNumber + days >= 0 ? DicomDate.Format(date.AddDays(days)) : null;

    // Only the date of a date and time changes. One that is not told to the day is taken from its middle and told no better.
    private static string? DateTime(string text, int days)
    {
        int digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9') is var end && end < 0 ? text.Length : end;
        int length = Math.Min(digits, 8);
        string? date = length switch
        {
            4 => text[..4] + "0701",
            6 => text[..6] + "15",
            8 => text[..8],
            _ => null,
        };
        return date is not null && Date(date, days) is { } shifted ? shifted[..length] + text[length..] : null;
    }
}
