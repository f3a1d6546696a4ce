using System.Diagnostics;
using System.Globalization;

namespace MedicalAi.Testing;

/// <summary>An archive of the npm package dcmjs-dimse: storage, queries, C-MOVE and C-GET over a folder of files.</summary>
internal sealed class DcmjsScp : IAsyncDisposable
{
    private readonly Process _process;

    private DcmjsScp(Process process, int port) => (_process, Port) = (process, port);

    /// <summary>Its AE title.</summary>
    public const string AeTitle = "DCMJS";

    /// <summary>Its port at 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Starts it, and waits until it listens.</summary>
    /// <param name="folder">The folder of its files.</param>
    /// <param name="destinations">Those that it can send to by C-MOVE, at 127.0.0.1.</param>
    public static async Task<DcmjsScp> StartAsync(string folder, params (string Title, int Port)[] destinations)
    {
        ProcessStartInfo start = new("node", [DcmjsDimse.Script("scp.js"), folder, AeTitle, .. destinations.Select(one => $"{one.Title}={one.Port}")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        Process process = Process.Start(start)!;
        TaskCompletionSource<int> listening = new();
        process.OutputDataReceived += (_, told) =>
        {
            if (told.Data is null)
            {
                listening.TrySetException(new InvalidOperationException("The archive of dcmjs-dimse did not start."));
            }
            else if (told.Data.StartsWith("listening ", StringComparison.Ordinal))
            {
                listening.TrySetResult(int.Parse(told.Data.Split(' ')[1], CultureInfo.InvariantCulture));
            }
        };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new DcmjsScp(process, await listening.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
