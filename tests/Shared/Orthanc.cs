using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace MedicalAi.Testing;

/// <summary>Orthanc, a DICOM server of another maker, with its REST interface, in a folder of its own.</summary>
internal sealed class Orthanc : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TempFolder _folder;

    private Orthanc(Process process, TempFolder folder, int dicomPort, int httpPort)
    {
        (_process, _folder, Port) = (process, folder, dicomPort);
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{httpPort}/") };
    }

    /// <summary>Its AE title.</summary>
    public const string AeTitle = "ORTHANC";

    /// <summary>Its DICOM port at 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Its REST interface.</summary>
    public HttpClient Http { get; }

    /// <summary>Starts it, and waits until it answers.</summary>
    public static async Task<Orthanc> StartAsync(CancellationToken cancellationToken)
    {
        TempFolder folder = new();
        int[] ports = FreePorts(2);
        string settings = folder.File("orthanc.json");
        await File.WriteAllTextAsync(
            settings,
            JsonSerializer.Serialize(new Dictionary<string, object>
            {
                ["Name"] = AeTitle,
                ["StorageDirectory"] = folder.File("storage"),
                ["IndexDirectory"] = folder.File("storage"),
                ["RemoteAccessAllowed"] = false,
                ["AuthenticationEnabled"] = false,
                ["HttpPort"] = ports[1],
                ["DicomPort"] = ports[0],
                ["DicomAet"] = AeTitle,
                ["Plugins"] = Array.Empty<string>(),
            }),
            cancellationToken);
        ProcessStartInfo start = new(File.Exists("/usr/sbin/Orthanc") ? "/usr/sbin/Orthanc" : "Orthanc", [settings]) { RedirectStandardOutput = true, RedirectStandardError = true };
        Process process = Process.Start(start) ?? throw new InvalidOperationException("Orthanc did not start.");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Orthanc orthanc = new(process, folder, ports[0], ports[1]);
        for (int i = 0; ; i++)
        {
            try
            {
                await orthanc.Http.GetStringAsync("system", cancellationToken);
                return orthanc;
            }
            catch (HttpRequestException) when (i < 600 && !process.HasExited)
            {
                await Task.Delay(50, cancellationToken);
            }
        }
    }

    /// <summary>Makes a peer known to it.</summary>
    public async Task AddModalityAsync(string name, string aeTitle, int port, CancellationToken cancellationToken) =>
        (await Http.PutAsJsonAsync($"modalities/{name}", new { AET = aeTitle, Host = "127.0.0.1", Port = port }, JsonSerializerOptions.Default, cancellationToken)).EnsureSuccessStatusCode();

    /// <summary>Asks it for something by REST, with a body of JSON.</summary>
    public async Task<JsonElement> PostAsync(string path, object body, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await Http.PostAsJsonAsync(path, body, JsonSerializerOptions.Default, cancellationToken);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
    }

    /// <summary>Stores a file in it.</summary>
    public async Task StoreAsync(string file, CancellationToken cancellationToken)
    {
        using ByteArrayContent content = new(await File.ReadAllBytesAsync(file, cancellationToken));
        (await Http.PostAsync("instances", content, cancellationToken)).EnsureSuccessStatusCode();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _folder.Dispose();
    }

    private static int[] FreePorts(int count)
    {
        TcpListener[] free = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (TcpListener listener in free)
        {
            listener.Start();
        }

        int[] ports = [.. free.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (TcpListener listener in free)
        {
            listener.Dispose();
        }

        return ports;
    }
}
