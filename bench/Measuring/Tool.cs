using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MedicalAi.Bench.Measuring;

/// <summary>Runs programs to their end, one at a time, and tells what they took.</summary>
internal static class Tool
{
    private const int Children = -1;

    /// <summary>Runs a program whose output nobody reads; it goes to /dev/null.</summary>
    public static async Task<ToolUse> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new("/bin/sh", ["-c", "exec \"$0\" \"$@\" >/dev/null 2>&1", program, .. arguments]);
        double cpu = ChildrenCpu();
        long begin = Stopwatch.GetTimestamp();
        using Process process = Start(start);
        await process.WaitForExitAsync(cancellationToken);
        TimeSpan wall = Stopwatch.GetElapsedTime(begin);
        return process.ExitCode != 0 ? throw new InvalidOperationException($"{program} ended with {process.ExitCode}.") : new ToolUse(wall.TotalSeconds, ChildrenCpu() - cpu);
    }

    /// <summary>Runs a program and gives what it says.</summary>
    public static async Task<string> ReadAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using Process process = Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true });
        string output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode != 0 ? throw new InvalidOperationException($"{program} ended with {process.ExitCode}.") : output;
    }

    /// <summary>A process of ours.</summary>
    public static ProcessStartInfo Ours(params string[] work) => new(Environment.ProcessPath!, [typeof(Tool).Assembly.Location, "work", .. work]);

    public static Process Start(ProcessStartInfo start) => Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");

    /// <summary>The CPU time in seconds of all processes that this one started and that have ended.</summary>
    private static double ChildrenCpu()
    {
        Span<long> usage = stackalloc long[18];
        Marshal.ThrowExceptionForHR(GetResourceUsage(Children, ref MemoryMarshal.GetReference(usage)));
        return usage[0] + usage[2] + ((usage[1] + usage[3]) / 1e6);
    }

    [DllImport("libc", EntryPoint = "getrusage")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetResourceUsage(int who, ref long usage);
}

/// <summary>What a program took.</summary>
/// <param name="Seconds">Of wall clock.</param>
/// <param name="CpuSeconds">Of CPU, user and system.</param>
internal readonly record struct ToolUse(double Seconds, double CpuSeconds);
