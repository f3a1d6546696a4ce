using MedicalAi.Bench.Data;
using MedicalAi.Bench.Measuring;
using MedicalAi.Bench.Serving;

namespace MedicalAi.Bench.Store;

/// <summary>C-STORE received and dropped, with Nagle's algorithm and delayed acknowledgements out of the way on both sides.</summary>
internal static class StoreCase
{
    private const string StoreScp = "storescp";

    public static async Task RunAsync(Report report, string data, CancellationToken cancellationToken)
    {
        Report.Title(
            "C-STORE received, archive switched off",
            "storescu (one process an association, all at once, `TCP_NODELAY=1`) sends over loopback; its start is in the rates of all alike. CPU is that of the receiver. Of two processors the senders take a good part, so that the rates of all lie close together.");
        await using DcmtkServer storescp = await DcmtkServer.StoreScpAsync(null, noDelay: true, [], cancellationToken);
        await using DcmtkServer bits = await DcmtkServer.StoreScpAsync(null, noDelay: true, ["+B"], cancellationToken);
        await using OurProcess plain = await OurProcess.StartAsync(null, cancellationToken, isPlain: true);
        await using OurProcess sink = await OurProcess.StartAsync(null, cancellationToken);
        foreach (OurProcess cold in new[] { plain, sink })
        {
            // As a server that has run for a while.
            Report.Progress("Warming up");
            Senders senders = new(BenchData.B(data), BenchData.Sent, Associations: 4, Repeats: 10, NoDelay: true);
            for (int i = 0; i < 4; i++)
            {
                await senders.SendAsync(cold, null, cancellationToken);
            }
        }

        foreach ((string name, string folder, int repeats) in new[] { ("A (525 KB)", BenchData.A(data), 8), ("B (9.4 KB)", BenchData.B(data), 40) })
        {
            foreach (int associations in new[] { 1, 4, 8 })
            {
                Senders senders = new(folder, BenchData.Sent, associations, repeats / associations, NoDelay: true);
                await report.CompareAsync(
                    $"{name}, {associations} association{(associations == 1 ? "" : "s")}",
                    [
                        new Side(StoreScp, "`storescp --fork --ignore`, `TCP_NODELAY=1`: a process an association, reads each data set into memory and drops it", token => senders.SendAsync(storescp, null, token)),
                        new Side("storescp +B", "`storescp --fork --ignore +B`, `TCP_NODELAY=1`: writes what it gets to /dev/null", token => senders.SendAsync(bits, null, token)),
                        new Side("ours, plain", "as ours, but on the connections that Kestrel brings", token => senders.SendAsync(plain, null, token)),
                        new Side("ours", "the gateway's acceptor with a service that counts the instances and drops them; one process for all, which has run for a while", token => senders.SendAsync(sink, null, token)),
                    ],
                    [new Target(StoreScp, Ratio.Rate, 1), new Target(StoreScp, Ratio.Cpu, 1)],
                    cancellationToken);
            }
        }
    }
}
