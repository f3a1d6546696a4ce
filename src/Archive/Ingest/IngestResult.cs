namespace MedicalAi.Archive;

/// <summary>The answer of the archive to one offered instance.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="Identity">Its identifiers, as far as the data set could be read to them.</param>
/// <param name="Message">Why it was not stored, in words without patient data; null on success.</param>
/// <param name="Warnings">What was odd but did not hinder storing, in words without patient data.</param>
public sealed record IngestResult(IngestOutcome Outcome, InstanceIdentity? Identity, string? Message, IReadOnlyList<string> Warnings)
{
    /// <summary>Whether the instance is in the archive with exactly the content that was offered.</summary>
    public bool IsSuccess => Outcome is IngestOutcome.Stored or IngestOutcome.AlreadyStored;
}
