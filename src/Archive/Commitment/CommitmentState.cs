namespace MedicalAi.Archive;

/// <summary>Where a storage commitment transaction stands that somebody asked us for.</summary>
public enum CommitmentState
{
    /// <summary>What it names is to be looked for.</summary>
    Checking,

    /// <summary>The requestor is to be told what was found.</summary>
    Reporting,

    /// <summary>The requestor was told.</summary>
    Reported,

    /// <summary>The requestor refused to be told.</summary>
    Rejected,

    /// <summary>The requestor could not be told in time.</summary>
    Expired,
}
