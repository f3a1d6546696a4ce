using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Findings;

namespace MedicalAi.Gateway;

/// <summary>A task as the API shows it.</summary>
internal sealed record TaskResource
{
    /// <summary>The task's identifier.</summary>
    public required Guid Id { get; init; }

    /// <summary>Study Instance UID.</summary>
    public required string Study { get; init; }

    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The model's version.</summary>
    public required string ModelVersion { get; init; }

    /// <summary>queued, running, completed, failed or cancelled.</summary>
    public required string Status { get; init; }

    /// <summary>low, routine, high or stat.</summary>
    public required string Priority { get; init; }

    /// <summary>How often its present phase was begun.</summary>
    public required int Attempts { get; init; }

    /// <summary>The number of input instances.</summary>
    public required int NumberOfInputs { get; init; }

    /// <summary>Why the last attempt failed.</summary>
    public string? Error { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was first begun.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When its results were stored.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Not to be tried again before this time.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>Where its results are; null before it is completed.</summary>
    public ReportResource? Report { get; init; }

    /// <summary>What was found; only where one task is asked for.</summary>
    public FindingsResource? Findings { get; init; }

    /// <summary>The resource of a row.</summary>
    public static TaskResource From(InferenceTask task) => new()
    {
        Id = task.Id,
        Study = task.Study.Value,
        Model = task.Model,
        ModelVersion = task.ModelVersion,
        Status = task.Status.ToString().ToLowerInvariant(),
        Priority = task.Priority.ToString().ToLowerInvariant(),
        Attempts = task.Attempts,
        NumberOfInputs = task.Inputs.Count,
        Error = task.Error,
        CreatedAt = task.CreatedAt,
        StartedAt = task.StartedAt,
        CompletedAt = task.CompletedAt,
        NextAttemptAt = task.NextAttemptAt,
    };
}

/// <summary>Where the results of a task are, as paths of this server.</summary>
/// <param name="StructuredReport">The SR.</param>
/// <param name="Segmentation">The SEG; null when there is none.</param>
/// <param name="DiagnosticReport">The FHIR DiagnosticReport.</param>
internal sealed record ReportResource(string? StructuredReport, string? Segmentation, string DiagnosticReport)
{
    /// <summary>Looks up where the results are.</summary>
    public static async Task<ReportResource> ReadAsync(ReportRow row, IStudyIndex studies, CancellationToken cancellationToken) => new(
        await FindPathAsync(row.StructuredReport, studies, cancellationToken),
        row.Segmentation is { } segmentation ? await FindPathAsync(segmentation, studies, cancellationToken) : null,
        $"/fhir/DiagnosticReport/{row.DiagnosticReportId}");

    private static async Task<string?> FindPathAsync(DicomUid sopInstance, IStudyIndex studies, CancellationToken cancellationToken) =>
        await studies.FindInstanceAsync(sopInstance, cancellationToken) is { Identity: var identity }
            ? $"/dicomweb/studies/{identity.Study}/series/{identity.Series}/instances/{identity.SopInstance}"
            : null;
}

/// <summary>What was found.</summary>
/// <param name="Classifications">What was looked for.</param>
/// <param name="Measurements">What was measured.</param>
/// <param name="Notes">Remarks.</param>
internal sealed record FindingsResource(IReadOnlyList<ClassificationResource> Classifications, IReadOnlyList<MeasurementResource> Measurements, IReadOnlyList<string> Notes)
{
    /// <summary>The resource of findings.</summary>
    public static FindingsResource From(StudyFindings findings) => new(
        [.. findings.Classifications.Select(c => new ClassificationResource(c.Finding.Meaning, c.Probability, c.Threshold, c.IsPositive))],
        [.. findings.Measurements.Select(m => new MeasurementResource(m.Quantity.Meaning, LabelOf(findings, m) ?? m.Site?.Meaning, m.Value, m.Unit.Value))],
        findings.Notes);

    private static string? LabelOf(StudyFindings findings, Measurement measurement) =>
        findings.Segmentation?.Segments.FirstOrDefault(segment => segment.Number == measurement.SegmentNumber)?.Label;
}

/// <summary>Whether something was found.</summary>
/// <param name="Finding">What was looked for.</param>
/// <param name="Probability">0 to 1.</param>
/// <param name="Threshold">The probability from which it counts as found.</param>
/// <param name="IsPositive">Whether it counts as found.</param>
internal sealed record ClassificationResource(string Finding, double Probability, double Threshold, bool IsPositive);

/// <summary>A number.</summary>
/// <param name="Quantity">What was measured.</param>
/// <param name="Of">Of which segment or site; null for the whole.</param>
/// <param name="Value">The number.</param>
/// <param name="Unit">The unit, of UCUM.</param>
internal sealed record MeasurementResource(string Quantity, string? Of, double Value, string Unit);
