using MedicalAi.Bench.Data;
using MedicalAi.Bench.Measuring;
using MedicalAi.Bench.Serving;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;

namespace MedicalAi.Bench.Idle;

/// <summary>What open associations cost in memory, and what a large instance does.</summary>
internal static class IdleCase
{
    private const int Open = 500;
    private const int Busy = 100;

    public static async Task RunAsync(Report report, string data, CancellationToken cancellationToken)
    {
        string[] files = BenchData.Files(BenchData.A(data));
        Report.Title(
            "Memory of associations",
            $"Memory in RAM (RSS) of our receiver: with no association; with {Open} open, of which {Open - Busy} wait and {Busy} send instances of 525 KB one after the other, the most that was seen; and for one association that sends an instance of 1 GB. Medians of {report.Rounds} processes.");
        List<double> open = [], large = [], none = [], forked = [];
        for (int round = 0; round < report.Rounds; round++)
        {
            Report.Progress($"memory: round {round + 1} of {report.Rounds}");
            await using (OurProcess sink = await OurProcess.StartAsync(null, cancellationToken))
            {
                (double with, double without) = await AssociationsAsync(sink.Port, sink.Id, files, cancellationToken);
                open.Add(with - without);
                none.Add(without);
            }

            await using (OurProcess sink = await OurProcess.StartAsync(null, cancellationToken))
            {
                large.Add(await LargeAsync(sink, files[0], cancellationToken));
            }

            await using DcmtkServer storescp = await DcmtkServer.StoreScpAsync(null, noDelay: true, [], cancellationToken);
            forked.Add(await ForkedAsync(storescp, cancellationToken));
        }

        Report.Progress("");
        Spread openSpread = Spread.Of(open), largeSpread = Spread.Of(large);
        Console.WriteLine("| memory | MB |");
        Console.WriteLine("|---|---|");
        Console.WriteLine($"| our process without associations, after the first instances | {Spread.Of(none)} |");
        Console.WriteLine($"| more with {Open} associations, {Busy} of them sending | {openSpread} |");
        Console.WriteLine($"| more while 1 GB comes in one instance | {largeSpread} |");
        Console.WriteLine($"| storescp --fork, {Open} associations that wait (the processes' own memory and their share of the common) | {Spread.Of(forked)} |");
        Console.WriteLine();
        report.Judge($"{Open} associations, {Open - Busy} of them idle", $"{openSpread} MB", "under 100 MB", openSpread.Median < 100);
        report.Judge("an instance of 1 GB", $"{largeSpread} MB more", "under 32 MB", largeSpread.Median < 32);
    }

    private static async Task<(double With, double Without)> AssociationsAsync(int port, int process, string[] files, CancellationToken cancellationToken)
    {
        // What a process needs once, for the code above all, is not the cost of an association.
        await using (DicomClient first = await ConnectAsync(port, cancellationToken))
        {
            for (int i = 0; i < 20; i++)
            {
                await StoreAsync(first, files[i], cancellationToken);
            }

            await first.ReleaseAsync(cancellationToken);
        }

        double without = ProcessFigures.Resident(process);
        ProcessFigures.ResetPeak(process);
        List<DicomClient> clients = [];
        try
        {
            for (int i = 0; i < Open; i++)
            {
                clients.Add(await ConnectAsync(port, cancellationToken, i));
            }

            await Task.WhenAll(clients.Take(Busy).Select(async (client, start) =>
            {
                for (int i = 0; i < 30; i++)
                {
                    await StoreAsync(client, files[(start + i) % files.Length], cancellationToken);
                }
            }));
            return (ProcessFigures.Peak(process), without);
        }
        finally
        {
            foreach (DicomClient client in clients)
            {
                await client.DisposeAsync();
            }
        }
    }

    private static async Task<double> LargeAsync(OurProcess sink, string file, CancellationToken cancellationToken)
    {
        await using DicomClient client = await ConnectAsync(sink.Port, cancellationToken);
        for (int i = 0; i < 20; i++)
        {
            await StoreAsync(client, file, cancellationToken);
        }

        double before = ProcessFigures.Resident(sink.Id);
        ProcessFigures.ResetPeak(sink.Id);
        using ZeroFilledStream zeros = new([], 1024L * 1024 * 1024, []);
        DimseResponse response = await client.StoreAsync(DicomUids.CTImageStorage, DicomUid.NewUid(), TransferSyntax.ExplicitVrLittleEndian, zeros, cancellationToken);
        return response.Status == DimseStatus.Success ? ProcessFigures.Peak(sink.Id) - before : throw new InvalidDataException($"The status was {response.Status:X4}.");
    }

    private static async Task<double> ForkedAsync(DcmtkServer storescp, CancellationToken cancellationToken)
    {
        List<DicomClient> clients = [];
        try
        {
            for (int i = 0; i < Open; i++)
            {
                clients.Add(await ConnectAsync(storescp.Port, cancellationToken, i));
            }

            return ProcessFigures.ChildrenProportional(storescp.Id);
        }
        finally
        {
            foreach (DicomClient client in clients)
            {
                await client.DisposeAsync();
            }
        }
    }

    // Of ten callers, as one alone may not have so many.
    private static Task<DicomClient> ConnectAsync(int port, CancellationToken cancellationToken, int number = 0) =>
        DicomClient.ConnectAsync(new DicomClientOptions { Host = "127.0.0.1", Port = port, CallingAe = AeTitle.Parse($"BENCH{number % 10}") }, [new PresentationContext(DicomUids.CTImageStorage, [TransferSyntax.ExplicitVrLittleEndian])], cancellationToken);

    private static async Task StoreAsync(DicomClient client, string path, CancellationToken cancellationToken)
    {
        InstanceFile file = (await InstanceFile.ReadAsync(path, cancellationToken)).Value;
        DimseResponse response = await client.StoreAsync(file, cancellationToken);
        if (response.Status != DimseStatus.Success)
        {
            throw new InvalidDataException($"The status was {response.Status:X4}.");
        }
    }
}
