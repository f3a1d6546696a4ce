using System.Diagnostics;
using System.Globalization;
using MedicalAi.Bench.Measuring;

namespace MedicalAi.Bench.Serving;

/// <summary>A server of dcmtk, which forks a process for each association.</summary>
internal sealed class DcmtkServer : IServerProcess
{
    /// <summary>The AE title of dcmqrscp's storage area.</summary>
    public const string Title = "BENCH";

    private readonly Process _process;

    private DcmtkServer(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>Starts storescp, which drops what it gets.</summary>
    /// <param name="network">Where it runs; null for here.</param>
    /// <param name="noDelay">Whether it gets dcmtk's own switch against Nagle's algorithm, TCP_NODELAY in the environment.</param>
    /// <param name="options">More options.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static Task<DcmtkServer> StoreScpAsync(Network? network, bool noDelay, string[] options, CancellationToken cancellationToken) =>
        StartAsync("storescp", ["-q", "--fork", "--ignore", .. options], network, noDelay, cancellationToken);

    /// <summary>Starts storescp, which writes what it gets into files of a folder.</summary>
    public static Task<DcmtkServer> WritingStoreScpAsync(string folder, CancellationToken cancellationToken) =>
        StartAsync("storescp", ["-q", "--fork", "-od", folder], null, noDelay: true, cancellationToken);

    /// <summary>Starts dcmqrscp, dcmtk's archive, with <c>TCP_NODELAY</c>.</summary>
    /// <param name="configuration">Its configuration file.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static Task<DcmtkServer> QueryScpAsync(string configuration, CancellationToken cancellationToken) =>
        StartAsync("dcmqrscp", ["-q", "-c", configuration], null, noDelay: true, cancellationToken);

    private static async Task<DcmtkServer> StartAsync(string program, string[] options, Network? network, bool noDelay, CancellationToken cancellationToken)
    {
        int port = FreePort.Find();
        ProcessStartInfo start = Network.Within(network?.Receiver, new ProcessStartInfo(program, [.. options, port.ToString(CultureInfo.InvariantCulture)]));
        SetNoDelay(start, noDelay);
        Process process = Tool.Start(start);
        for (int i = 0; i < 400; i++)
        {
            ProcessStartInfo echo = Network.Within(network?.Sender, new ProcessStartInfo("echoscu", ["-q", "-aec", Title, network?.ReceiverAddress ?? "127.0.0.1", port.ToString(CultureInfo.InvariantCulture)]));
            echo.RedirectStandardError = true;
            using Process probe = Tool.Start(echo);
            await probe.StandardError.ReadToEndAsync(cancellationToken);
            await probe.WaitForExitAsync(cancellationToken);
            if (probe.ExitCode == 0)
            {
                return new DcmtkServer(process, port);
            }

            await Task.Delay(25, cancellationToken);
        }

        throw new InvalidOperationException($"{program} did not start.");
    }

    public static void SetNoDelay(ProcessStartInfo start, bool noDelay)
    {
        start.Environment.Remove("TCP_NODELAY");
        if (noDelay)
        {
            start.Environment["TCP_NODELAY"] = "1";
        }
    }

    public async Task<double> CpuAsync(CancellationToken cancellationToken)
    {
        while (!ProcessFigures.HaveChildrenEnded(_process.Id))
        {
            await Task.Delay(5, cancellationToken);
        }

        return ProcessFigures.Cpu(_process.Id) + ProcessFigures.ChildrenCpu(_process.Id);
    }

    public Task<long?> InstancesAsync(CancellationToken cancellationToken) => Task.FromResult<long?>(null);

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
