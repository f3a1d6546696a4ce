namespace MedicalAi.DicomScp;

/// <summary>The wait after a failure.</summary>
internal static class BackOff
{
    /// <summary>Doubles from failure to failure; half of it is random, so that failures of one cause do not come back together.</summary>
    /// <param name="failures">How many there were before.</param>
    /// <param name="options">The first and the longest wait.</param>
    public static TimeSpan After(int failures, SendingOptions options)
    {
        double full = Math.Min(options.FirstRetry.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 60)), options.LongestRetry.TotalMilliseconds);
        return TimeSpan.FromMilliseconds((full / 2) + (full / 2 * Random.Shared.NextDouble()));
    }
}
