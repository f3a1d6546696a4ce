namespace MedicalAi.Dicom;

public sealed partial class DicomDataSet
{
    /// <summary>The offset from UTC of times without their own (0008,0201), of this data set or of one that encloses it; null when none says it.</summary>
    public TimeSpan? TimezoneOffset => GetString(DicomTags.TimezoneOffsetFromUTC) is { } text && DicomDateTime.TryParseOffset(text, out TimeSpan offset)
        ? offset
        : Parent?.TimezoneOffset;

    /// <summary>A date (VR DA); null when absent or unreadable.</summary>
    public DateOnly? GetDate(DicomTag tag, int index = 0) => DicomDate.TryParse(GetString(tag, index), out DateOnly date) ? date : null;

    /// <summary>A time of day (VR TM); null when absent or unreadable.</summary>
    public TimeOnly? GetTime(DicomTag tag, int index = 0) => DicomTime.TryParse(GetString(tag, index), out TimeOnly time) ? time : null;

    /// <summary>An instant (VR DT); null when absent or unreadable.</summary>
    /// <param name="tag">The element.</param>
    /// <param name="localOffset">The offset from UTC where neither the value nor the data set has one.</param>
    /// <param name="index">Which value.</param>
    public DateTimeOffset? GetDateTime(DicomTag tag, TimeSpan localOffset = default, int index = 0) =>
        DicomDateTime.TryParse(GetString(tag, index), TimezoneOffset ?? localOffset, out DateTimeOffset instant) ? instant : null;

    /// <summary>An instant of a date and a time, for example Study Date and Study Time; the beginning of the day when there is no time.</summary>
    /// <param name="date">The element of the date (VR DA).</param>
    /// <param name="time">The element of the time (VR TM).</param>
    /// <param name="localOffset">The offset from UTC where the data set has none.</param>
    public DateTimeOffset? GetInstant(DicomTag date, DicomTag time, TimeSpan localOffset = default)
    {
        if (GetDate(date) is not { } day)
        {
            return null;
        }

        DateTime local = day.ToDateTime(GetTime(time) ?? TimeOnly.MinValue);
        TimeSpan offset = TimezoneOffset ?? localOffset;
        long ticks = local.Ticks - offset.Ticks;
        return ticks < 0 || ticks > DateTime.MaxValue.Ticks ? null : new DateTimeOffset(local, offset);
    }

    /// <summary>Sets a date (VR DA).</summary>
    public DicomDataSet SetDate(DicomTag tag, DateOnly value) => SetString(tag, Vr.DA, DicomDate.Format(value));

    /// <summary>Sets a time of day (VR TM).</summary>
    public DicomDataSet SetTime(DicomTag tag, TimeOnly value) => SetString(tag, Vr.TM, DicomTime.Format(value));

    /// <summary>Sets an instant with its offset from UTC (VR DT).</summary>
    public DicomDataSet SetDateTime(DicomTag tag, DateTimeOffset value) => SetString(tag, Vr.DT, DicomDateTime.Format(value));
}
