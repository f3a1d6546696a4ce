using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace MedicalAi.Testing;

/// <summary>dcmtk's storescp, which keeps what it gets as it gets it.</summary>
internal sealed class StoreScp : IAsyncDisposable
{
    private readonly Process _process;

    private StoreScp(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>A port that nobody listens on.</summary>
    public static int FindFreePort()
    {
        using TcpListener free = new(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }

    public static Task<StoreScp> StartAsync(string folder, params string[] options) => StartAsync(FindFreePort(), folder, options);

    public static async Task<StoreScp> StartAsync(int port, string folder, params string[] options)
    {
        // Files as they come (+B); every storage SOP class and transfer syntax (-pm, +xa).
        ProcessStartInfo start = new("storescp", ["-q", "+B", "-pm", "+xa", .. options, "-od", folder, $"{port}"]);
        start.Environment["TCP_NODELAY"] = "1";
        Process process = Process.Start(start)!;
        for (int i = 0; ; i++)
        {
            try
            {
                using TcpClient probe = new();
                await probe.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
                return new StoreScp(process, port);
            }
            catch (SocketException) when (i < 200)
            {
                await Task.Delay(25, TestContext.Current.CancellationToken);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
