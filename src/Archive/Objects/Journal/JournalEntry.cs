namespace MedicalAi.Archive;

/// <summary>What is appended to the journal.</summary>
/// <param name="Kind">What the payload is.</param>
/// <param name="Key">The key of the object.</param>
/// <param name="Payload">Its content, or the name of its staged file.</param>
/// <param name="ObjectLength">The length of the object in bytes.</param>
/// <param name="File">The staged file, which the journal needs until the name in the store is durable; null for content.</param>
internal readonly record struct JournalEntry(JournalRecordKind Kind, ObjectKey Key, ReadOnlyMemory<byte> Payload, long ObjectLength, StagedFile? File)
{
    /// <summary>What it takes in the journal.</summary>
    public int Length => JournalRecord.LengthOf(Key, Payload.Length);
}
