namespace MedicalAi.DicomScp;

/// <summary>What the senders of one destination share: whether it is waited for, and its throttle.</summary>
internal sealed class DestinationState
{
    private readonly Lock _lock = new();
    private int _failures;
    private string _problem = "";
    private DateTimeOffset _retryAt;

    public SendThrottle Throttle { get; } = new();

    /// <summary>Why it is waited for; null when it is not.</summary>
    public (string Problem, DateTimeOffset RetryAt)? FindProblem()
    {
        lock (_lock)
        {
            return _failures == 0 ? null : (_problem, _retryAt);
        }
    }

    /// <summary>How long a sender has to wait; only the first one finds out whether the destination is back.</summary>
    public TimeSpan? WaitOf(int sender, DateTimeOffset now)
    {
        lock (_lock)
        {
            return _failures == 0 ? null
                : _retryAt > now ? _retryAt - now
                : sender == 0 ? null
                : TimeSpan.FromMilliseconds(200);
        }
    }

    /// <summary>It answered.</summary>
    /// <returns>Whether it was waited for.</returns>
    public bool Succeeded()
    {
        lock (_lock)
        {
            bool wasAway = _failures > 0;
            _failures = 0;
            return wasAway;
        }
    }

    /// <summary>It could not be reached, or takes nothing.</summary>
    /// <returns>How often in a row.</returns>
    public int Failed(string problem, SendingOptions options, DateTimeOffset now)
    {
        lock (_lock)
        {
            _retryAt = now + BackOff.After(_failures, options);
            _problem = problem;
            return ++_failures;
        }
    }
}
