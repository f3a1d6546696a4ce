using Microsoft.Extensions.Logging;

namespace MedicalAi.Dicom.Network;

internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Information, "Association of {Calling} to {Called} accepted, {Accepted} of {Proposed} presentation contexts")]
    public static partial void Accepted(ILogger logger, string calling, string called, int accepted, int proposed);

    [LoggerMessage(1001, LogLevel.Warning, "Association of {Calling} to {Called} rejected: result {Result}, source {RejectSource}, reason {Reason}")]
    public static partial void Rejected(ILogger logger, string calling, string called, byte result, byte rejectSource, byte reason);

    [LoggerMessage(1002, LogLevel.Warning, "Association aborted: {Reason}")]
    public static partial void AssociationFailed(ILogger logger, string reason);

    [LoggerMessage(1003, LogLevel.Information, "Connection lost")]
    public static partial void ConnectionLost(ILogger logger);

    [LoggerMessage(1004, LogLevel.Error, "A service failed on command {CommandField}")]
    public static partial void ServiceFailed(ILogger logger, Exception exception, ushort commandField);
}
