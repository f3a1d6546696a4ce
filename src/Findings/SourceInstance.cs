using MedicalAi.Dicom;

namespace MedicalAi.Findings;

/// <summary>An instance, or a frame of it, that a model looked at.</summary>
/// <param name="SopClass">SOP Class UID.</param>
/// <param name="SopInstance">SOP Instance UID.</param>
/// <param name="Series">Series Instance UID.</param>
/// <param name="Frame">The frame, from 1; 0 for the whole instance.</param>
public sealed record SourceInstance(DicomUid SopClass, DicomUid SopInstance, DicomUid Series, int Frame = 0);
