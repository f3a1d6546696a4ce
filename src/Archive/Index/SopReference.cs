using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>A SOP instance as others name it (PS3.3 table 10-11).</summary>
/// <param name="SopClass">Referenced SOP Class UID (0008,1150).</param>
/// <param name="SopInstance">Referenced SOP Instance UID (0008,1155).</param>
public readonly record struct SopReference(DicomUid SopClass, DicomUid SopInstance);
