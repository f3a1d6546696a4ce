using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using MedicalAi.Bench.Measuring;

namespace MedicalAi.Bench;

/// <summary>The cases by name, and the processes of ours that they start (<c>work</c>).</summary>
internal static class Program
{
    private const string Usage = "bench/run [headers|json|plain|store|get|ingest|s3|idle|all] [--rounds N] [--data FOLDER], or bench/run micro";

    private static readonly string[] s_all = ["headers", "json", "plain", "store", "get", "ingest", "s3", "idle"];

    public static async Task<int> Main(string[] arguments)
    {
        CancellationToken none = CancellationToken.None;
        switch (arguments)
        {
            case ["work", "headers", var folder, var way]:
                await Headers.HeaderWorker.RunAsync(folder, Enum.Parse<Headers.HeaderWay>(way));
                return 0;
            case ["work", "json", var folder]:
                await Json.JsonWorker.RunAsync(folder);
                return 0;
            case ["work", "sink", var transport]:
                await Serving.OurServer.DropAsync(isPlain: transport == "plain", none);
                return 0;
            case ["work", "archive", var folder]:
                await Serving.OurServer.ArchiveAsync(folder, none);
                return 0;
            case ["micro", .. var rest]:
                // Within this process: the project that BenchmarkDotNet would make for one of its own does not fit the rules of this repository.
                IConfig config = ManualConfig.Create(DefaultConfig.Instance)
                    .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
                    .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "medicalai-bench-micro"));
                BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(rest, config);
                return 0;
            default:
                return await RunAsync(arguments, none);
        }
    }

    private static async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        int rounds = 5;
        string data = Path.Combine(Path.GetTempPath(), "medicalai-bench");
        List<string> names = [];
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--rounds" when i + 1 < arguments.Length && int.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out rounds) && rounds > 0:
                    i++;
                    break;
                case "--data" when i + 1 < arguments.Length:
                    data = arguments[++i];
                    break;
                case "headers" or "json" or "store" or "plain" or "get" or "ingest" or "s3" or "idle":
                    names.Add(arguments[i]);
                    break;
                case "all":
                    names.AddRange(s_all);
                    break;
                default:
                    await Console.Error.WriteLineAsync(Usage);
                    return 2;
            }
        }

        if (names.Count == 0)
        {
            names.AddRange(s_all);
        }

        Report report = new(rounds);
        report.Begin();
        foreach (string name in names.Distinct())
        {
            Task running = name switch
            {
                "headers" => Headers.HeaderCase.RunAsync(report, data, cancellationToken),
                "json" => Json.JsonCase.RunAsync(report, data, cancellationToken),
                "plain" => Store.PlainStoreCase.RunAsync(report, data, cancellationToken),
                "store" => Store.StoreCase.RunAsync(report, data, cancellationToken),
                "ingest" => Ingest.IngestCase.RunAsync(report, data, cancellationToken),
                "get" => Get.GetCase.RunAsync(report, data, cancellationToken),
                "s3" => S3.S3Case.RunAsync(report, data, cancellationToken),
                _ => Idle.IdleCase.RunAsync(report, data, cancellationToken),
            };
            await running;
        }

        return report.End();
    }
}
