namespace MedicalAi.DicomScp;

/// <summary>Keeps all senders of a destination together under its limits, on average. Safe for use by several threads.</summary>
internal sealed class SendThrottle
{
    private readonly Lock _lock = new();
    private DateTimeOffset _free;

    /// <summary>Takes the turn of an instance.</summary>
    /// <param name="bytes">Its size.</param>
    /// <param name="options">The limits.</param>
    /// <param name="now">The time.</param>
    /// <returns>How long to wait for it.</returns>
    public TimeSpan Take(long bytes, SendingOptions options, DateTimeOffset now)
    {
        double seconds = Math.Max(options.InstancesPerSecond is { } instances ? 1 / instances : 0, options.MegabytesPerSecond is { } megabytes ? bytes / (megabytes * 1e6) : 0);
        if (seconds == 0)
        {
            return TimeSpan.Zero;
        }

        lock (_lock)
        {
            DateTimeOffset begin = _free > now ? _free : now;
            _free = begin + TimeSpan.FromSeconds(seconds);
            return begin - now;
        }
    }
}
