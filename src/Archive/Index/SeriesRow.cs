using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>A series as the index knows it.</summary>
/// <param name="Study">Study Instance UID.</param>
/// <param name="Series">Series Instance UID.</param>
/// <param name="Modality">Modality (0008,0060).</param>
/// <param name="NumberOfInstances">Number of Series Related Instances (0020,1209).</param>
/// <param name="Attributes">The attributes of the series and equipment modules of the first instance as a DICOM JSON object, UTF-8.</param>
/// <param name="UpdatedAt">When the last instance was added.</param>
public sealed record SeriesRow(
    DicomUid Study,
    DicomUid Series,
    string? Modality,
    int NumberOfInstances,
    ReadOnlyMemory<byte> Attributes,
    DateTimeOffset UpdatedAt);
