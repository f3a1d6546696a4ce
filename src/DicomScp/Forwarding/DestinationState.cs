namespace MedicalAi.DicomScp;

/// <summary>What the senders of one destination share: whether it is waited for, and its throttle.</summary>
internal sealed class DestinationState
{
    /// <summary>Why nothing is sent to it.</summary>
    public PeerProblem Sending { get; } = new();

    /// <summary>Why it is not asked for storage commitment.</summary>
    public PeerProblem Commitment { get; } = new();

    public SendThrottle Throttle { get; } = new();

    /// <summary>How long a sender has to wait; only the first one finds out whether the destination is back.</summary>
    public TimeSpan? WaitOf(int sender, DateTimeOffset now) =>
        Sending.Find() is not { } problem ? null
        : problem.RetryAt > now ? problem.RetryAt - now
        : sender == 0 ? null
        : TimeSpan.FromMilliseconds(200);
}
