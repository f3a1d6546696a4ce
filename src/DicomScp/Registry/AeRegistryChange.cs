namespace MedicalAi.DicomScp;

/// <summary>What came of a change of the registry.</summary>
public enum AeRegistryOutcome
{
    /// <summary>It was made and holds.</summary>
    Done,

    /// <summary>The entry that was to be changed is not there.</summary>
    NotFound,

    /// <summary>The entry, or the file with it, would not be valid.</summary>
    Invalid,

    /// <summary>The file as it stands is broken; it must be put right first.</summary>
    FileIsBroken,

    /// <summary>The file cannot be written.</summary>
    NotWritable,
}

/// <summary>What came of a change of the registry.</summary>
/// <param name="Outcome">What.</param>
/// <param name="IsNew">Whether an entry was added that was not there.</param>
/// <param name="Problem">Why not, in words; empty when it was made.</param>
public readonly record struct AeRegistryChange(AeRegistryOutcome Outcome, bool IsNew = false, string Problem = "");
