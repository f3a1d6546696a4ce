using System.Diagnostics;
using System.Globalization;

namespace MedicalAi.Archive;

/// <summary>
/// File names that begin with the number of the process that made them, so that what a dead process left behind can be told from
/// what another living one (an import beside the server) still needs.
/// </summary>
internal static class OwnerMark
{
    /// <summary>A name of this process.</summary>
    public static string Name(string rest) => string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{rest}");

    /// <summary>Whether the maker of the name is another process that lives.</summary>
    public static bool IsOfAnotherLivingProcess(string name)
    {
        int hyphen = name.IndexOf('-', StringComparison.Ordinal);
        if (hyphen < 1 || !int.TryParse(name.AsSpan(0, hyphen), NumberStyles.None, CultureInfo.InvariantCulture, out int id) || id == Environment.ProcessId)
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
