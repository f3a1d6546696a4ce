namespace MedicalAi.DicomScp;

/// <summary>How instances are forwarded to a destination.</summary>
public sealed record SendingOptions
{
    /// <summary>The most associations with it at once.</summary>
    public int Associations { get; init; } = 1;

    /// <summary>How long an association without work is kept.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The most instances in a second, on average; null for no limit.</summary>
    public double? InstancesPerSecond { get; init; }

    /// <summary>The most megabytes (10^6 bytes) in a second, on average; null for no limit.</summary>
    public double? MegabytesPerSecond { get; init; }

    /// <summary>The most C-STORE operations at once on an association, where the destination agrees to that (PS3.7 D.3.3.3); for 1 it is not asked.</summary>
    public int OperationsWindow { get; init; } = 1;

    /// <summary>When it is sent to; null for always.</summary>
    public TimeWindow? Window { get; init; }

    /// <summary>The wait after the first failure; it doubles with each, and a part of it is random.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest wait after a failure.</summary>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often an instance is tried that the destination does not take for passing reasons.</summary>
    public int MaximumAttempts { get; init; } = 20;

    /// <summary>How long instances wait for a destination that cannot be reached.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Whether an instance is sent only when the destination has committed itself to its storage (PS3.4 annex J).</summary>
    public bool Commitment { get; init; }

    /// <summary>How long a destination that was asked has to tell whether it commits itself.</summary>
    public TimeSpan CommitmentTime { get; init; } = TimeSpan.FromDays(1);
}
