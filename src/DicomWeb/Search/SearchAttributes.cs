using MedicalAi.Archive;
using MedicalAi.Dicom;

namespace MedicalAi.DicomWeb;

/// <summary>The attributes that a match always has (PS3.18 tables 10.6.3-3, 10.6.3-4 and 10.6.3-5).</summary>
internal static class SearchAttributes
{
    public static IReadOnlyList<DicomTag> Study { get; } =
    [
        DicomTags.SpecificCharacterSet, DicomTags.StudyDate, DicomTags.StudyTime, DicomTags.AccessionNumber, DicomTags.InstanceAvailability, DicomTags.ModalitiesInStudy,
        DicomTags.ReferringPhysicianName, DicomTags.TimezoneOffsetFromUTC, DicomTags.RetrieveURL, DicomTags.PatientName, DicomTags.PatientID, DicomTags.PatientBirthDate,
        DicomTags.PatientSex, DicomTags.StudyInstanceUID, DicomTags.StudyID, DicomTags.NumberOfStudyRelatedSeries, DicomTags.NumberOfStudyRelatedInstances,
    ];

    public static IReadOnlyList<DicomTag> Series { get; } =
    [
        DicomTags.SpecificCharacterSet, DicomTags.Modality, DicomTags.TimezoneOffsetFromUTC, DicomTags.SeriesDescription, DicomTags.RetrieveURL, DicomTags.StudyInstanceUID,
        DicomTags.SeriesInstanceUID, DicomTags.SeriesNumber, DicomTags.NumberOfSeriesRelatedInstances, DicomTags.PerformedProcedureStepStartDate,
        DicomTags.PerformedProcedureStepStartTime, DicomTags.RequestAttributesSequence,
    ];

    public static IReadOnlyList<DicomTag> Instance { get; } =
    [
        DicomTags.SpecificCharacterSet, DicomTags.SOPClassUID, DicomTags.SOPInstanceUID, DicomTags.InstanceAvailability, DicomTags.TimezoneOffsetFromUTC, DicomTags.RetrieveURL,
        DicomTags.StudyInstanceUID, DicomTags.SeriesInstanceUID, DicomTags.InstanceNumber, DicomTags.NumberOfFrames, DicomTags.Rows, DicomTags.Columns, DicomTags.BitsAllocated,
    ];

    // Of these, an attribute that the instances do not have is left out, not sent empty.
    private static readonly HashSet<DicomTag> s_onlyWhenKnown =
    [
        DicomTags.TimezoneOffsetFromUTC, DicomTags.SeriesDescription, DicomTags.PerformedProcedureStepStartDate, DicomTags.PerformedProcedureStepStartTime,
        DicomTags.RequestAttributesSequence, DicomTags.NumberOfFrames, DicomTags.Rows, DicomTags.Columns, DicomTags.BitsAllocated,
    ];

    /// <summary>The attributes of the matches of a resource: those of the level, and of the levels above that the path does not fix.</summary>
    public static HashSet<DicomTag> Of(IndexLevel level, bool hasStudy, bool hasSeries)
    {
        HashSet<DicomTag> tags = [.. level switch { IndexLevel.Study => Study, IndexLevel.Series => Series, _ => Instance }];
        if (!hasStudy)
        {
            tags.UnionWith(Study);
        }

        if (level == IndexLevel.Instance && !hasSeries)
        {
            tags.UnionWith(Series);
        }

        return tags;
    }

    /// <summary>Whether an attribute without a value is sent as an empty one.</summary>
    public static bool IsSentEmpty(DicomTag tag) => !s_onlyWhenKnown.Contains(tag);

    /// <summary>Whether the index row of an instance, or those above it, hold an attribute, so that its metadata need not be read.</summary>
    public static bool IsInRows(DicomTag tag) => Study.Contains(tag) || Series.Contains(tag) || Instance.Contains(tag)
        || tag == DicomTags.AvailableTransferSyntaxUID || tag == DicomTags.SOPClassesInStudy;
}
