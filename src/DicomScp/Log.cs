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
}
