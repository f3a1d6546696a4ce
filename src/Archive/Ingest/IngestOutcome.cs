namespace MedicalAi.Archive;

/// <summary>What came of an instance that was offered to the archive.</summary>
public enum IngestOutcome
{
    /// <summary>Durable in the object store and committed in the index.</summary>
    Stored,

    /// <summary>The same instance with the same content was there already; nothing changed. A success.</summary>
    AlreadyStored,

    /// <summary>The SOP Instance UID is taken by other content: the first stays, this one is kept aside (DIMSE 0x0111).</summary>
    Quarantined,

    /// <summary>The bytes are no data set, end early, or lack a valid SOP Class or SOP Instance UID; nothing is kept (DIMSE 0xC000).</summary>
    CannotUnderstand,

    /// <summary>The data set's UIDs are not those that were announced; nothing is kept (DIMSE 0xA900).</summary>
    Mismatch,

    /// <summary>The disk is full or failed; nothing was acknowledged (DIMSE 0xA700, HTTP 503).</summary>
    OutOfResources,

    /// <summary>The index or the store is away; nothing was acknowledged (DIMSE 0xA700, HTTP 503).</summary>
    Unavailable,
}
