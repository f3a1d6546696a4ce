using System.Diagnostics;
using System.Globalization;
using MedicalAi.Bench.Measuring;
using MedicalAi.Bench.Serving;

namespace MedicalAi.Bench.Store;

/// <summary>dcmtk's storescu, as many processes as there are associations, all at once.</summary>
/// <param name="Folder">The files, all of which each process sends.</param>
/// <param name="FileCount">How many those are.</param>
/// <param name="Associations">How many processes.</param>
/// <param name="Repeats">How often each process sends all files, in the same association.</param>
/// <param name="NoDelay">Whether they get dcmtk's own switch against Nagle's algorithm, TCP_NODELAY in the environment.</param>
/// <param name="IsInventing">Whether each instance gets UIDs that nobody has seen, a series for every 100 and a study for every two of these.</param>
internal sealed record Senders(string Folder, int FileCount, int Associations, int Repeats, bool NoDelay, bool IsInventing = false)
{
    private long Instances => (long)FileCount * Associations * Repeats;

    /// <summary>Sends, and gives the rate and the receiver's CPU for each instance.</summary>
    public async Task<Sample> SendAsync(IServerProcess receiver, Network? network, CancellationToken cancellationToken)
    {
        double cpu = await receiver.CpuAsync(cancellationToken);
        long? before = await receiver.InstancesAsync(cancellationToken);
        long begin = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Associations).Select(_ => RunAsync(receiver, network, cancellationToken)));
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        long? after = await receiver.InstancesAsync(cancellationToken);
        if (after - before is { } came && came != Instances)
        {
            throw new InvalidDataException($"{came} instances came where {Instances} were sent.");
        }

        return new Sample(Instances / seconds, (await receiver.CpuAsync(cancellationToken) - cpu) * 1000 / Instances);
    }

    private async Task RunAsync(IServerProcess receiver, Network? network, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = Network.Within(network?.Sender, new ProcessStartInfo("storescu",
        [
            "-q", "+sd", "-R", .. IsInventing ? (string[])["+II", "+IR", "100", "+IS", "2"] : [], "--repeat", Repeats.ToString(CultureInfo.InvariantCulture), network?.ReceiverAddress ?? "127.0.0.1", receiver.Port.ToString(CultureInfo.InvariantCulture), Folder,
        ]));
        DcmtkServer.SetNoDelay(start, NoDelay);
        using Process process = Tool.Start(start);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"storescu ended with {process.ExitCode}.");
        }
    }
}
