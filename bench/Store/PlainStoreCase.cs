using MedicalAi.Bench.Data;
using MedicalAi.Bench.Measuring;
using MedicalAi.Bench.Serving;

namespace MedicalAi.Bench.Store;

/// <summary>The plain, unmodified storescu with the kernel's defaults, one association: what quick acknowledgements are worth.</summary>
internal static class PlainStoreCase
{
    private const string StoreScp = "storescp";

    public static async Task RunAsync(Report report, string data, CancellationToken cancellationToken)
    {
        Report.Title(
            "C-STORE by a plain sender",
            "storescu as it comes, no TCP_NODELAY anywhere, one association. Its last segment of each instance waits for an acknowledgement (Nagle), which the receiver's kernel delays by 40 ms unless it is told otherwise. Ours gets more instances, so that the start of storescu weighs the same.");
        await CompareAsync("over loopback", null);
        await using Network? network = await Network.TryMakeAsync(cancellationToken);
        if (network is null)
        {
            Console.WriteLine("Network namespaces cannot be made here (that takes root): no figures for a virtual Ethernet.");
            return;
        }

        await CompareAsync("over a virtual Ethernet", network);

        async Task CompareAsync(string where, Network? through)
        {
            foreach ((string name, string folder) in new[] { ("A (525 KB)", BenchData.A(data)), ("B (9.4 KB)", BenchData.B(data)) })
            {
                await using DcmtkServer storescp = await DcmtkServer.StoreScpAsync(through, noDelay: false, [], cancellationToken);
                await using OurProcess sink = await OurProcess.StartAsync(through, cancellationToken);
                Senders few = new(BenchData.Few(folder), BenchData.FewSent, Associations: 1, Repeats: 1, NoDelay: false);
                Senders many = new(folder, BenchData.Sent, Associations: 1, Repeats: 4, NoDelay: false);
                await many.SendAsync(sink, through, cancellationToken);
                await report.CompareAsync(
                    $"{name} {where}",
                    [
                        new Side(StoreScp, "`storescp --fork --ignore` as it comes", token => few.SendAsync(storescp, through, token)),
                        new Side("ours", "the gateway's acceptor as it comes, with a service that counts the instances and drops them", token => many.SendAsync(sink, through, token)),
                    ],
                    [new Target(StoreScp, Ratio.Rate, 20)],
                    cancellationToken);
            }
        }
    }
}
