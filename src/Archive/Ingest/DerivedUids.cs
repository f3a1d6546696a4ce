using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>
/// The study and the series under which an instance is filed whose data set names none: colour palettes and other objects that
/// belong to no patient have none, and some devices write text that is no UID. The same data set always gets the same
/// UIDs. They stand in the index, the object's key and the metadata; the stored bytes stay as they were sent.
/// </summary>
internal static class DerivedUids
{
    /// <summary>Puts UIDs where there is no valid one, into the header too.</summary>
    /// <param name="header">The header as parsed; changed.</param>
    /// <param name="identity">What it names; SOP class and SOP instance are there.</param>
    /// <param name="warnings">Gets a sentence for each UID that was put in.</param>
    public static InstanceIdentity Complete(DicomDataSet header, InstanceIdentity identity, List<string> warnings)
    {
        if (identity.Study.Value is null)
        {
            DicomUid study = FindText(header, DicomTags.StudyInstanceUID) is { } text ? DicomUid.FromName("medicalai/study-of-text", text)
                : identity.Series.Value is { } known ? DicomUid.FromName("medicalai/study-of-series", known)
                : DicomUid.FromName("medicalai/study-of-instance", identity.SopInstance.Value);
            header.SetUid(DicomTags.StudyInstanceUID, study);
            warnings.Add($"The data set has no valid Study Instance UID {DicomTags.StudyInstanceUID}; it is filed under {study}.");
            identity = identity with { Study = study };
        }

        if (identity.Series.Value is null)
        {
            // Text like "unknown" is found in many studies, and a series is of one study.
            DicomUid series = FindText(header, DicomTags.SeriesInstanceUID) is { } text
                ? DicomUid.FromName("medicalai/series-of-text", identity.Study.Value, text)
                : DicomUid.FromName("medicalai/series-of-instance", identity.SopInstance.Value);
            header.SetUid(DicomTags.SeriesInstanceUID, series);
            warnings.Add($"The data set has no valid Series Instance UID {DicomTags.SeriesInstanceUID}; it is filed under {series}.");
            identity = identity with { Series = series };
        }

        return identity;
    }

    private static string? FindText(DicomDataSet header, DicomTag tag)
    {
        string text = string.Join('\\', header.GetStrings(tag)).Trim(' ', '\0');
        return text.Length == 0 ? null : text;
    }
}
