namespace MedicalAi.DicomScp;

/// <summary>How destinations are asked for storage commitment of what was forwarded to them.</summary>
public sealed record ForwardCommitmentOptions
{
    /// <summary>How long instances are collected that are asked for in one transaction.</summary>
    public TimeSpan Collecting { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long it takes at most until what is due is seen to be so.</summary>
    public TimeSpan Polling { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The most instances of one transaction.</summary>
    public int MaximumInstances { get; init; } = 4000;

    /// <summary>How long the association is kept open on which a destination was asked, as it may tell us there.</summary>
    public TimeSpan OnAssociation { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a destination that tells nothing is asked.</summary>
    public int MaximumUnanswered { get; init; } = 2;
}
