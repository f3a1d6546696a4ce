using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>A row of <c>reports</c>: the results of one completed task.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Study">Study Instance UID.</param>
/// <param name="Model">The model's name.</param>
/// <param name="ModelVersion">The model's version.</param>
/// <param name="StructuredReport">SOP Instance UID of the SR.</param>
/// <param name="Segmentation">SOP Instance UID of the SEG; null when there is none.</param>
/// <param name="DiagnosticReportId">The id of the FHIR DiagnosticReport.</param>
/// <param name="Status">Its status, for example <c>preliminary</c>.</param>
/// <param name="CreatedAt">When the findings were made.</param>
public sealed record ReportRow(
    Guid TaskId,
    DicomUid Study,
    string Model,
    string ModelVersion,
    DicomUid StructuredReport,
    DicomUid? Segmentation,
    string DiagnosticReportId,
    string Status,
    DateTimeOffset CreatedAt);
