using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using MedicalAi.Bench.Measuring;

namespace MedicalAi.Bench.Serving;

/// <summary>A server that keeps what it gets: the gateway, or Orthanc.</summary>
internal sealed class ArchiveProcess : IServerProcess
{
    private readonly Process _process;

    private ArchiveProcess(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>The most memory that it had in RAM, in MB.</summary>
    public double PeakMemory => ProcessFigures.Peak(_process.Id);

    /// <summary>Starts the gateway as it is served, without inference, over a data folder.</summary>
    public static async Task<ArchiveProcess> GatewayAsync(string folder, CancellationToken cancellationToken)
    {
        Process process = Start(Path.Combine(AppContext.BaseDirectory, "gateway"), ["serve", "--roles", "dicom,web", "--any-called-ae", "true", "--http", "127.0.0.1:0", "--dicom", "127.0.0.1:0", "--data", folder]);
        (Uri Http, int Dicom)? at = null;
        await WaitAsync(process, async http => (at ??= TryReadAddresses(folder, process.Id)) is var (uri, _) && await AnswersAsync(http, new Uri(uri, "health/ready"), cancellationToken), cancellationToken);
        return new ArchiveProcess(process, at!.Value.Dicom);
    }

    /// <summary>Starts Orthanc with its defaults: SQLite and files, in a folder.</summary>
    public static async Task<ArchiveProcess> OrthancAsync(string folder, CancellationToken cancellationToken)
    {
        (int dicom, int http) = (FreePort.Find(), FreePort.Find());
        string settings = Path.Combine(Directory.CreateDirectory(folder).FullName, "orthanc.json");
        await File.WriteAllTextAsync(
            settings,
            JsonSerializer.Serialize(new Dictionary<string, object>
            {
                ["StorageDirectory"] = folder,
                ["IndexDirectory"] = folder,
                ["RemoteAccessAllowed"] = false,
                ["AuthenticationEnabled"] = false,
                ["DicomAlwaysAllowStore"] = true,
                ["DicomCheckCalledAet"] = false,
                ["TcpNoDelay"] = true,
                ["HttpPort"] = http,
                ["DicomPort"] = dicom,
                ["Plugins"] = Array.Empty<string>(),
            }),
            cancellationToken);
        Process process = Start("/usr/sbin/Orthanc", [settings]);
        Uri at = new($"http://127.0.0.1:{http.ToString(CultureInfo.InvariantCulture)}/");
        await WaitAsync(process, client => AnswersAsync(client, new Uri(at, "system"), cancellationToken), cancellationToken);
        return new ArchiveProcess(process, dicom);
    }

    public Task<double> CpuAsync(CancellationToken cancellationToken) => Task.FromResult(ProcessFigures.Cpu(_process.Id));

    public Task<long?> InstancesAsync(CancellationToken cancellationToken) => Task.FromResult<long?>(null);

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private static Process Start(string program, string[] arguments)
    {
        // What it says is read and dropped: a full pipe would stop it.
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        DcmtkServer.SetNoDelay(start, noDelay: true);
        Process process = Tool.Start(start);
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task WaitAsync(Process process, Func<HttpClient, Task<bool>> isReady, CancellationToken cancellationToken)
    {
        using HttpClient http = new();
        while (!await isReady(http))
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"{process.StartInfo.FileName} ended with {process.ExitCode} before it was ready.");
            }

            await Task.Delay(20, cancellationToken);
        }
    }

    private static async Task<bool> AnswersAsync(HttpClient http, Uri uri, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await http.GetAsync(uri, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static (Uri Http, int Dicom)? TryReadAddresses(string folder, int processId)
    {
        try
        {
            using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "gateway.json")));
            JsonElement root = file.RootElement;
            return root.GetProperty("processId").GetInt32() == processId
                ? (new Uri(root.GetProperty("http").GetString()!), IPEndPoint.Parse(root.GetProperty("dicom").GetString()!).Port)
                : null;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }
}
