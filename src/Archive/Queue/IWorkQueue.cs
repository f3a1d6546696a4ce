namespace MedicalAi.Archive;

/// <summary>
/// A durable queue that delivers at least once, urgent messages first. Every implementation passes the same contract tests.
/// Safe for use by several threads.
/// </summary>
public interface IWorkQueue
{
    /// <summary>Queues messages; durable when it returns. A message that is waiting already may be queued twice.</summary>
    /// <exception cref="ArchiveUnavailableException">The queue is away; some of the messages may be queued all the same.</exception>
    ValueTask PublishAsync(IReadOnlyList<WorkMessage> messages, CancellationToken cancellationToken);

    /// <summary>Takes the next message of a kind; waits for one.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="lease">How long the receiver may hold it without renewing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    ValueTask<WorkDelivery> ReceiveAsync(WorkKind kind, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Takes the next message of a kind if there is one; null when there is none.</summary>
    ValueTask<WorkDelivery?> TryReceiveAsync(WorkKind kind, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Takes the next message that was delivered too often, if there is one; null when there is none. Acknowledging removes it for good.</summary>
    ValueTask<WorkDelivery?> TryReceiveDeadAsync(WorkKind kind, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Renews the lease of a delivery; false when it was lost.</summary>
    ValueTask<bool> RenewAsync(WorkDelivery delivery, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Removes a delivered message; false when the delivery's lease was lost to another.</summary>
    ValueTask<bool> AcknowledgeAsync(WorkDelivery delivery, CancellationToken cancellationToken);

    /// <summary>
    /// Gives a message back, to be delivered again after a delay; false when the delivery's lease was lost to another. The delivery
    /// does not count: only those do whose receivers end or hang without a word.
    /// </summary>
    ValueTask<bool> RejectAsync(WorkDelivery delivery, TimeSpan delay, CancellationToken cancellationToken);

    /// <summary>The length of the queue of a kind.</summary>
    ValueTask<WorkQueueDepth> CountAsync(WorkKind kind, CancellationToken cancellationToken);
}
