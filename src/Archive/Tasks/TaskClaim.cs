namespace MedicalAi.Archive;

/// <summary>The right to work on a task until the lease ends. Writes of a holder whose number is not the newest are refused.</summary>
/// <param name="Task">The task as claimed.</param>
/// <param name="Kind">The phase that was claimed.</param>
/// <param name="Fence">The fencing number; grows with every claim.</param>
/// <param name="LeaseUntil">When the lease ends unless it is renewed.</param>
public sealed record TaskClaim(InferenceTask Task, WorkKind Kind, long Fence, DateTimeOffset LeaseUntil);
