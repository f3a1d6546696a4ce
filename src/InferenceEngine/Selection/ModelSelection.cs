using MedicalAi.Archive;
using MedicalAi.Dicom;

namespace MedicalAi.InferenceEngine;

/// <summary>A choice of a model in a study, or why something was not chosen.</summary>
/// <param name="Model">The model.</param>
/// <param name="Series">The series.</param>
/// <param name="Instances">The instances; those that were not chosen, where there is a reason.</param>
/// <param name="Reason">Why they were not chosen, in words without patient data; null when they were.</param>
public sealed record ModelSelection(Model Model, DicomUid Series, IReadOnlyList<InstanceSnapshot> Instances, string? Reason);
