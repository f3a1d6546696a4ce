namespace MedicalAi.DicomScp;

/// <summary>What keeps us from something with a destination, and when it is tried again. Safe for use by several threads.</summary>
internal sealed class PeerProblem
{
    private readonly Lock _lock = new();
    private int _failures;
    private string _problem = "";
    private DateTimeOffset _retryAt;

    /// <summary>What it is; null when there is none.</summary>
    public (string Problem, DateTimeOffset RetryAt)? Find()
    {
        lock (_lock)
        {
            return _failures == 0 ? null : (_problem, _retryAt);
        }
    }

    /// <summary>It went well.</summary>
    /// <returns>Whether there was a problem.</returns>
    public bool Succeeded()
    {
        lock (_lock)
        {
            bool wasThere = _failures > 0;
            _failures = 0;
            return wasThere;
        }
    }

    /// <summary>It did not.</summary>
    /// <returns>Whether this was not known: the first failure in a row, or another problem than before.</returns>
    public bool Failed(string problem, SendingOptions options, DateTimeOffset now)
    {
        lock (_lock)
        {
            bool isNew = _failures == 0 || _problem != problem;
            _retryAt = now + BackOff.After(_failures, options);
            _problem = problem;
            _failures++;
            return isNew;
        }
    }
}
