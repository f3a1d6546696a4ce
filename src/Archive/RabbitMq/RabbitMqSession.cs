using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace MedicalAi.Archive;

/// <summary>
/// A connection with its one channel, on which all queues are declared. It is not repaired: when anything goes wrong it is
/// dropped and the next one is opened, which leaves nothing half done, since the broker then delivers again what was not
/// acknowledged.
/// </summary>
internal sealed class RabbitMqSession : IAsyncDisposable
{
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(1);
    private readonly IConnection _connection;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _blocked;

    private RabbitMqSession(IConnection connection, IChannel channel)
    {
        (_connection, Channel) = (connection, channel);
        connection.ConnectionShutdownAsync += (_, _) => EndAsync();
        channel.ChannelShutdownAsync += (_, _) => EndAsync();
        connection.ConnectionBlockedAsync += (_, arguments) =>
        {
            _blocked = arguments.Reason;
            return Task.CompletedTask;
        };
        connection.ConnectionUnblockedAsync += (_, _) =>
        {
            _blocked = null;
            return Task.CompletedTask;
        };
        if (!connection.IsOpen || !channel.IsOpen)
        {
            End();
        }
    }

    /// <summary>The channel.</summary>
    public IChannel Channel { get; }

    /// <summary>Ends when the session is of no use any more.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Whether it can be used.</summary>
    public bool IsOpen => !_ended.Task.IsCompleted;

    /// <summary>Why the broker takes no messages at present; null when it does.</summary>
    public string? Blocked => _blocked;

    /// <summary>Connects and declares the queues.</summary>
    /// <param name="options">Where the broker is.</param>
    /// <param name="topology">What is declared.</param>
    /// <param name="purpose">What it is for, for the broker's list of connections.</param>
    /// <param name="channelOptions">How messages are published.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<RabbitMqSession> OpenAsync(RabbitMqOptions options, RabbitMqTopology topology, string purpose, CreateChannelOptions? channelOptions, CancellationToken cancellationToken)
    {
        ConnectionFactory factory = new()
        {
            Uri = options.Url,
            ClientProvidedName = $"MedicalAi.Gateway {OwnerMark.Lease} {purpose}",
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedConnectionTimeout = options.Timeout,
            ContinuationTimeout = options.Timeout,
            HandshakeContinuationTimeout = options.Timeout,
            SocketReadTimeout = options.Timeout,
            SocketWriteTimeout = options.Timeout,
            RequestedHeartbeat = options.Heartbeat,
        };
        IConnection connection = await factory.CreateConnectionAsync(cancellationToken);
        try
        {
            IChannel channel = await connection.CreateChannelAsync(channelOptions, cancellationToken);
            await topology.DeclareAsync(channel, cancellationToken);
            return new RabbitMqSession(connection, channel);
        }
        catch
        {
            await AbortAsync(connection);
            throw;
        }
    }

    /// <summary>Whether an exception is the broker's being away, or its ending of what we have with it.</summary>
    public static bool IsAway(Exception exception) =>
        exception is RabbitMQClientException or IOException or TimeoutException or OperationCanceledException or ObjectDisposedException or System.Net.Sockets.SocketException
            or System.Security.Authentication.AuthenticationException;

    /// <summary>The session is of no use any more.</summary>
    public void End() => _ended.TrySetResult();

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        End();
        return AbortAsync(_connection);
    }

    private static async ValueTask AbortAsync(IConnection connection)
    {
        try
        {
            await connection.AbortAsync(s_farewell);
            await connection.DisposeAsync();
        }
        catch (Exception e) when (IsAway(e))
        {
            // It is gone, which is what was wanted.
        }
    }

    private Task EndAsync()
    {
        End();
        return Task.CompletedTask;
    }
}
