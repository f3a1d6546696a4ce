using System.Diagnostics;
using System.Globalization;

namespace MedicalAi.Bench.Measuring;

/// <summary>One pass over all files of a folder by a process of ours, as one line of text.</summary>
/// <param name="Seconds">Of wall clock.</param>
/// <param name="CpuSeconds">Of all threads of the process, user and system: those of the collector and of the compiler too.</param>
/// <param name="Items">The files.</param>
/// <param name="Checksum">What was found in them, to be compared with what others find.</param>
internal readonly record struct Pass(double Seconds, double CpuSeconds, long Items, long Checksum)
{
    // The runtime compiles hot code anew while it runs: of so many passes the last ones are those of a process that has run for a while.
    private const int Passes = 8;
    private const int Last = 3;

    /// <summary>The figures as a sample: per item.</summary>
    public Sample Sample => new(Items / Seconds, CpuSeconds * 1000 / Items);

    /// <summary>Does the passes in this process and prints a line for each.</summary>
    /// <param name="items">How many files a pass goes over.</param>
    /// <param name="pass">Does a pass and gives the checksum.</param>
    public static async Task RunAsync(int items, Func<Task<long>> pass)
    {
        for (int i = 0; i < Passes; i++)
        {
            TimeSpan cpu = Environment.CpuUsage.TotalTime;
            long begin = Stopwatch.GetTimestamp();
            long checksum = await pass();
            double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds:R} {(Environment.CpuUsage.TotalTime - cpu).TotalSeconds:R} {items} {checksum}"));
        }
    }

    /// <summary>Starts a process of ours and gives the median of its last passes, or its first pass, which has the compilation of the code in it.</summary>
    public static async Task<Pass> OfOursAsync(bool isFirst, CancellationToken cancellationToken, params string[] work)
    {
        ProcessStartInfo start = Tool.Ours(work);
        Pass[] passes = [.. (await Tool.ReadAsync(start.FileName, start.ArgumentList, cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
        return isFirst ? passes[0] : passes[^Last..].OrderBy(pass => pass.Seconds).ElementAt(Last / 2);
    }

    /// <summary>Reads the line.</summary>
    public static Pass Parse(string line)
    {
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new Pass(
            double.Parse(fields[0], CultureInfo.InvariantCulture),
            double.Parse(fields[1], CultureInfo.InvariantCulture),
            long.Parse(fields[2], CultureInfo.InvariantCulture),
            long.Parse(fields[3], CultureInfo.InvariantCulture));
    }
}
