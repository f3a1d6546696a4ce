using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>A study as the index knows it.</summary>
/// <param name="Study">Study Instance UID.</param>
/// <param name="NumberOfSeries">Number of Study Related Series (0020,1206).</param>
/// <param name="NumberOfInstances">Number of Study Related Instances (0020,1208).</param>
/// <param name="Modalities">Modalities in Study (0008,0061), in the order of their coming.</param>
/// <param name="SopClasses">SOP Classes in Study (0008,0062), in the order of their coming.</param>
/// <param name="Attributes">The attributes of the Patient, Patient Study and General Study modules of the first instance as a DICOM JSON object, UTF-8.</param>
/// <param name="Revision">Grows with every instance that is added.</param>
/// <param name="UpdatedAt">When the last instance was added.</param>
public sealed record StudyRow(
    DicomUid Study,
    int NumberOfSeries,
    int NumberOfInstances,
    IReadOnlyList<string> Modalities,
    IReadOnlyList<string> SopClasses,
    ReadOnlyMemory<byte> Attributes,
    long Revision,
    DateTimeOffset UpdatedAt);
