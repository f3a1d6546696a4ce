using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using MedicalAi.Testing;

namespace MedicalAi.Fuzz;

/// <summary>
/// <c>--long COUNT [--target NAME] [--seed FIRST] [--threads N]</c>: checks many inputs, of all targets in turn or of one. An input is made from its number alone, so that a
/// finding can be made again with <c>--long 1 --target NAME --seed NUMBER</c>; and it is written to <c>tests/Fuzz/seeds</c>, which the tests replay.
/// </summary>
internal static class LongRun
{
    /// <summary>What one input may take; on a machine with other work one that takes longer is tried again before it counts.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(1);

    // An input that takes as long is not waited for.
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(60);

    private const long MemoryLimit = 2L * 1024 * 1024 * 1024;

    // The same mistake is found by many inputs.
    private const int MostSeeds = 20;

    /// <summary>The folder of the inputs that found something.</summary>
    public static string SeedFolder { get; } = Path.Combine(TestData.Root, "tests", "Fuzz", "seeds");

    /// <summary>Runs.</summary>
    /// <returns>0 when nothing was found, 1 when something was, 2 for wrong arguments.</returns>
    public static async Task<int> RunAsync(string[] arguments, string seeds, TextWriter output, IReadOnlyList<FuzzTarget>? targets = null)
    {
        targets ??= FuzzTargets.All;
        if (arguments.Length % 2 == 0 || !long.TryParse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out long count))
        {
            return await WrongAsync(output);
        }

        long first = 0;
        int threads = 1;
        for (int i = 1; i < arguments.Length; i += 2)
        {
            bool isNumber = long.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out long number);
            switch (arguments[i])
            {
                case "--target" when targets.FirstOrDefault(target => target.Name == arguments[i + 1]) is { } one:
                    targets = [one];
                    break;
                case "--seed" when isNumber:
                    first = number;
                    break;
                case "--threads" when isNumber && number is > 0 and <= 64:
                    threads = (int)number;
                    break;
                default:
                    return await WrongAsync(output);
            }
        }

        State state = new(targets, seeds, output, first, count);
        Task[] workers = [.. Enumerable.Range(0, threads).Select(_ => Task.Factory.StartNew(state.Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Task all = Task.WhenAll(workers);
        while (await Task.WhenAny(all, Task.Delay(TimeSpan.FromSeconds(1))) != all)
        {
            state.Watch();
        }

        await all;
        state.Finish();
        return state.Findings == 0 ? 0 : 1;
    }

    private static async Task<int> WrongAsync(TextWriter output)
    {
        await output.WriteLineAsync("use: --long COUNT [--target NAME] [--seed FIRST] [--threads N]");
        return 2;
    }

    private sealed class State(IReadOnlyList<FuzzTarget> targets, string seeds, TextWriter output, long first, long count)
    {
        private readonly Lock _lock = new();
        private readonly HashSet<string> _known = [];
        private readonly Dictionary<int, (FuzzTarget Target, long Number, byte[] Input, long Since)> _running = [];
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private readonly Dictionary<string, long> _done = [];
        private long _next;
        private long _told;
        private (TimeSpan Taken, string Input) _slowest;

        public int Findings { get; private set; }

        public void Work()
        {
            for (long i; (i = Interlocked.Increment(ref _next) - 1) < count;)
            {
                long number = first + i;
                FuzzTarget target = targets[(int)(number % targets.Count)];
                byte[] input = target.Make(new Random(unchecked((int)(number ^ (number >> 32)))));
                int thread = Environment.CurrentManagedThreadId;
                lock (_lock)
                {
                    _running[thread] = (target, number, input, Environment.TickCount64);
                }

                Check(target, number, input);
                lock (_lock)
                {
                    _running.Remove(thread);
                    _done[target.Name] = _done.GetValueOrDefault(target.Name) + 1;
                }
            }
        }

        /// <summary>Tells how far it is, and ends the process when an input does not come to an end.</summary>
        public void Watch()
        {
            lock (_lock)
            {
                foreach ((FuzzTarget target, long number, byte[] input, long since) in _running.Values)
                {
                    if (Environment.TickCount64 - since > s_hang.TotalMilliseconds)
                    {
                        Found(target, number, input, "did not come to an end");
                        output.Flush();
                        Environment.Exit(1);
                    }
                }

                if (_clock.ElapsedMilliseconds - _told > 30_000)
                {
                    _told = _clock.ElapsedMilliseconds;
                    output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_done.Values.Sum()} of {count} inputs, {Findings} findings, {_clock.Elapsed:hh\\:mm\\:ss}"));
                }
            }
        }

        public void Finish()
        {
            foreach ((string name, long done) in _done.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {done}"));
            }

            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{_done.Values.Sum()} inputs, {Findings} findings, {_clock.Elapsed:hh\\:mm\\:ss}, slowest {_slowest.Taken.TotalMilliseconds:0} ms ({_slowest.Input}), {GC.GetTotalMemory(forceFullCollection: true) / 1024 / 1024} MB kept"));
        }

        private void Check(FuzzTarget target, long number, byte[] input)
        {
            try
            {
                TimeSpan taken = Time(target, input);

                // A busy machine takes its time from everybody: what is slow by itself is slow each time.
                for (int i = 0; i < 4 && taken > TimeLimit; i++)
                {
                    taken = TimeSpan.FromTicks(Math.Min(taken.Ticks, Time(target, input).Ticks));
                }

                lock (_lock)
                {
                    _slowest = taken > _slowest.Taken ? (taken, string.Create(CultureInfo.InvariantCulture, $"{target.Name} {number}")) : _slowest;
                }

                if (taken > TimeLimit)
                {
                    Found(target, number, input, string.Create(CultureInfo.InvariantCulture, $"took {taken.TotalSeconds:0.0} s"));
                }
                else if (number % 1024 == 0 && GC.GetTotalMemory(forceFullCollection: false) > MemoryLimit && GC.GetTotalMemory(forceFullCollection: true) > MemoryLimit)
                {
                    Found(target, number, input, "the process keeps more memory than the limit");
                }
            }
#pragma warning disable CA1031 // Whatever is thrown is what was looked for.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Found(target, number, input, $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")} {e.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("MedicalAi", StringComparison.Ordinal))?.Trim()}");
            }
        }

        private static TimeSpan Time(FuzzTarget target, byte[] input)
        {
            long begin = Stopwatch.GetTimestamp();
            target.Check(input);
            return Stopwatch.GetElapsedTime(begin);
        }

        private void Found(FuzzTarget target, long number, byte[] input, string what)
        {
            lock (_lock)
            {
                Findings++;
                string kind = new([.. $"{target.Name} {what}".Where(c => !char.IsDigit(c)).Take(120)]);
                if (_known.Count < MostSeeds && _known.Add(kind))
                {
                    string folder = Path.Combine(seeds, target.Name);
                    Directory.CreateDirectory(folder);
                    string file = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(input))[..16] + ".bin");
                    File.WriteAllBytes(file, input);
                    output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name} input {number}: {what} ({file})"));
                }
            }
        }
    }
}
