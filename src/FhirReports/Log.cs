using Microsoft.Extensions.Logging;

namespace MedicalAi.FhirReports;

/// <summary>All log messages of the FHIR services; events 5500 to 5999. No patient data: neither ids nor the values of a search.</summary>
internal static partial class Log
{
    [LoggerMessage(5500, LogLevel.Error, "A FHIR request for {Path} failed")]
    public static partial void RequestFailed(ILogger logger, string path, Exception exception);

    [LoggerMessage(5501, LogLevel.Warning, "A FHIR request for {Path} was answered with 503: the archive is away")]
    public static partial void ArchiveAway(ILogger logger, string path, Exception exception);
}
