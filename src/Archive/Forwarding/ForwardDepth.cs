namespace MedicalAi.Archive;

/// <summary>The length of a destination's queue.</summary>
/// <param name="Queued">Items that wait.</param>
/// <param name="Sending">Items in the hands of senders.</param>
/// <param name="Dead">Dead letters.</param>
/// <param name="OldestAt">When the oldest item was queued that waits or is held; null when there is none.</param>
public readonly record struct ForwardDepth(long Queued, long Sending, long Dead, DateTimeOffset? OldestAt);
