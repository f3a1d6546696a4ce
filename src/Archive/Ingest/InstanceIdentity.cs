using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>The identifiers of a composite SOP instance.</summary>
/// <param name="SopClass">SOP Class UID (0008,0016).</param>
/// <param name="Study">Study Instance UID (0020,000D), or the one under which an instance is filed whose data set has none.</param>
/// <param name="Series">Series Instance UID (0020,000E), or the one under which an instance is filed whose data set has none.</param>
/// <param name="SopInstance">SOP Instance UID (0008,0018).</param>
public readonly record struct InstanceIdentity(DicomUid SopClass, DicomUid Study, DicomUid Series, DicomUid SopInstance);
