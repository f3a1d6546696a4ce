using MedicalAi.Archive;
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

    [LoggerMessage(1510, LogLevel.Error, "Following the change log for what is to be forwarded failed; it is tried again")]
    public static partial void PlanningFailed(ILogger logger, Exception exception);

    [LoggerMessage(1511, LogLevel.Error, "Sending to {Destination} failed; it is tried again")]
    public static partial void SendingFailed(ILogger logger, string destination, Exception exception);

    [LoggerMessage(1512, LogLevel.Warning, "Instance {SopInstance} was not sent to {Destination}, attempt {Attempt}: {Reason}")]
    public static partial void NotSent(ILogger logger, string sopInstance, string destination, int attempt, string reason);

    [LoggerMessage(1513, LogLevel.Error, "Instance {SopInstance} is given up for {Destination}: {Reason}")]
    public static partial void GivenUp(ILogger logger, string sopInstance, string destination, string reason);

    [LoggerMessage(1514, LogLevel.Warning, "{Destination} is waited for: {Reason}")]
    public static partial void DestinationIsAway(ILogger logger, string destination, string reason);

    [LoggerMessage(1515, LogLevel.Information, "{Destination} answers again")]
    public static partial void DestinationIsBack(ILogger logger, string destination);

    [LoggerMessage(1516, LogLevel.Warning, "What came of sending to {Destination} could not be noted, or leases not renewed; it is tried again")]
    public static partial void NotingFailed(ILogger logger, string destination, Exception exception);

    [LoggerMessage(1517, LogLevel.Warning, "Measuring the forward queues failed; it is tried again")]
    public static partial void MeasuringFailed(ILogger logger, Exception exception);

    [LoggerMessage(1518, LogLevel.Information, "{Destination} was asked to commit itself to {Instances} instances, transaction {Transaction}")]
    public static partial void ForwardCommitmentAsked(ILogger logger, string destination, int instances, string transaction);

    [LoggerMessage(1519, LogLevel.Information, "{Destination} committed itself to {Committed} of {Instances} instances, transaction {Transaction}")]
    public static partial void ForwardCommitted(ILogger logger, string destination, int committed, int instances, string transaction);

    [LoggerMessage(1520, LogLevel.Warning, "Instance {SopInstance} is not committed by {Destination}: {Reason}")]
    public static partial void NotCommitted(ILogger logger, string sopInstance, string destination, string reason);

    [LoggerMessage(1521, LogLevel.Error, "{Destination} cannot be asked for storage commitment, and what it took waits for it: {Reason}")]
    public static partial void CommitmentIsAway(ILogger logger, string destination, string reason);

    [LoggerMessage(1522, LogLevel.Information, "{Destination} can be asked for storage commitment again")]
    public static partial void CommitmentIsBack(ILogger logger, string destination);

    [LoggerMessage(1523, LogLevel.Warning, "{Destination} was asked to commit itself to {Instances} instances and told nothing within {Hours} hours")]
    public static partial void NothingTold(ILogger logger, string destination, int instances, double hours);

    [LoggerMessage(1524, LogLevel.Error, "Asking {Destination} for storage commitment failed; it is tried again")]
    public static partial void AskingFailed(ILogger logger, string destination, Exception exception);

    [LoggerMessage(1540, LogLevel.Information, "{Operation} asked for by {Calling} at level {Level}: of {Total} instances {Completed} sent, {Warnings} with a warning, {Failed} failed; answered {Status:X4}")]
    public static partial void Retrieved(ILogger logger, string operation, string calling, QueryLevel level, long total, int completed, int warnings, int failed, ushort status);

    [LoggerMessage(1541, LogLevel.Warning, "Instance {SopInstance}, to be retrieved by {Calling}, was not sent: {Reason}")]
    public static partial void SubOperationFailed(ILogger logger, string sopInstance, string calling, string reason);

    [LoggerMessage(1542, LogLevel.Error, "{Operation} asked for by {Calling} ended early: the index cannot be read")]
    public static partial void RetrieveBroken(ILogger logger, string operation, string calling, Exception exception);

    [LoggerMessage(1560, LogLevel.Information, "Storage commitment {Transaction} of {Requestor}: {Instances} instances, {Entry}")]
    public static partial void CommitmentRequested(ILogger logger, string transaction, string requestor, int instances, CommitmentEntry entry);

    [LoggerMessage(1561, LogLevel.Information, "Storage commitment {Transaction}: of {Instances} instances {Failed} are not committed")]
    public static partial void CommitmentChecked(ILogger logger, string transaction, int instances, int failed);

    [LoggerMessage(1562, LogLevel.Information, "Storage commitment {Transaction}: {Requestor} was told")]
    public static partial void CommitmentReported(ILogger logger, string transaction, string requestor);

    [LoggerMessage(1563, LogLevel.Warning, "Storage commitment {Transaction}: {Requestor} could not be told, which is tried again: {Reason}")]
    public static partial void CommitmentNotReported(ILogger logger, string transaction, string requestor, string reason);

    [LoggerMessage(1564, LogLevel.Error, "Storage commitment {Transaction}: {Requestor} was not told, and it is not tried again: {Reason}")]
    public static partial void CommitmentRejected(ILogger logger, string transaction, string requestor, string reason);

    [LoggerMessage(1565, LogLevel.Error, "Storage commitment {Transaction} was interrupted; it is taken up again")]
    public static partial void CommitmentInterrupted(ILogger logger, string transaction, Exception exception);

    [LoggerMessage(1566, LogLevel.Error, "Looking for storage commitment transactions failed; it is tried again")]
    public static partial void CommitmentsFailed(ILogger logger, Exception exception);

    [LoggerMessage(1580, LogLevel.Information, "Performed procedure step {Step} of {Modality}: {Status}, {Instances} instances")]
    public static partial void StepTold(ILogger logger, string step, string modality, PerformedStepStatus status, int instances);

    [LoggerMessage(1581, LogLevel.Information, "Instance availability {Notification} of {Sender}: study {Study}, {Instances} instances")]
    public static partial void AvailabilityTold(ILogger logger, string notification, string sender, string study, int instances);

    [LoggerMessage(1582, LogLevel.Information, "Worklist of {Ae}: study {Study} has priority {Priority} and {Procedures} procedure codes")]
    public static partial void OrderLearnt(ILogger logger, string ae, string study, TaskPriority? priority, int procedures);

    [LoggerMessage(1583, LogLevel.Warning, "The worklist of {Ae} could not be asked, and is left alone for {Seconds} s: {Reason}")]
    public static partial void WorklistAway(ILogger logger, string ae, int seconds, string reason);
}
