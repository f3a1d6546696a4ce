using System.Diagnostics;
using MedicalAi.Bench.Measuring;

namespace MedicalAi.Bench.Serving;

/// <summary>
/// Two network namespaces joined by a pair of virtual Ethernet devices: packets of 1,500 bytes, as between two machines, where
/// loopback has 64 KiB.
/// </summary>
internal sealed class Network : IAsyncDisposable
{
    private static readonly string s_prefix = $"bench{Environment.ProcessId}";

    private Network()
    {
    }

    public string Sender { get; } = s_prefix + "s";

    public string Receiver { get; } = s_prefix + "r";

    // Of TEST-NET-1 (RFC 5737); nobody else sees it.
    public string ReceiverAddress { get; } = "192.0.2.2";

    /// <summary>Makes it; null where this is not permitted.</summary>
    public static async Task<Network?> TryMakeAsync(CancellationToken cancellationToken)
    {
        Network network = new();
        string[] commands =
        [
            $"netns add {network.Sender}",
            $"netns add {network.Receiver}",
            $"link add veth0 netns {network.Sender} type veth peer name veth0 netns {network.Receiver}",
            $"-n {network.Sender} addr add 192.0.2.1/30 dev veth0",
            $"-n {network.Receiver} addr add {network.ReceiverAddress}/30 dev veth0",
            $"-n {network.Sender} link set veth0 up",
            $"-n {network.Receiver} link set veth0 up",
            $"-n {network.Sender} link set lo up",
            $"-n {network.Receiver} link set lo up",
        ];
        try
        {
            foreach (string command in commands)
            {
                await Tool.RunAsync(Ip(), command.Split(' '), cancellationToken);
            }

            return network;
        }
        catch (InvalidOperationException)
        {
            await network.DisposeAsync();
            return null;
        }
    }

    /// <summary>The start of a program within a namespace; as it is where there is none.</summary>
    public static ProcessStartInfo Within(string? name, ProcessStartInfo start) =>
        name is null ? start : new ProcessStartInfo(Ip(), ["netns", "exec", name, start.FileName, .. start.ArgumentList]);

    public async ValueTask DisposeAsync()
    {
        foreach (string name in new[] { Sender, Receiver })
        {
            try
            {
                await Tool.RunAsync(Ip(), ["netns", "del", name], CancellationToken.None);
            }
            catch (InvalidOperationException)
            {
                // It was not made.
            }
        }
    }

    // On Debian not on the path of everybody.
    private static string Ip() => File.Exists("/usr/sbin/ip") ? "/usr/sbin/ip" : "ip";
}
