using System.Diagnostics;
using System.Globalization;

namespace MedicalAi.Archive;

/// <summary>
/// Names that tell which process made something, so that what a dead process left behind can be told from what another living one
/// (an import beside the server) still needs.
/// </summary>
internal static class OwnerMark
{
    /// <summary>How the leases of this process are signed: machine and process.</summary>
    public static string Lease { get; } = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}");

    /// <summary>A file name of this process.</summary>
    public static string Name(string rest) => string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{rest}");

    /// <summary>Whether the maker of the file name is another process that lives.</summary>
    public static bool IsOfAnotherLivingProcess(string name)
    {
        int hyphen = name.IndexOf('-', StringComparison.Ordinal);
        return hyphen > 0 && IsAnotherLivingProcess(name.AsSpan(0, hyphen));
    }

    /// <summary>Whether a lease was signed on this machine by a process that lives no more; one of this number before this process counts.</summary>
    public static bool IsLeaseOfDeadProcess(string lease)
    {
        int slash = lease.LastIndexOf('/');
        return slash > 0 && lease.AsSpan(0, slash).SequenceEqual(Environment.MachineName) && !IsAnotherLivingProcess(lease.AsSpan(slash + 1));
    }

    private static bool IsAnotherLivingProcess(ReadOnlySpan<char> number)
    {
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int id) || id == Environment.ProcessId)
        {
            return false;
        }

        try
        {
            using Process process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
