namespace MedicalAi.Archive;

/// <summary>The length of a queue.</summary>
/// <param name="Waiting">Messages that wait, delayed ones included.</param>
/// <param name="Leased">Messages in the hands of receivers.</param>
/// <param name="Dead">Messages that were delivered too often.</param>
public readonly record struct WorkQueueDepth(long Waiting, long Leased, long Dead);
