using Microsoft.Extensions.Logging;

namespace MedicalAi.Dicom.Network;

/// <summary>All log messages of the network; events 1000 to 1499. No patient data.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Information, "Association of {Calling} at {Address} to {Called} accepted, {Accepted} of {Proposed} presentation contexts")]
    public static partial void Accepted(ILogger logger, string calling, string? address, string called, int accepted, int proposed);

    [LoggerMessage(1001, LogLevel.Warning, "Association of {Calling} at {Address} to {Called} rejected {Reason}")]
    public static partial void Rejected(ILogger logger, string calling, string? address, string called, string reason);

    [LoggerMessage(1002, LogLevel.Warning, "Association with {Calling} at {Address} failed: {Reason}")]
    public static partial void AssociationFailed(ILogger logger, string? calling, string? address, string reason);

    [LoggerMessage(1003, LogLevel.Warning, "Connection of {Address} closed: too many connections have not asked for an association yet")]
    public static partial void TooManyPending(ILogger logger, string? address);

    [LoggerMessage(1004, LogLevel.Error, "A service failed on command {CommandField:X4} of {Calling}")]
    public static partial void ServiceFailed(ILogger logger, Exception exception, ushort commandField, string calling);

    [LoggerMessage(1005, LogLevel.Debug, "Presentation context {Id} of {Calling}: {SopClass}, result {Result}, transfer syntax {TransferSyntax}, proposed {Proposed}")]
    public static partial void Negotiated(ILogger logger, byte id, string calling, string sopClass, byte result, string transferSyntax, string proposed);

    [LoggerMessage(1006, LogLevel.Information, "Association with {Calling} at {Address} ended, {Outcome}, after {Requests} requests")]
    public static partial void Ended(ILogger logger, string calling, string? address, string outcome, long requests);

    [LoggerMessage(1007, LogLevel.Warning, "Request {CommandField:X4} of {Calling} for {SopInstance} answered {Status:X4}: {Comment}")]
    public static partial void Refused(ILogger logger, ushort commandField, string calling, string? sopInstance, ushort status, string? comment);

    [LoggerMessage(1008, LogLevel.Information, "TLS with {Address} failed: it speaks no TLS 1.2 or 1.3 with our cipher suites, or shows no certificate of our authorities, or does not trust ours")]
    public static partial void HandshakeFailed(ILogger logger, string? address);
}
