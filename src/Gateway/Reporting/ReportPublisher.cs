using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.DicomReports;
using MedicalAi.FhirReports;
using MedicalAi.Findings;

namespace MedicalAi.Gateway;

/// <summary>
/// Makes reports of saved findings: SEG and SR go through the archive's door as any instance does, the FHIR resources are entered
/// with the completion of the task. All of it follows from the findings and the inputs alone, so that making it again after a
/// crash changes nothing.
/// </summary>
internal sealed class ReportPublisher(
    IWorkQueue queue,
    ITaskIndex tasks,
    IStudyIndex studies,
    ArchiveReader reader,
    IngestService ingest,
    ReportingOptions options,
    TimeProvider time,
    ILogger<ReportPublisher> logger) : TaskWorker(queue, tasks, WorkKind.Report, options.MaximumTasks, options.Lease, time, logger)
{
    private static readonly UploadOrigin s_origin = new(UploadOrigin.Result);
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    /// <inheritdoc />
    protected override TimeSpan GetTimeLimit(InferenceTask task) => s_limit;

    /// <inheritdoc />
    protected override async Task<bool> RunAsync(TaskClaim claim, CancellationToken cancellationToken)
    {
        StudyFindings findings = await ReadFindingsAsync(claim.Task.Id, cancellationToken);
        IReadOnlyList<DicomDataSet> headers = await ReadHeadersAsync(findings, cancellationToken);
        StudyRow study = await studies.FindStudyAsync(findings.Study, cancellationToken)
            ?? throw new TaskFailedException("The study is no longer in the archive.");
        (DicomDataSet? segmentation, DicomDataSet report, IReadOnlyList<FhirResource> resources) = Build(findings, headers, study);
        if (segmentation is not null)
        {
            await StoreAsync(segmentation, "segmentation", cancellationToken);
        }

        await StoreAsync(report, "structured report", cancellationToken);
        ReportRow row = new(
            claim.Task.Id,
            findings.Study,
            findings.Model.Name,
            findings.Model.Version,
            ResultUids.StructuredReport(findings),
            segmentation is null ? null : ResultUids.Segmentation(findings),
            FhirReportBuilder.DiagnosticReportId(findings),
            "preliminary",
            findings.MadeAt);
        return await Tasks.CompleteAsync(claim, new TaskCompletion(row, resources), CancellationToken.None);
    }

    private (DicomDataSet? Segmentation, DicomDataSet Report, IReadOnlyList<FhirResource> Resources) Build(StudyFindings findings, IReadOnlyList<DicomDataSet> headers, StudyRow study)
    {
        try
        {
            DicomDataSet? segmentation = SegmentationBuilder.Build(findings, headers);
            DicomUid? segmentationUid = segmentation is null ? null : ResultUids.Segmentation(findings);
            DicomDataSet report = StructuredReportBuilder.Build(findings, headers, segmentationUid);
            return (segmentation, report, FhirReportBuilder.Build(findings, headers, study, ResultUids.StructuredReport(findings), segmentationUid, options.DicomWebBase));
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new TaskFailedException($"The findings cannot be put into reports: {e.Message}", isTransient: false, e);
        }
    }

    private async Task<StudyFindings> ReadFindingsAsync(Guid taskId, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> saved = await Tasks.ReadFindingsAsync(taskId, cancellationToken)
            ?? throw new TaskFailedException("The task has no findings.");
        ParseResult<StudyFindings> findings = StudyFindings.Parse(saved);
        return findings.Ok ? findings.Value : throw new TaskFailedException($"The findings cannot be read: {findings.Error.Message}");
    }

    private async Task<IReadOnlyList<DicomDataSet>> ReadHeadersAsync(StudyFindings findings, CancellationToken cancellationToken)
    {
        DicomDataSet[] headers = new DicomDataSet[findings.Inputs.Count];
        for (int i = 0; i < headers.Length; i++)
        {
            DicomUid instance = findings.Inputs[i].SopInstance;
            InstanceRow row = await reader.FindInstanceAsync(findings.Study, null, instance, cancellationToken)
                ?? throw new TaskFailedException($"Input {instance} is no longer in the archive.");
            ParseResult<DicomDataSet> header = await reader.ReadHeaderAsync(row, cancellationToken);
            headers[i] = header.Ok ? header.Value : throw new TaskFailedException($"Input {instance} cannot be read: {header.Error}");
        }

        return headers;
    }

    private async Task StoreAsync(DicomDataSet result, string what, CancellationToken cancellationToken)
    {
        IngestResult stored = await ingest.IngestAsync(result, TransferSyntax.ExplicitVrLittleEndian, s_origin, cancellationToken);
        if (!stored.IsSuccess)
        {
            bool isTransient = stored.Outcome is IngestOutcome.OutOfResources or IngestOutcome.Unavailable;
            throw new TaskFailedException($"The {what} was not stored: {stored.Message}", isTransient);
        }
    }
}
