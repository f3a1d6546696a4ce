using Microsoft.Extensions.Logging;

namespace MedicalAi.Archive;

/// <summary>All log messages of the archive; events 2000 to 2999. No patient data.</summary>
internal static partial class Log
{
    [LoggerMessage(2000, LogLevel.Error, "A group commit of {Count} instances failed; nothing of it was acknowledged; several are tried again one by one")]
    public static partial void CommitFailed(ILogger logger, int count, Exception exception);

    [LoggerMessage(2001, LogLevel.Warning, "SOP instance {SopInstance} came from {CallingAe} with other content than is stored; it is in quarantine")]
    public static partial void Quarantined(ILogger logger, string sopInstance, string? callingAe);

    [LoggerMessage(2002, LogLevel.Warning, "An instance by {Protocol} from {CallingAe} was refused ({Outcome}): {Reason}")]
    public static partial void Refused(ILogger logger, IngestOutcome outcome, string protocol, string? callingAe, string? reason);

    [LoggerMessage(2003, LogLevel.Error, "An instance could not be written to the store")]
    public static partial void StagingFailed(ILogger logger, Exception exception);

    [LoggerMessage(2004, LogLevel.Information, "{Count} objects that a crash had left without an index row were removed")]
    public static partial void OrphansRemoved(ILogger logger, int count);

    [LoggerMessage(2006, LogLevel.Error, "Objects that stand in the journal could not be made durable in their places; nothing is lost, and it is tried again")]
    public static partial void JournalFlushFailed(ILogger logger, Exception exception);

    [LoggerMessage(2007, LogLevel.Information, "{Count} objects were put in their places out of the journal")]
    public static partial void JournalRecovered(ILogger logger, int count);

    [LoggerMessage(2008, LogLevel.Information, "{Count} uploads of objects that a crash had left unfinished were removed")]
    public static partial void UnfinishedRemoved(ILogger logger, int count);

    [LoggerMessage(2005, LogLevel.Information, "{Count} tasks, or instances to forward, that a crash had left in work are free again")]
    public static partial void LeasesEnded(ILogger logger, int count);

    [LoggerMessage(2010, LogLevel.Information, "Study {Study} is stable: {Tasks} new tasks")]
    public static partial void StudyStable(ILogger logger, string study, int tasks);

    [LoggerMessage(2011, LogLevel.Error, "Looking for stable studies failed; it is tried again")]
    public static partial void StabilityFailed(ILogger logger, Exception exception);

    [LoggerMessage(2012, LogLevel.Error, "Choosing the tasks of study {Study} failed; the study gets none")]
    public static partial void SelectionFailed(ILogger logger, string study, Exception exception);

    [LoggerMessage(2014, LogLevel.Error, "Learning what was ordered of study {Study} failed; it is looked at without that")]
    public static partial void OrderFailed(ILogger logger, string study, Exception exception);

    [LoggerMessage(2013, LogLevel.Warning, "Measuring the backlog failed; it is tried again")]
    public static partial void BacklogFailed(ILogger logger, Exception exception);

    [LoggerMessage(2020, LogLevel.Error, "Publishing from the outbox failed; it is tried again until it succeeds")]
    public static partial void OutboxFailed(ILogger logger, Exception exception);

    [LoggerMessage(2070, LogLevel.Information, "Task {Task} begins: {Kind} of model {Model}, attempt {Attempt}")]
    public static partial void TaskStarted(ILogger logger, Guid task, WorkKind kind, string model, int attempt);

    [LoggerMessage(2071, LogLevel.Information, "Task {Task}: {Kind} of model {Model} took {Milliseconds} ms; saved: {Saved}")]
    public static partial void TaskEnded(ILogger logger, Guid task, WorkKind kind, string model, long milliseconds, bool saved);

    [LoggerMessage(2072, LogLevel.Error, "Task {Task}: {Kind} of model {Model} failed: {Reason}")]
    public static partial void TaskFailed(ILogger logger, Guid task, WorkKind kind, string model, string reason, Exception exception);

    [LoggerMessage(2073, LogLevel.Warning, "Task {Task} was cancelled or taken over by another worker; the work on it is dropped")]
    public static partial void ClaimLost(ILogger logger, Guid task);

    [LoggerMessage(2074, LogLevel.Error, "Task {Task} was interrupted; its message comes again")]
    public static partial void TaskInterrupted(ILogger logger, Guid task, Exception exception);

    [LoggerMessage(2075, LogLevel.Warning, "The heartbeat of task {Task} failed")]
    public static partial void HeartbeatFailed(ILogger logger, Guid task, Exception exception);

    [LoggerMessage(2076, LogLevel.Error, "The work queue of {Kind} failed; it is tried again")]
    public static partial void QueueFailed(ILogger logger, WorkKind kind, Exception exception);

    [LoggerMessage(2077, LogLevel.Error, "The message of task {Task} ({Kind}) was delivered {Deliveries} times and nobody that took it gave an answer: the task has failed")]
    public static partial void DeadLetter(ILogger logger, Guid task, WorkKind kind, int deliveries);

    [LoggerMessage(2078, LogLevel.Warning, "Looking for messages that were delivered too often failed; it is tried again")]
    public static partial void DeadLettersFailed(ILogger logger, Exception exception);

    [LoggerMessage(2080, LogLevel.Warning, "The message broker {Host} is away, or takes no messages (connection that {Purpose}); it is tried again until it is back")]
    public static partial void BrokerAway(ILogger logger, string host, string purpose, Exception exception);

    [LoggerMessage(2081, LogLevel.Information, "The message broker {Host} is back (connection that {Purpose})")]
    public static partial void BrokerBack(ILogger logger, string host, string purpose);

    [LoggerMessage(2082, LogLevel.Error, "A message of {Length} bytes that is none of ours was put into the queue {Queue}")]
    public static partial void Unreadable(ILogger logger, int length, string queue);

    [LoggerMessage(2021, LogLevel.Warning, "{Count} tasks that nobody held and that had no message were queued again")]
    public static partial void LostRequeued(ILogger logger, int count);
}
