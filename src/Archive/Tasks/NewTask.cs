using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>A task to be made for a stable study.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="ModelVersion">The model's version.</param>
/// <param name="InputsDigest">What tells this choice of input instances from another; with study, model and version it is unique.</param>
/// <param name="Inputs">The SOP Instance UIDs of the chosen inputs in the order of their use.</param>
/// <param name="Priority">How urgent it is.</param>
public sealed record NewTask(string Model, string ModelVersion, string InputsDigest, IReadOnlyList<DicomUid> Inputs, TaskPriority Priority = TaskPriority.Routine);
