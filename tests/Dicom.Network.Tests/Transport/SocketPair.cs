using System.Net;
using System.Net.Sockets;

namespace MedicalAi.Dicom.Network.Tests;

/// <summary>A connection with both of its ends: ours as <see cref="DicomTransport"/> makes it, the peer's as a plain socket.</summary>
internal sealed class SocketPair : IAsyncDisposable
{
    private readonly SocketConnection _connection;

    private SocketPair(SocketConnection connection, Socket peer) => (_connection, Peer) = (connection, peer);

    public SocketInput Input => (SocketInput)_connection.Input;

    public SocketOutput Output => (SocketOutput)_connection.Output;

    public SocketConnection Connection => _connection;

    public Socket Peer { get; }

    public static async Task<SocketPair> ConnectAsync(WaitingThreads threads, Action<Socket>? prepare = null)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Socket peer = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        prepare?.Invoke(peer);
        await peer.ConnectAsync(listener.LocalEndpoint, TestContext.Current.CancellationToken);
        Socket accepted = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        prepare?.Invoke(accepted);
        return new SocketPair(new SocketConnection(accepted, 1, threads, quickAcknowledge: true, System.Buffers.MemoryPool<byte>.Shared), peer);
    }

    public async Task SendAsync(params byte[] bytes)
    {
        for (int sent = 0; sent < bytes.Length;)
        {
            sent += await Peer.SendAsync(bytes.AsMemory(sent), TestContext.Current.CancellationToken);
        }
    }

    public async Task<byte[]> ReceiveAsync(int length)
    {
        byte[] bytes = new byte[length];
        for (int received = 0; received < length;)
        {
            int count = await Peer.ReceiveAsync(bytes.AsMemory(received), TestContext.Current.CancellationToken);
            Assert.NotEqual(0, count);
            received += count;
        }

        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        Peer.Dispose();
        await _connection.DisposeAsync();
    }
}
