using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace MedicalAi.DicomScp.Tests;

/// <summary>Passes connections on to another port, every byte later by a fixed time, as over a long line; and cuts them when it is told.</summary>
internal sealed class LatentRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeSpan _delay;
    private readonly Task _accepting;
    private readonly List<Task> _passing = [];
    private CancellationTokenSource _cut = new();

    /// <summary>Begins.</summary>
    /// <param name="port">Where to.</param>
    /// <param name="delay">How much later, each way.</param>
    public LatentRelay(int port, TimeSpan delay)
    {
        _delay = delay;
        _listener.Start();
        _accepting = AcceptAsync(port);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Ends the connections that there are.</summary>
    public void Cut() => Interlocked.Exchange(ref _cut, new CancellationTokenSource()).Cancel();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Cut();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_passing);
        _listener.Dispose();
        _stop.Dispose();
        _cut.Dispose();
    }

    private async Task AcceptAsync(int port)
    {
        while (true)
        {
            TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
            _passing.Add(PassAsync(client, port, Volatile.Read(ref _cut).Token));
        }
    }

    private async Task PassAsync(TcpClient client, int port, CancellationToken cut)
    {
        using TcpClient server = new() { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, port, cut);
                await Task.WhenAll(PassAsync(client.GetStream(), server, cut), PassAsync(server.GetStream(), client, cut));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // It was cut, or one of the two is gone.
            }
        }
    }

    private async Task PassAsync(NetworkStream from, TcpClient to, CancellationToken cut)
    {
        Channel<(long At, byte[] Bytes)> line = Channel.CreateUnbounded<(long, byte[])>();
        Task delivering = DeliverAsync(line.Reader, to, cut);
        byte[] block = new byte[64 * 1024];
        for (int count; (count = await from.ReadAsync(block, cut)) > 0;)
        {
            line.Writer.TryWrite((Environment.TickCount64 + (long)_delay.TotalMilliseconds, block[..count]));
        }

        line.Writer.Complete();
        await delivering;
    }

    private static async Task DeliverAsync(ChannelReader<(long At, byte[] Bytes)> line, TcpClient to, CancellationToken cut)
    {
        await foreach ((long at, byte[] bytes) in line.ReadAllAsync(cut))
        {
            if (at > Environment.TickCount64)
            {
                await Task.Delay((int)(at - Environment.TickCount64), cut);
            }

            await to.GetStream().WriteAsync(bytes, cut);
        }

        to.Client.Shutdown(SocketShutdown.Send);
    }
}
