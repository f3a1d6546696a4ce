namespace MedicalAi.Archive;

/// <summary>A message that was committed with the change that caused it and is still to be published.</summary>
/// <param name="Id">The outbox row.</param>
/// <param name="Message">What to publish.</param>
public sealed record OutboxMessage(long Id, WorkMessage Message);
