namespace MedicalAi.Archive;

/// <summary>The length of a destination's queue.</summary>
/// <param name="Queued">Items that wait.</param>
/// <param name="Sending">Items in the hands of senders.</param>
/// <param name="Committing">Items to whose storage the destination has not committed itself yet.</param>
/// <param name="Dead">Dead letters.</param>
/// <param name="OldestAt">When the oldest item was queued that waits to be sent or is being sent; null when there is none.</param>
public readonly record struct ForwardDepth(long Queued, long Sending, long Committing, long Dead, DateTimeOffset? OldestAt);
