using System.Globalization;
using MedicalAi.Bench.Data;
using MedicalAi.Bench.Measuring;
using MedicalAi.Bench.Serving;
using MedicalAi.Bench.Store;

namespace MedicalAi.Bench.Ingest;

/// <summary>C-STORE into an archive: durable and in the index before the response, beside Orthanc and beside dcmtk's storescp that only writes files.</summary>
internal static class IngestCase
{
    private const string StoreScp = "storescp";
    private const string Orthanc = "Orthanc";
    private const double MemoryLimit = 400;

    public static async Task RunAsync(Report report, string data, CancellationToken cancellationToken)
    {
        Report.Title(
            "C-STORE into the archive",
            "storescu (one process an association, all at once, `TCP_NODELAY=1`, new UIDs for each instance) sends over loopback into archives that have run for a while; its start is in the rates of all alike. CPU is that of the server.");
        string folder = Directory.CreateTempSubdirectory("medicalai-bench-").FullName;
        try
        {
            await using ArchiveProcess orthanc = await ArchiveProcess.OrthancAsync(Path.Combine(folder, "orthanc"), cancellationToken);
            await using DcmtkServer storescp = await DcmtkServer.WritingStoreScpAsync(Directory.CreateDirectory(Path.Combine(folder, "storescp")).FullName, cancellationToken);
            await using ArchiveProcess gateway = await ArchiveProcess.GatewayAsync(Path.Combine(folder, "gateway"), cancellationToken);
            Report.Progress("Warming up");
            Senders many = new(BenchData.B(data), BenchData.Sent, Associations: 8, Repeats: 4, NoDelay: true, IsInventing: true);
            foreach (IServerProcess cold in new IServerProcess[] { orthanc, storescp, gateway })
            {
                await many.SendAsync(cold, null, cancellationToken);
            }

            foreach ((string name, string set, int repeats) in new[] { ("A (525 KB)", BenchData.A(data), 4), ("B (9.4 KB)", BenchData.B(data), 16) })
            {
                foreach (int associations in new[] { 1, 8 })
                {
                    Senders senders = new(set, BenchData.Sent, associations, Math.Max(1, repeats / (associations == 1 ? 4 : associations)), NoDelay: true, IsInventing: true);
                    await report.CompareAsync(
                        $"{name}, {associations.ToString(CultureInfo.InvariantCulture)} association{(associations == 1 ? "" : "s")}",
                        [
                            new Side(Orthanc, "Orthanc with its defaults: SQLite, files", token => senders.SendAsync(orthanc, null, token)),
                            new Side(StoreScp, "`storescp --fork`, `TCP_NODELAY=1`: writes files, does not sync, has no index", token => senders.SendAsync(storescp, null, token)),
                            new Side("ours", "the gateway (files, SQLite): synced and in the index before the response", token => senders.SendAsync(gateway, null, token)),
                        ],
                        [new Target(Orthanc, Ratio.Rate, 2.5), new Target(StoreScp, Ratio.Rate, 1)],
                        cancellationToken);
                }
            }

            report.Judge("memory of the gateway", $"{gateway.PeakMemory.ToString("0", CultureInfo.InvariantCulture)} MB", $"at most {MemoryLimit.ToString(CultureInfo.InvariantCulture)} MB", gateway.PeakMemory <= MemoryLimit);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
