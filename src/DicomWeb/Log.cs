using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomWeb;

/// <summary>The log of DICOMweb: events 3000 to 3999. Paths hold UIDs and query strings hold names, so that neither is logged.</summary>
internal static partial class Log
{
    [LoggerMessage(3000, LogLevel.Information, "STOW-RS stored {Stored} instances of {Offered}; status {Status}")]
    public static partial void StoreFinished(ILogger logger, int stored, int offered, int status);

    [LoggerMessage(3001, LogLevel.Warning, "STOW-RS: the multipart body is malformed after {Parts} parts: {Reason}")]
    public static partial void MultipartMalformed(ILogger logger, int parts, string reason);

    [LoggerMessage(3002, LogLevel.Warning, "STOW-RS: an instance was not stored: {Outcome}: {Reason}")]
    public static partial void InstanceRefused(ILogger logger, string outcome, string? reason);

    [LoggerMessage(3010, LogLevel.Debug, "The client of a {Method} request went away")]
    public static partial void ClientGone(ILogger logger, string method);

    [LoggerMessage(3011, LogLevel.Error, "DICOMweb: the archive is not available")]
    public static partial void ArchiveUnavailable(ILogger logger, Exception exception);

    [LoggerMessage(3012, LogLevel.Error, "DICOMweb: a {Method} request failed")]
    public static partial void RequestFailed(ILogger logger, string method, Exception exception);
}
