namespace MedicalAi.Archive;

/// <summary>A message of the work queue. It may be lost or come twice; the task's row decides.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="TaskId">With which task.</param>
/// <param name="Priority">Higher goes first.</param>
/// <param name="NotBefore">Not to be delivered before this time.</param>
public sealed record WorkMessage(WorkKind Kind, Guid TaskId, TaskPriority Priority, DateTimeOffset? NotBefore = null);
