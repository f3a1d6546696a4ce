using System.Globalization;

namespace MedicalAi.Bench.Measuring;

/// <summary>What Linux tells of a process under /proc.</summary>
internal static class ProcessFigures
{
    // sysconf(_SC_CLK_TCK) is 100 on every architecture that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>CPU seconds of a process, user and system, with all its threads, and with its children that it has waited for.</summary>
    public static double Cpu(int process)
    {
        string[] fields = Fields(process);
        return Enumerable.Range(11, 4).Sum(i => long.Parse(fields[i], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>CPU seconds of the children of a process that are not waited for yet, whether they run or have ended.</summary>
    public static double ChildrenCpu(int parent) => Children(parent).Sum(child => SchedulerSeconds(child.Id));

    /// <summary>Whether all children of a process have ended.</summary>
    public static bool HaveChildrenEnded(int parent) => Children(parent).All(child => child.State == "Z");

    /// <summary>Memory of a process in MB that is in RAM now.</summary>
    public static double Resident(int process) => Status(process, "VmRSS:");

    /// <summary>The most memory in MB that was in RAM since <see cref="ResetPeak"/>.</summary>
    public static double Peak(int process) => Status(process, "VmHWM:");

    /// <summary>Memory in MB that belongs to the children of a process alone, and their share of what they have in common with others.</summary>
    public static double ChildrenProportional(int parent) => Children(parent).Sum(child =>
        Number(File.ReadLines($"/proc/{child.Id}/smaps_rollup").Single(line => line.StartsWith("Pss:", StringComparison.Ordinal))) / 1024);

    /// <summary>Begins to look for the most memory anew.</summary>
    public static void ResetPeak(int process) => File.WriteAllText($"/proc/{process}/clear_refs", "5");

    private static double Status(int process, string key) => Number(File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith(key, StringComparison.Ordinal))) / 1024;

    private static double Number(string line) => double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    private static double SchedulerSeconds(int process) => double.Parse(File.ReadAllText($"/proc/{process}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture) / 1e9;

    // The fields behind the name, which may hold anything: state, parent, ...
    private static string[] Fields(int process)
    {
        string stat = File.ReadAllText($"/proc/{process}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    }

    private static List<(int Id, string State)> Children(int parent)
    {
        List<(int, string)> children = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id))
            {
                try
                {
                    string[] fields = Fields(id);
                    if (fields[1] == parent.ToString(CultureInfo.InvariantCulture))
                    {
                        children.Add((id, fields[0]));
                    }
                }
                catch (IOException)
                {
                    // It has ended meanwhile.
                }
            }
        }

        return children;
    }
}
