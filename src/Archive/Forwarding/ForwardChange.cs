using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>What the change log tells of interest for forwarding.</summary>
/// <param name="Sequence">Its place in the change log.</param>
/// <param name="Study">The study.</param>
/// <param name="Instance">The instance that was stored and is still there; null when the study became stable.</param>
public sealed record ForwardChange(long Sequence, DicomUid Study, ArrivedInstance? Instance);

/// <summary>An instance, and how it came.</summary>
/// <param name="Sequence">Its place in the change log.</param>
/// <param name="SopInstance">SOP Instance UID.</param>
/// <param name="Protocol">The way in (<see cref="UploadOrigin.Protocol"/>).</param>
/// <param name="CallingAe">The calling AE title of a DIMSE sender.</param>
public sealed record ArrivedInstance(long Sequence, DicomUid SopInstance, string Protocol, string? CallingAe);
