using System.Diagnostics;
using System.Globalization;
using MedicalAi.Bench.Measuring;

namespace MedicalAi.Bench.Serving;

/// <summary>Our server in a process of its own.</summary>
internal sealed class OurProcess : IServerProcess
{
    private readonly Process _process;

    private OurProcess(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>Starts one that drops what it gets.</summary>
    /// <param name="network">Where it runs; null for here.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="isPlain">Whether the connections are those that Kestrel brings.</param>
    public static async Task<OurProcess> StartAsync(Network? network, CancellationToken cancellationToken, bool isPlain = false)
    {
        return await StartAsync(Network.Within(network?.Receiver, Tool.Ours("sink", isPlain ? "plain" : "dicom")), cancellationToken);
    }

    /// <summary>Starts one with an archive.</summary>
    /// <param name="folder">The folder of the archive.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static Task<OurProcess> ArchiveAsync(string folder, CancellationToken cancellationToken) => StartAsync(Tool.Ours("archive", folder), cancellationToken);

    private static async Task<OurProcess> StartAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        Process process = Tool.Start(start);
        string? port = await process.StandardOutput.ReadLineAsync(cancellationToken);
        return new OurProcess(process, int.Parse(port ?? throw new InvalidOperationException("Our server did not start."), CultureInfo.InvariantCulture));
    }

    public Task<double> CpuAsync(CancellationToken cancellationToken) => Task.FromResult(ProcessFigures.Cpu(_process.Id));

    public async Task<long?> InstancesAsync(CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync("count".AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        string counts = await _process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("Our server has ended.");
        return long.Parse(counts, CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
