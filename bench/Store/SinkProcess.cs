using System.Diagnostics;
using System.Globalization;
using MedicalAi.Bench.Measuring;

namespace MedicalAi.Bench.Store;

/// <summary>Our receiver in a process of its own.</summary>
internal sealed class SinkProcess : IReceiver
{
    private readonly Process _process;

    private SinkProcess(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <param name="network">Where it runs; null for here.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="isPlain">Whether the connections are those that Kestrel brings.</param>
    public static async Task<SinkProcess> StartAsync(Network? network, CancellationToken cancellationToken, bool isPlain = false)
    {
        ProcessStartInfo start = Tool.Ours("sink", isPlain ? "plain" : "dicom");
        start = Network.Within(network?.Receiver, start);
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        Process process = Tool.Start(start);
        string? port = await process.StandardOutput.ReadLineAsync(cancellationToken);
        return new SinkProcess(process, int.Parse(port ?? throw new InvalidOperationException("Our receiver did not start."), CultureInfo.InvariantCulture));
    }

    public Task<double> CpuAsync(CancellationToken cancellationToken) => Task.FromResult(ProcessFigures.Cpu(_process.Id));

    public async Task<long?> InstancesAsync(CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync("count".AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        string counts = await _process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("Our receiver has ended.");
        return long.Parse(counts.Split(' ')[0], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
