using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace MedicalAi.Dicom.Network.Tests;

/// <summary>The other end of a connection, which sends and reads PDUs as the test says, rightly or wrongly.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;

    private RawPeer(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        Channel = new PduChannel(PipeReader.Create(_stream), PipeWriter.Create(_stream), 1024 * 1024) { Timeout = TimeSpan.FromSeconds(20) };
    }

    public PduChannel Channel { get; }

    public static AssociateRequest Request { get; } = new(
        1,
        "MEDICALAI",
        "TESTER",
        "1.2.840.10008.3.1.1.1",
        [
            new ProposedContext(1, DicomUids.Verification.Value, [TransferSyntax.ImplicitVrLittleEndian.Uid.Value]),
            new ProposedContext(3, DicomUids.CTImageStorage.Value, [TransferSyntax.ExplicitVrLittleEndian.Uid.Value]),
        ],
        new UserInformation { MaxPduLength = 16384, ImplementationClassUid = "1.2.3", ImplementationVersionName = "TESTER_1" });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="port">The port of the acceptor on this machine.</param>
    /// <param name="from">Our own address; null for any.</param>
    public static async Task<RawPeer> ConnectAsync(int port, IPAddress? from = null)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (from is not null)
        {
            socket.Bind(new IPEndPoint(from, 0));
        }

        await socket.ConnectAsync(IPAddress.Loopback, port, Token);
        return new RawPeer(socket);
    }

    /// <summary>A peer with an association.</summary>
    public static async Task<RawPeer> AssociateAsync(int port, AssociateRequest? request = null)
    {
        RawPeer peer = await ConnectAsync(port);
        await peer.SendAsync(request ?? Request);
        Assert.IsType<AssociateAccept>(await peer.ReadAsync());
        return peer;
    }

    /// <summary>Waits for one connection and hands it to the script.</summary>
    public static async Task<(int Port, Task Script)> ListenAsync(Func<RawPeer, Task> script)
    {
        TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        return await Task.FromResult((port, RunAsync()));

        async Task RunAsync()
        {
            using (listener)
            {
                using RawPeer peer = new(await listener.AcceptSocketAsync(Token));
                await script(peer);
            }
        }
    }

    public async Task SendAsync(Pdu pdu) => Assert.True(await Channel.WriteAsync(pdu, Token));

    public async Task SendAsync(params byte[] bytes) => await _stream.WriteAsync(bytes, Token);

    public async Task SendCommandAsync(byte context, DimseCommand command)
    {
        byte[] bytes = new byte[DimseCommand.MaxEncodedLength];
        Channel.Buffer(context, isCommand: true, bytes.AsSpan(0, command.Encode(bytes)));
        Assert.True(await Channel.FlushAsync(Token));
    }

    public async Task SendDataAsync(byte context, byte[] data)
    {
        Channel.Buffer(context, isCommand: false, data);
        Assert.True(await Channel.FlushAsync(Token));
    }

    /// <summary>The next PDU; null when the connection was closed in order.</summary>
    public async Task<Pdu?> ReadAsync()
    {
        PduRead read = await Channel.ReadAsync(stoppable: false, Token);
        Assert.True(read.Status is PduReadStatus.Ok or PduReadStatus.Closed, read.Status.ToString());
        return read.Pdu;
    }

    public async Task<DimseCommand> ReadCommandAsync()
    {
        List<byte> command = [];
        while (true)
        {
            DataTransfer data = Assert.IsType<DataTransfer>(await ReadAsync());
            byte[] body = [.. System.Buffers.BuffersExtensions.ToArray(data.Body)];
            command.AddRange(body[6..]);
            if ((body[5] & 2) != 0)
            {
                return DimseCommand.Decode([.. command])!;
            }
        }
    }

    public void CloseSending() => _socket.Shutdown(SocketShutdown.Send);

    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public void Dispose()
    {
        Channel.Dispose();
        _stream.Dispose();
    }
}
