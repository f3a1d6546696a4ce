using System.Net;
using System.Net.Sockets;

namespace MedicalAi.DicomScp.Tests;

/// <summary>Passes connections on to another port, and cuts the first ones after so many bytes.</summary>
internal sealed class CuttingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    /// <summary>Begins.</summary>
    /// <param name="port">Where to.</param>
    /// <param name="cuts">How many connections are cut.</param>
    /// <param name="after">After how many bytes.</param>
    public CuttingRelay(int port, int cuts, int after)
    {
        _listener.Start();
        _accepting = AcceptAsync(port, cuts, after);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many connections came.</summary>
    public int Connections { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync(int port, int cuts, int after)
    {
        while (true)
        {
            using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
            Connections++;
            using TcpClient server = new();
            await server.ConnectAsync(IPAddress.Loopback, port, _stop.Token);
            Task back = server.GetStream().CopyToAsync(client.GetStream(), _stop.Token);
            await ForwardAsync(client.GetStream(), server.GetStream(), Connections <= cuts ? after : long.MaxValue);
            client.Close();
            server.Close();
            await back.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ForwardAsync(NetworkStream from, NetworkStream to, long most)
    {
        byte[] block = new byte[4096];
        try
        {
            for (int count; most > 0 && (count = await from.ReadAsync(block, _stop.Token)) > 0; most -= count)
            {
                await to.WriteAsync(block.AsMemory(0, count), _stop.Token);
            }
        }
        catch (IOException)
        {
            // One of the two is gone.
        }
    }
}
