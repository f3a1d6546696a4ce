namespace MedicalAi.Archive;

/// <summary>What the index made of one record of a batch.</summary>
/// <param name="Outcome">Stored, AlreadyStored or Quarantined.</param>
/// <param name="Warnings">Differences to the study's first instance, in words without patient data.</param>
public readonly record struct CommitOutcome(IngestOutcome Outcome, IReadOnlyList<string> Warnings);
