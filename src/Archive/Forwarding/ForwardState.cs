namespace MedicalAi.Archive;

/// <summary>Where an item of a forward queue stands.</summary>
public enum ForwardState
{
    /// <summary>It waits, for its turn or for its next attempt.</summary>
    Queued,

    /// <summary>A sender holds it.</summary>
    Sending,

    /// <summary>The destination took it, and its word is waited for that it commits itself to its storage.</summary>
    Committing,

    /// <summary>The destination has it and, where that is wanted, committed itself to its storage.</summary>
    Sent,

    /// <summary>It is not tried again unless somebody says so.</summary>
    Dead,
}
