using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>A match of a query.</summary>
/// <param name="Study">The study; at the patient level the newest one of the patient that matches.</param>
/// <param name="Series">The series; null at the levels above.</param>
/// <param name="Instance">The instance; null at the levels above.</param>
/// <param name="Metadata">The instance's DICOM JSON, UTF-8, when the query asked for it; else empty.</param>
public sealed record IndexMatch(StudyRow Study, SeriesRow? Series, InstanceRow? Instance, ReadOnlyMemory<byte> Metadata)
{
    /// <summary>How much there is of the patient, when a query of the patient level asked for it; else null.</summary>
    public PatientCounts? Patient { get; init; }

    /// <summary>Reads attributes of <see cref="Metadata"/>; those that the instance does not have, and values that are kept elsewhere, are left out.</summary>
    /// <param name="tags">The attributes wanted.</param>
    /// <exception cref="InvalidDataException">The index holds no DICOM JSON.</exception>
    public DicomDataSet ReadMetadata(IReadOnlySet<DicomTag> tags) => Metadata.IsEmpty ? [] : AttributeSelection.Read(Metadata.Span, tags);
}

/// <summary>What there is of a patient, whether it matches or not.</summary>
/// <param name="Studies">Number of Patient Related Studies (0020,1200).</param>
/// <param name="Series">Number of Patient Related Series (0020,1202).</param>
/// <param name="Instances">Number of Patient Related Instances (0020,1204).</param>
public readonly record struct PatientCounts(long Studies, long Series, long Instances);
