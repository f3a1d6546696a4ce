using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;

namespace MedicalAi.Integration;

/// <summary>The gateway as a process of its own, on ports of its own choice, over a data folder of the test.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_stopLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output;

    private GatewayProcess(Process process, ConcurrentQueue<string> output, Uri http, IPEndPoint dicom)
    {
        _process = process;
        _output = output;
        Http = new HttpClient { BaseAddress = http, Timeout = TimeSpan.FromMinutes(2) };
        DicomPort = dicom.Port;
    }

    /// <summary>A client of its HTTP services.</summary>
    public HttpClient Http { get; }

    /// <summary>Its DICOM port on 127.0.0.1.</summary>
    public int DicomPort { get; }

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it runs.</summary>
    public bool IsRunning => !_process.HasExited;

    /// <summary>Everything that it has said.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>How our SCU reaches it.</summary>
    public DicomClientOptions Scu => new() { Host = "127.0.0.1", Port = DicomPort, CalledAe = AeTitle.Parse("MEDICALAI"), CallingAe = AeTitle.Parse("TESTSCU") };

    /// <summary>The most memory that it has held so far, in bytes (VmHWM).</summary>
    public long PeakMemory => long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) * 1024;

    /// <summary>Starts it and waits until it is ready.</summary>
    public static Task<GatewayProcess> StartAsync(string dataFolder, CancellationToken cancellationToken, params IEnumerable<string> arguments) => StartAsync(dataFolder, [], cancellationToken, arguments);

    /// <summary>Starts it with variables of its environment, and waits until it is ready.</summary>
    public static async Task<GatewayProcess> StartAsync(string dataFolder, IEnumerable<(string Name, string Value)> environment, CancellationToken cancellationToken, params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(Executable, ["serve", "--http", "127.0.0.1:0", "--dicom", "127.0.0.1:0", "--data", dataFolder, .. arguments.Contains("--stability") ? [] : (string[])["--stability", "1"], .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = TestData.Root,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        Process process = Process.Start(start)!;
        ConcurrentQueue<string> output = new();
        process.OutputDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Close();
        try
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(s_startLimit);
            return await WaitAsync(process, output, dataFolder, limit.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException)
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"The gateway did not become ready.\n{string.Join('\n', output)}", e);
        }
    }

    /// <summary>Ends it as a power cut would, by SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to end, by SIGTERM, and waits.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync(CancellationToken cancellationToken)
    {
        await ExternalTool.RunAsync("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)], cancellationToken);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_stopLimit);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    // The build of the gateway that goes with the build of the tests: tests/Integration/bin/{configuration}/net10.0.
    private static string Executable =>
        Path.Combine(TestData.Root, "src", "Gateway", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "gateway");

    private static async Task<GatewayProcess> WaitAsync(Process process, ConcurrentQueue<string> output, string dataFolder, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"It ended with exit code {process.ExitCode}.");
            }

            if (ReadAddresses(dataFolder, process.Id) is var (http, dicom))
            {
                GatewayProcess gateway = new(process, output, http, dicom);
                if (await gateway.IsReadyAsync(cancellationToken))
                {
                    return gateway;
                }

                gateway.Http.Dispose();
            }

            await Task.Delay(s_poll, cancellationToken);
        }
    }

    private static (Uri Http, IPEndPoint Dicom)? ReadAddresses(string dataFolder, int processId)
    {
        try
        {
            using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(dataFolder, "gateway.json")));
            JsonElement root = file.RootElement;
            return root.GetProperty("processId").GetInt32() == processId
                ? (new Uri(root.GetProperty("http").GetString()!), IPEndPoint.Parse(root.GetProperty("dicom").GetString()!))
                : null;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await Http.GetAsync("/health/ready", cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
