using System.Collections.Frozen;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>Attributes of a date and of a time that say together when something was. Dates and times of birth are not moved between time zones.</summary>
public static class DateTimePairs
{
    private static readonly (DicomTag Date, DicomTag Time)[] s_pairs =
    [
        (DicomTags.StudyDate, DicomTags.StudyTime),
        (DicomTags.SeriesDate, DicomTags.SeriesTime),
        (DicomTags.AcquisitionDate, DicomTags.AcquisitionTime),
        (DicomTags.ContentDate, DicomTags.ContentTime),
        (DicomTags.InstanceCreationDate, DicomTags.InstanceCreationTime),
        (DicomTags.PerformedProcedureStepStartDate, DicomTags.PerformedProcedureStepStartTime),
        (DicomTags.PerformedProcedureStepEndDate, DicomTags.PerformedProcedureStepEndTime),
        (DicomTags.ScheduledProcedureStepStartDate, DicomTags.ScheduledProcedureStepStartTime),
        (DicomTags.ScheduledProcedureStepEndDate, DicomTags.ScheduledProcedureStepEndTime),
        (DicomTags.IssueDateOfImagingServiceRequest, DicomTags.IssueTimeOfImagingServiceRequest),
    ];

    private static readonly FrozenDictionary<DicomTag, (DicomTag Date, DicomTag Time)> s_byTag =
        s_pairs.SelectMany(pair => new[] { KeyValuePair.Create(pair.Date, pair), KeyValuePair.Create(pair.Time, pair) }).ToFrozenDictionary();

    /// <summary>The pair that an attribute belongs to; null when it belongs to none.</summary>
    public static (DicomTag Date, DicomTag Time)? Find(DicomTag tag) => s_byTag.TryGetValue(tag, out (DicomTag, DicomTag) pair) ? pair : null;

    /// <summary>
    /// The date and the time of a pair as a clock of another place showed them; as they are where the data set does not name its offset
    /// from UTC (0008,0201), and where there is no time of day.
    /// </summary>
    /// <param name="dataSet">The data set.</param>
    /// <param name="pair">The attributes.</param>
    /// <param name="offset">The offset from UTC of the other place; null takes them as they are.</param>
    public static (DateOnly? Date, TimeOnly? Time) Read(DicomDataSet dataSet, (DicomTag Date, DicomTag Time) pair, TimeSpan? offset)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        DateOnly? date = dataSet.GetDate(pair.Date);
        TimeOnly? time = dataSet.GetTime(pair.Time);
        if (offset is not { } there || time is not { } local || dataSet.TimezoneOffset is not { } here)
        {
            return (date, time);
        }

        TimeOnly moved = local.Add(there - here, out int days);
        return date is { } day && day.DayNumber + days is var number && number >= 0 && number <= DateOnly.MaxValue.DayNumber
            ? (DateOnly.FromDayNumber(number), moved)
            : (date, date is null ? moved : time);
    }
}
