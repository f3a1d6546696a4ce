namespace MedicalAi.Archive;

/// <summary>What is entered together when a task completes.</summary>
/// <param name="Report">The row of <c>reports</c>.</param>
/// <param name="Resources">The FHIR resources, entered by type and id.</param>
public sealed record TaskCompletion(ReportRow Report, IReadOnlyList<FhirResource> Resources);
