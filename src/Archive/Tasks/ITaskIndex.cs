using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>
/// The tasks (<c>ai_inference_tasks</c>) with leases and fencing numbers. A method that takes a <see cref="TaskClaim"/> returns
/// false, and changes nothing, when the claim is no longer the newest. Every implementation passes the same contract tests.
/// </summary>
public interface ITaskIndex
{
    /// <summary>
    /// Enters the tasks of a stable study with their outbox and change-log rows in one transaction, if the study is still at
    /// this revision. Tasks that exist already are passed over.
    /// </summary>
    /// <returns>The number of new tasks; null when the study has changed and must be looked at again.</returns>
    ValueTask<int?> AddTasksAsync(DicomUid study, long revision, IReadOnlyList<NewTask> tasks, CancellationToken cancellationToken);

    /// <summary>Claims the phase of a task that a message names.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="kind">The phase: inference needs findings to be absent, report needs them to be there.</param>
    /// <param name="owner">Who claims it; for people to read.</param>
    /// <param name="lease">How long it is held without a heartbeat.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<TaskClaimResult> ClaimAsync(Guid taskId, WorkKind kind, string owner, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Renews the lease.</summary>
    ValueTask<bool> HeartbeatAsync(TaskClaim claim, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Saves the findings, gives up the lease and queues the report, in one transaction.</summary>
    ValueTask<bool> SaveFindingsAsync(TaskClaim claim, ReadOnlyMemory<byte> findings, CancellationToken cancellationToken);

    /// <summary>The saved findings; null when there are none.</summary>
    ValueTask<ReadOnlyMemory<byte>?> ReadFindingsAsync(Guid taskId, CancellationToken cancellationToken);

    /// <summary>Enters the report and the FHIR resources and completes the task, in one transaction.</summary>
    ValueTask<bool> CompleteAsync(TaskClaim claim, TaskCompletion completion, CancellationToken cancellationToken);

    /// <summary>Records a failure: the task is queued again after a back-off, or fails for good.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="reason">Why, in words without patient data.</param>
    /// <param name="isTransient">Whether trying again can help.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<bool> FailAsync(TaskClaim claim, string reason, bool isTransient, CancellationToken cancellationToken);

    /// <summary>Gives the lease back without counting the attempt, for an orderly stop; the task is queued again at once.</summary>
    ValueTask<bool> ReleaseAsync(TaskClaim claim, CancellationToken cancellationToken);

    /// <summary>A task; null when it is not known.</summary>
    ValueTask<InferenceTask?> FindTaskAsync(Guid taskId, CancellationToken cancellationToken);

    /// <summary>Tasks, newest first.</summary>
    ValueTask<IReadOnlyList<InferenceTask>> ListTasksAsync(TaskQuery query, CancellationToken cancellationToken);

    /// <summary>How many tasks stand where.</summary>
    ValueTask<IReadOnlyDictionary<InferenceTaskStatus, long>> CountTasksAsync(CancellationToken cancellationToken);

    /// <summary>When the oldest task was made that is queued or running; null when there is none.</summary>
    ValueTask<DateTimeOffset?> FindOldestOpenAsync(CancellationToken cancellationToken);

    /// <summary>Queues a failed or cancelled task again; false when it is neither.</summary>
    ValueTask<bool> RetryAsync(Guid taskId, CancellationToken cancellationToken);

    /// <summary>Cancels a task that is queued or running; false when it is neither. A holder's later writes are refused.</summary>
    ValueTask<bool> CancelAsync(Guid taskId, CancellationToken cancellationToken);

    /// <summary>Messages that are to be published, oldest first.</summary>
    ValueTask<IReadOnlyList<OutboxMessage>> ReadOutboxAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Removes published messages from the outbox.</summary>
    ValueTask RemoveFromOutboxAsync(IReadOnlyList<OutboxMessage> messages, CancellationToken cancellationToken);

    /// <summary>Puts tasks that nobody holds and that have not moved since a time into the outbox again, for messages that a queue has lost.</summary>
    /// <returns>How many.</returns>
    ValueTask<int> RequeueLostAsync(DateTimeOffset unmovedSince, CancellationToken cancellationToken);
}
