using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace MedicalAi.Dicom.Network;

/// <summary>A connection of <see cref="DicomTransport"/>.</summary>
internal sealed class SocketConnection : DefaultConnectionContext, IDuplexPipe, IMemoryPoolFeature
{
    private readonly Socket _socket;
    private readonly SocketInput _input;

    // Never disposed, for it may be cancelled late: it holds nothing but memory.
    private readonly CancellationTokenSource _closed = new();
    private int _isClosed;

    public SocketConnection(Socket socket, long number, WaitingThreads threads, bool quickAcknowledge, MemoryPool<byte> memory)
        : base(number.ToString("X", CultureInfo.InvariantCulture))
    {
        _socket = socket;
        socket.NoDelay = true;
        socket.Blocking = false;
        (LocalEndPoint, RemoteEndPoint, MemoryPool) = (socket.LocalEndPoint, socket.RemoteEndPoint, memory);
        _input = new SocketInput(socket, threads, quickAcknowledge ? QuickAcknowledge.For(socket) : null);
        Output = new SocketOutput(socket);
        (Transport, ConnectionClosed) = (this, _closed.Token);
        Features.Set<IMemoryPoolFeature>(this);
    }

    /// <inheritdoc />
    public PipeReader Input => _input;

    /// <inheritdoc />
    public PipeWriter Output { get; }

    /// <inheritdoc />
    public MemoryPool<byte> MemoryPool { get; }

    /// <inheritdoc />
    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            // A reset: nothing more is wanted of the peer, and what waits to be sent is dropped.
            _socket.Close(timeout: 0);
        }

        TellClosed();
    }

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            Close();
        }

        await Input.CompleteAsync();
        await Output.CompleteAsync();
        _input.Dispose();
        TellClosed();
        await base.DisposeAsync();
    }

    private void TellClosed() => ThreadPool.UnsafeQueueUserWorkItem(static closed => closed.Cancel(), _closed, preferLocal: false);

    private void Close()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The peer was first.
        }

        _socket.Dispose();
    }
}
