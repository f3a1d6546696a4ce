using System.Globalization;

namespace MedicalAi.Bench.Measuring;

/// <summary>Measures those that are compared in turn, round by round, and prints the tables (Markdown).</summary>
/// <param name="rounds">How often each is measured.</param>
internal sealed class Report(int rounds)
{
    private readonly List<string> _verdicts = [];
    private int _missed;

    public int Rounds => rounds;

    /// <summary>Prints where this runs.</summary>
    public void Begin()
    {
        string load = File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} processors, {Environment.OSVersion.VersionString}, .NET {Environment.Version}, load at the beginning {load}. Medians of {rounds} rounds, in brackets the least and the most; ratios are taken within a round."));
    }

    public static void Title(string title, string what)
    {
        Console.WriteLine();
        Console.WriteLine($"## {title}");
        Console.WriteLine();
        Console.WriteLine(what);
        Console.WriteLine();
    }

    /// <summary>Measures all sides in turn, the order turned round from round to round, and prints their table. The last side is ours.</summary>
    /// <param name="title">What is done, with the unit of the rates.</param>
    /// <param name="sides">Those that are compared, ours last.</param>
    /// <param name="targets">What ours should reach.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task CompareAsync(string title, IReadOnlyList<Side> sides, IReadOnlyList<Target> targets, CancellationToken cancellationToken)
    {
        Sample[][] samples = [.. sides.Select(_ => new Sample[rounds])];
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < sides.Count; i++)
            {
                int side = round % 2 == 0 ? i : sides.Count - 1 - i;
                Progress($"{title}: round {round + 1} of {rounds}, {sides[side].Name}");
                samples[side][round] = await sides[side].MeasureAsync(cancellationToken);
            }
        }

        Progress("");
        Sample[] ours = samples[^1];
        Console.WriteLine($"| {title} | each second | CPU, ms each | our rate by its | its CPU by ours | it does |");
        Console.WriteLine("|---|---|---|---|---|---|");
        for (int side = 0; side < sides.Count; side++)
        {
            bool isPeer = side < sides.Count - 1;
            Console.WriteLine(
                $"| {sides[side].Name} | {Spread.Of(samples[side].Select(sample => sample.Rate))} | {Spread.Of(samples[side].Select(sample => sample.Cpu))} "
                + $"| {(isPeer ? Ratios(Ratio.Rate, samples[side], ours) : "")} | {(isPeer ? Ratios(Ratio.Cpu, samples[side], ours) : "")} | {sides[side].Does} |");
        }

        Console.WriteLine();
        foreach (Target target in targets)
        {
            int peer = Enumerable.Range(0, sides.Count).Single(side => sides[side].Name == target.Peer);
            Spread ratio = Ratios(target.Of, samples[peer], ours);
            Judge($"{title}, {(target.Of == Ratio.Rate ? "rate" : "CPU")} against {target.Peer}", $"{ratio} times", $"at least {target.AtLeast.ToString(CultureInfo.InvariantCulture)} times", ratio.Median >= target.AtLeast);
        }

        Console.WriteLine();
    }

    /// <summary>Says whether a target was reached.</summary>
    public void Judge(string what, string measured, string wanted, bool isMet)
    {
        string verdict = $"- {(isMet ? "met" : "**missed**")}: {what}: {measured}, wanted {wanted}";
        Console.WriteLine(verdict);
        _verdicts.Add(verdict);
        _missed += isMet ? 0 : 1;
    }

    /// <summary>Prints all verdicts again; 1 when a target was missed.</summary>
    public int End()
    {
        Console.WriteLine();
        Console.WriteLine("## All targets");
        Console.WriteLine();
        _verdicts.ForEach(Console.WriteLine);
        return _missed == 0 ? 0 : 1;
    }

    /// <summary>Says on a terminal what is going on.</summary>
    public static void Progress(string text)
    {
        if (!Console.IsErrorRedirected)
        {
            Console.Error.Write($"\r\e[K{text}");
        }
    }

    private static Spread Ratios(Ratio of, Sample[] peer, Sample[] ours) =>
        Spread.Of(peer.Zip(ours, (its, our) => of == Ratio.Rate ? our.Rate / its.Rate : its.Cpu / our.Cpu));
}
