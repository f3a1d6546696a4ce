using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomScp;

/// <summary>All log messages of the services; events 1500 to 1999. No patient data.</summary>
internal static partial class Log
{
    [LoggerMessage(1500, LogLevel.Information, "The AE registry {File} was read: {Entities} application entities")]
    public static partial void RegistryLoaded(ILogger logger, string file, int entities);

    [LoggerMessage(1501, LogLevel.Error, "The AE registry {File} is not valid, and what held before goes on to hold: {Problem}")]
    public static partial void RegistryBroken(ILogger logger, string file, string problem);

    [LoggerMessage(1502, LogLevel.Error, "The AE registry {File} cannot be written")]
    public static partial void RegistryNotWritten(ILogger logger, string file, Exception exception);

    [LoggerMessage(1503, LogLevel.Error, "The AE registry {File} could not be looked at; what held before goes on to hold")]
    public static partial void RegistryNotRead(ILogger logger, string file, Exception exception);

    [LoggerMessage(1540, LogLevel.Information, "{Operation} asked for by {Calling} at level {Level}: of {Total} instances {Completed} sent, {Warnings} with a warning, {Failed} failed; answered {Status:X4}")]
    public static partial void Retrieved(ILogger logger, string operation, string calling, QueryLevel level, long total, int completed, int warnings, int failed, ushort status);

    [LoggerMessage(1541, LogLevel.Warning, "Instance {SopInstance}, to be retrieved by {Calling}, was not sent: {Reason}")]
    public static partial void SubOperationFailed(ILogger logger, string sopInstance, string calling, string reason);

    [LoggerMessage(1542, LogLevel.Error, "{Operation} asked for by {Calling} ended early: the index cannot be read")]
    public static partial void RetrieveBroken(ILogger logger, string operation, string calling, Exception exception);
}
