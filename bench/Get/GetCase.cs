using System.Diagnostics;
using System.Globalization;
using MedicalAi.Bench.Data;
using MedicalAi.Bench.Measuring;
using MedicalAi.Bench.Serving;
using MedicalAi.Bench.Store;

namespace MedicalAi.Bench.Get;

/// <summary>A study sent by C-GET out of an archive, beside dcmtk's archive and beside what we receive.</summary>
internal static class GetCase
{
    private const string QueryScp = "dcmqrscp";
    private const string Receive = "ours, receiving";

    public static async Task RunAsync(Report report, string data, CancellationToken cancellationToken)
    {
        Report.Title(
            "C-GET",
            "getscu (`--ignore`, PDUs of 128 KB, `TCP_NODELAY=1`) fetches one study over loopback in one association; its start is in the rates. CPU is that of the server. Files are in the page cache on both sides.");
        string[] sets = [BenchData.StudyOfA(data), BenchData.StudyOfB(data)];
        await using OurProcess ours = await OurProcess.ArchiveAsync(await FillArchiveAsync(data, sets, cancellationToken), cancellationToken);
        await using DcmtkServer theirs = await DcmtkServer.QueryScpAsync(await FillIndexAsync(data, sets, cancellationToken), cancellationToken);
        await using OurProcess sink = await OurProcess.StartAsync(null, cancellationToken);
        foreach ((string name, string set) in new[] { ("A (525 KB)", sets[0]), ("B (9.4 KB)", sets[1]) })
        {
            int count = BenchData.Files(set).Length;
            Senders senders = new(set, count, Associations: 1, Repeats: 1, NoDelay: true);
            await senders.SendAsync(sink, null, cancellationToken);
            await FetchAsync(ours, set, count, cancellationToken);
            await report.CompareAsync(
                $"{name}, a study of {count.ToString("N0", CultureInfo.InvariantCulture)}",
                [
                    new Side(QueryScp, "`dcmqrscp`, `TCP_NODELAY=1`: reads each file into memory and sends it", token => FetchAsync(theirs, set, count, token)),
                    new Side(Receive, "the same files received from storescu and dropped, as in the case of C-STORE", token => senders.SendAsync(sink, null, token)),
                    new Side("ours", "the gateway's C-GET over its archive (files, SQLite)", token => FetchAsync(ours, set, count, token)),
                ],
                [new Target(Receive, Ratio.Rate, 1), new Target(QueryScp, Ratio.Rate, 1)],
                cancellationToken);
        }
    }

    private static async Task<Sample> FetchAsync(IServerProcess server, string set, int count, CancellationToken cancellationToken)
    {
        double cpu = await server.CpuAsync(cancellationToken);
        ProcessStartInfo start = new("getscu",
        [
            "-v", "-S", "--ignore", "-pdu", "131072", "-aec", DcmtkServer.Title, "-k", "QueryRetrieveLevel=STUDY", "-k", $"StudyInstanceUID={BenchData.Study(set)}",
            "127.0.0.1", server.Port.ToString(CultureInfo.InvariantCulture),
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        DcmtkServer.SetNoDelay(start, noDelay: true);
        long begin = Stopwatch.GetTimestamp();
        using Process process = Tool.Start(start);
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
        string told = await process.StandardOutput.ReadToEndAsync(cancellationToken) + await errors;
        await process.WaitForExitAsync(cancellationToken);
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        int came = told.Split("Received C-STORE Request").Length - 1;
        return process.ExitCode == 0 && came == count
            ? new Sample(count / seconds, (await server.CpuAsync(cancellationToken) - cpu) * 1000 / count)
            : throw new InvalidDataException($"getscu ended with {process.ExitCode} and {came} of {count} instances.");
    }

    /// <summary>Our archive with the studies in it; it is filled once.</summary>
    private static async Task<string> FillArchiveAsync(string data, string[] sets, CancellationToken cancellationToken)
    {
        string folder = Path.Combine(data, "our-archive");
        if (Directory.Exists(folder))
        {
            return folder;
        }

        Report.Progress("Filling our archive");
        string part = Fresh(folder + ".part");
        await using (OurProcess filled = await OurProcess.ArchiveAsync(part, cancellationToken))
        {
            foreach (string set in sets)
            {
                await Tool.RunAsync("storescu", ["-q", "+sd", "-R", "127.0.0.1", filled.Port.ToString(CultureInfo.InvariantCulture), set], cancellationToken);
            }
        }

        Directory.Move(part, folder);
        return folder;
    }

    /// <summary>The configuration of dcmqrscp over an index of the studies; it is filled once.</summary>
    private static async Task<string> FillIndexAsync(string data, string[] sets, CancellationToken cancellationToken)
    {
        string folder = Path.Combine(data, "dcmqrscp");
        string configuration = Path.Combine(folder, "dcmqrscp.cfg");
        if (!Directory.Exists(folder))
        {
            Report.Progress("Filling the archive of dcmqrscp");
            string part = Fresh(folder + ".part");
            foreach (string set in sets)
            {
                await Tool.RunAsync("dcmqridx", [part, .. BenchData.Files(set)], cancellationToken);
            }

            Directory.Move(part, folder);
        }

        await File.WriteAllTextAsync(
            configuration,
            $"""
            NetworkTCPPort = 11113
            MaxPDUSize = 131072
            MaxAssociations = 16
            HostTable BEGIN
            HostTable END
            VendorTable BEGIN
            VendorTable END
            AETable BEGIN
            {DcmtkServer.Title} {folder} RW (10, 1024gb) ANY
            AETable END

            """,
            cancellationToken);
        return configuration;
    }

    private static string Fresh(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        return Directory.CreateDirectory(folder).FullName;
    }
}
