namespace MedicalAi.Archive;

/// <summary>What came of claiming a task.</summary>
/// <param name="Claim">The claim; null when it was not given.</param>
/// <param name="RetryAt">When to ask again, because another holds the task or it is not due; null when the message is moot and can be acknowledged.</param>
public readonly record struct TaskClaimResult(TaskClaim? Claim, DateTimeOffset? RetryAt);
