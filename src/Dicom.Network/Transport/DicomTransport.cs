using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace MedicalAi.Dicom.Network;

/// <summary>
/// The connections of Kestrel at a <see cref="DicomEndPoint"/>. A modality sends one instance after the other over one or a few connections and
/// waits for each answer; Kestrel's own transport is made for many connections with little on each, and there wakes several
/// threads for each piece that comes. Here what comes is read straight from the socket by the thread that waited for it.
/// </summary>
public sealed class DicomTransport : IConnectionListenerFactory, IConnectionListenerFactorySelector, IDisposable
{
    private static readonly TimeSpan s_breath = TimeSpan.FromMilliseconds(100);
    private readonly WaitingThreads _threads = new(Math.Max(8, 2 * Environment.ProcessorCount));
    private readonly MemoryPool<byte> _memory;
    private readonly DicomServerOptions _options;
    private long _connections;

    /// <summary>Makes the transport. It takes the end points of its own type alone, and leaves all others to Kestrel's own.</summary>
    public DicomTransport(DicomServerOptions options, IMemoryPoolFactory<byte> memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        _options = options;
        _memory = memory.Create();
    }

    /// <inheritdoc />
    public bool CanBind(EndPoint endpoint) => endpoint is DicomEndPoint;

    /// <inheritdoc />
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        try
        {
            socket.Listen(512);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(exception.Message, exception);
        }

        return ValueTask.FromResult<IConnectionListener>(new Listener(this, socket));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _threads.Dispose();
        _memory.Dispose();
    }

    private SocketConnection Take(Socket socket) => new(socket, Interlocked.Increment(ref _connections), _threads, _options.QuickAcknowledge, _memory);

    private sealed class Listener(DicomTransport owner, Socket socket) : IConnectionListener
    {
        public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (true)
            {
                Socket? accepted = null;
                try
                {
                    accepted = await socket.AcceptAsync(cancellationToken);
                    return owner.Take(accepted);
                }
                catch (Exception exception) when (exception is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
                {
                    return null; // Unbound.
                }
                catch (SocketException exception)
                {
                    accepted?.Dispose();
                    if (exception.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
                    {
                        // Trying again at once would only burn the processor; connections wait in the queue of the system meanwhile.
                        await Task.Delay(s_breath, cancellationToken);
                    }

                    // Else the peer went away before we took it.
                }
            }
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
