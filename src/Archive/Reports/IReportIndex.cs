using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>The reports and the FHIR resources. Every implementation passes the same contract tests.</summary>
public interface IReportIndex
{
    /// <summary>The reports of a study, oldest first; of all studies, newest first, when none is given.</summary>
    ValueTask<IReadOnlyList<ReportRow>> ListReportsAsync(DicomUid? study, int limit, int offset, CancellationToken cancellationToken);

    /// <summary>The report of a task; null when there is none.</summary>
    ValueTask<ReportRow?> FindReportAsync(Guid taskId, CancellationToken cancellationToken);

    /// <summary>A resource; null when there is none.</summary>
    ValueTask<FhirResource?> FindResourceAsync(string type, string id, CancellationToken cancellationToken);

    /// <summary>The resources that a search finds, without their search values.</summary>
    ValueTask<IReadOnlyList<FhirResource>> SearchAsync(FhirQuery query, CancellationToken cancellationToken);

    /// <summary>The number of resources that a search finds, without regard to limit and offset.</summary>
    ValueTask<long> CountAsync(FhirQuery query, CancellationToken cancellationToken);
}
