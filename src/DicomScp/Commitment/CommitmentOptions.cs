namespace MedicalAi.DicomScp;

/// <summary>How storage commitment that others ask for is carried out.</summary>
public sealed record CommitmentOptions
{
    /// <summary>How long instances that are missing are waited for, as they may still be coming in.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a requestor must have asked for nothing more before it is told on its own association: one that releases it at once, or that
    /// goes on to store, does not expect that.
    /// </summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The wait after the first report that failed; it doubles with each, and a part of it is random.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait after a report that failed.</summary>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long it is tried to tell a requestor.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The most transactions at once.</summary>
    public int MaximumTransactions { get; init; } = 32;
}
