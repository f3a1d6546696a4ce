using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace MedicalAi.Archive;

/// <summary>
/// The way to the broker for one purpose: a session that is opened when it is needed and opened anew after it was lost. One use at a
/// time, each with a deadline. Safe for use by several threads.
/// </summary>
internal sealed class RabbitMqLink(RabbitMqOptions options, RabbitMqTopology topology, string purpose, CreateChannelOptions? channelOptions, ILogger logger) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile RabbitMqSession? _session;
    private bool _isAway;

    /// <summary>Why the broker takes no messages at present; null when it does, or is away.</summary>
    public string? Blocked => _session?.Blocked;

    /// <summary>Does something with the session. What fails on a session that was there before is done once more on a new one.</summary>
    /// <exception cref="ArchiveUnavailableException">The broker is away.</exception>
    public async Task<T> UseAsync<T>(Func<RabbitMqSession, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            bool isAgain = false;
            while (true)
            {
                bool isNew = _session is not { IsOpen: true };
                try
                {
                    T result = await UseOnceAsync(work, cancellationToken);
                    TellBack();
                    return result;
                }
                catch (Exception e) when (RabbitMqSession.IsAway(e))
                {
                    // A broker that is full goes on with the same connection, which is told when it takes messages again.
                    if (Blocked is null)
                    {
                        await DropAsync();
                    }

                    cancellationToken.ThrowIfCancellationRequested();
                    if (isNew || isAgain || e is OperationCanceledException)
                    {
                        TellAway(e);
                        throw new ArchiveUnavailableException($"The message broker {options.Url.Host} is away, or takes no messages.", e);
                    }

                    isAgain = true;
                }
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await DropAsync();
        _turn.Dispose();
    }

    private async Task<T> UseOnceAsync<T>(Func<RabbitMqSession, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (_session is not { IsOpen: true } session)
        {
            await DropAsync();
            deadline.CancelAfter(options.Timeout * 2); // To connect and declare the queues takes a while on a broker that has none yet.
            _session = session = await RabbitMqSession.OpenAsync(options, topology, purpose, channelOptions, deadline.Token);
        }

        deadline.CancelAfter(options.Timeout);
        return await work(session, deadline.Token);
    }

    private async ValueTask DropAsync()
    {
        if (_session is { } session)
        {
            _session = null;
            await session.DisposeAsync();
        }
    }

    private void TellAway(Exception e)
    {
        if (!_isAway)
        {
            _isAway = true;
            Log.BrokerAway(logger, options.Url.Host, purpose, e);
        }
    }

    private void TellBack()
    {
        if (_isAway)
        {
            _isAway = false;
            Log.BrokerBack(logger, options.Url.Host, purpose);
        }
    }
}
