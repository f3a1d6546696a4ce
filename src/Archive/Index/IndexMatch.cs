namespace MedicalAi.Archive;

/// <summary>A match of a query.</summary>
/// <param name="Study">The study.</param>
/// <param name="Series">The series; null at the study level.</param>
/// <param name="Instance">The instance; null above the instance level.</param>
/// <param name="Metadata">The instance's DICOM JSON, UTF-8, when the query asked for it; else empty.</param>
public sealed record IndexMatch(StudyRow Study, SeriesRow? Series, InstanceRow? Instance, ReadOnlyMemory<byte> Metadata);
