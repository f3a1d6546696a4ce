using System.Collections.Frozen;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>Which attributes belong to which level of the index, and which of them can be matched.</summary>
public static class IndexAttributes
{
    private static readonly FrozenDictionary<DicomTag, IndexLevel> s_computed = new Dictionary<DicomTag, IndexLevel>
    {
        [DicomTags.NumberOfPatientRelatedStudies] = IndexLevel.Patient,
        [DicomTags.NumberOfPatientRelatedSeries] = IndexLevel.Patient,
        [DicomTags.NumberOfPatientRelatedInstances] = IndexLevel.Patient,
        [DicomTags.ModalitiesInStudy] = IndexLevel.Study,
        [DicomTags.SOPClassesInStudy] = IndexLevel.Study,
        [DicomTags.NumberOfStudyRelatedSeries] = IndexLevel.Study,
        [DicomTags.NumberOfStudyRelatedInstances] = IndexLevel.Study,
        [DicomTags.NumberOfSeriesRelatedInstances] = IndexLevel.Series,
    }.ToFrozenDictionary();

    // They say how to search, or where matches are, and no instance has them.
    private static readonly FrozenSet<DicomTag> s_ofNoInstance = new[]
    {
        DicomTags.SpecificCharacterSet, DicomTags.QueryRetrieveLevel, DicomTags.QueryRetrieveView, DicomTags.RetrieveAETitle, DicomTags.RetrieveURL,
        DicomTags.InstanceAvailability,
    }.ToFrozenSet();

    /// <summary>
    /// The level that an attribute belongs to: patient, study or series where one of their modules has it or where it is computed for
    /// them, and the instance for everything else.
    /// </summary>
    public static IndexLevel LevelOf(DicomTag tag) =>
        s_computed.TryGetValue(tag, out IndexLevel level) ? level
        : ModuleAttributes.Patient.Contains(tag) ? IndexLevel.Patient
        : ModuleAttributes.Study.Contains(tag) ? IndexLevel.Study
        : ModuleAttributes.Series.Contains(tag) ? IndexLevel.Series
        : IndexLevel.Instance;

    /// <summary>Whether an attribute is a count of what a patient has, which is told but not matched.</summary>
    public static bool IsPatientCount(DicomTag tag) =>
        tag == DicomTags.NumberOfPatientRelatedStudies || tag == DicomTags.NumberOfPatientRelatedSeries || tag == DicomTags.NumberOfPatientRelatedInstances;

    /// <summary>
    /// Whether a key can be matched: at its own level and those below it, and in a relational query at those above too. Values of bytes
    /// and what is not of the data set of an instance cannot.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="level">The level of the query.</param>
    /// <param name="isRelational">Whether the query is relational.</param>
    public static bool CanMatch(AttributeMatch key, IndexLevel level, bool isRelational)
    {
        ArgumentNullException.ThrowIfNull(key);
        return KeyMatcher.CanMatch(key.Vr)
            && key.Tag.Group is not (0x0000 or 0x0002)
            && !key.Tag.IsGroupLength
            && !IsPatientCount(key.Tag)
            && !s_ofNoInstance.Contains(key.Tag)
            && (isRelational || LevelOf(key.Tag) <= level);
    }
}
