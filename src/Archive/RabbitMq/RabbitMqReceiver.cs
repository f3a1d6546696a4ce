using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace MedicalAi.Archive;

/// <summary>
/// Takes the messages of one kind. The broker sends as many ahead as may be in hand; those of urgent work are handed out first.
/// Leases are watched here: a message whose receiver hangs goes back to the broker, and one whose process hangs goes back when the
/// broker misses its heartbeats.
/// </summary>
internal sealed class RabbitMqReceiver : IAsyncDisposable
{
    private static readonly TimeSpan s_watch = TimeSpan.FromMilliseconds(200);

    private readonly RabbitMqOptions _options;
    private readonly RabbitMqTopology _topology;
    private readonly WorkKind _kind;
    private readonly RabbitMqPublisher _publisher;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RabbitMqLink _link;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _watching;
    private readonly Lock _lock = new();
    private readonly Queue<Arrival> _urgent = new();
    private readonly Queue<Arrival> _routine = new();
    private readonly Dictionary<string, Holding> _held = [];
    private RabbitMqSession? _consuming;
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RabbitMqReceiver(RabbitMqOptions options, RabbitMqTopology topology, WorkKind kind, RabbitMqPublisher publisher, TimeProvider time, ILogger logger)
    {
        (_options, _topology, _kind, _publisher, _time, _logger) = (options, topology, kind, publisher, time, logger);
        _link = new RabbitMqLink(options, topology, $"receives {kind}", null, logger);
        _watching = WatchAsync(_end.Token);
    }

    /// <summary>How many messages are here: those that wait for a receiver, and those in the hands of one.</summary>
    public (int Waiting, int Leased) Count()
    {
        lock (_lock)
        {
            return (_urgent.Count(arrival => arrival.Session.IsOpen) + _routine.Count(arrival => arrival.Session.IsOpen), _held.Values.Count(holding => holding.Arrival.Session.IsOpen));
        }
    }

    /// <summary>Waits for a message; while the broker is away, for the broker.</summary>
    public async ValueTask<WorkDelivery> ReceiveAsync(TimeSpan lease, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                Task arrived = Volatile.Read(ref _arrived).Task; // Before looking, so that nothing that comes meanwhile is missed.

                // What waits in the broker already is asked for, urgent work first; from then on the broker sends.
                if (await TakeAsync(lease, pulls: !IsConsuming, cancellationToken) is { } delivery)
                {
                    return delivery;
                }

                RabbitMqSession session = await _link.UseAsync(ConsumeAsync, cancellationToken);
                await Task.WhenAny(arrived, session.Ended).WaitAsync(cancellationToken);
            }
            catch (ArchiveUnavailableException)
            {
                await Task.Delay(_options.Pause, _time, cancellationToken);
            }
        }
    }

    /// <summary>Takes a message if there is one.</summary>
    /// <exception cref="ArchiveUnavailableException">The broker is away.</exception>
    public ValueTask<WorkDelivery?> TryReceiveAsync(TimeSpan lease, CancellationToken cancellationToken) => TakeAsync(lease, pulls: true, cancellationToken);

    /// <summary>Takes a message that was delivered too often, if there is one.</summary>
    /// <exception cref="ArchiveUnavailableException">The broker is away.</exception>
    public async ValueTask<WorkDelivery?> TryReceiveDeadAsync(TimeSpan lease, CancellationToken cancellationToken)
    {
        while (await _link.UseAsync((session, token) => GetAsync(session, _topology.Dead(_kind), token), cancellationToken) is { } arrival)
        {
            if (RabbitMqMessage.Read(arrival.Body) is { } message)
            {
                // The broker does not tell how often; it is the limit that brought it here.
                return Hand(arrival, message, _options.MaximumDeliveries, lease);
            }

            await PutAsideAsync(arrival, cancellationToken);
        }

        return null;
    }

    /// <summary>Renews a lease; false when it is over.</summary>
    public bool Renew(string receipt, TimeSpan lease)
    {
        lock (_lock)
        {
            if (!_held.TryGetValue(receipt, out Holding? holding) || !holding.Arrival.Session.IsOpen)
            {
                return false;
            }

            _held[receipt] = holding with { Until = _time.GetUtcNow() + lease };
            return true;
        }
    }

    /// <summary>Acknowledges a message; false when its lease is over.</summary>
    public async ValueTask<bool> AcknowledgeAsync(string receipt, CancellationToken cancellationToken) => Take(receipt) is { } holding && await AcknowledgeAsync(holding.Arrival, cancellationToken);

    /// <summary>Sends a message anew for a later time, then acknowledges it; false when its lease is over.</summary>
    /// <exception cref="ArchiveUnavailableException">The broker is away or takes no messages; the message comes again when its lease is over.</exception>
    public async ValueTask<bool> RejectAsync(string receipt, TimeSpan delay, CancellationToken cancellationToken)
    {
        Holding? holding;
        lock (_lock)
        {
            holding = _held.GetValueOrDefault(receipt);
        }

        if (holding is null || !holding.Arrival.Session.IsOpen)
        {
            return false;
        }

        await _publisher.PublishAsync([(holding.Message with { NotBefore = delay > TimeSpan.Zero ? _time.GetUtcNow() + delay : null }, holding.Arrival.Returned)], cancellationToken);
        return await AcknowledgeAsync(receipt, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        await _link.DisposeAsync();
        _end.Dispose();
    }

    private bool IsConsuming => Volatile.Read(ref _consuming) is { IsOpen: true };

    private async ValueTask<WorkDelivery?> TakeAsync(TimeSpan lease, bool pulls, CancellationToken cancellationToken)
    {
        await GiveBackEndedAsync(cancellationToken);
        while ((TakeArrived() ?? (pulls ? await _link.UseAsync(GetAsync, cancellationToken) : null)) is { } arrival)
        {
            if (RabbitMqMessage.Read(arrival.Body) is not { } message || message.Kind != _kind)
            {
                await PutAsideAsync(arrival, cancellationToken);
            }
            else if (arrival.Returned >= _options.MaximumDeliveries)
            {
                // The broker counts from when the message was last sent; all in all it came too often.
                await DoAsync(arrival, token => arrival.Session.Channel.BasicRejectAsync(arrival.Tag, requeue: false, token), cancellationToken);
            }
            else if (message.NotBefore > _time.GetUtcNow())
            {
                await _publisher.PublishAsync([(message, arrival.Returned)], cancellationToken);
                await AcknowledgeAsync(arrival, cancellationToken);
            }
            else
            {
                return Hand(arrival, message, arrival.Returned + 1, lease);
            }
        }

        return null;
    }

    private WorkDelivery Hand(Arrival arrival, WorkMessage message, int deliveries, TimeSpan lease)
    {
        string receipt = Guid.NewGuid().ToString("N");
        DateTimeOffset until = _time.GetUtcNow() + lease;
        lock (_lock)
        {
            _held[receipt] = new Holding(arrival, message, until);
        }

        return new WorkDelivery(message with { NotBefore = null }, receipt, deliveries, until);
    }

    private Holding? Take(string receipt)
    {
        lock (_lock)
        {
            return _held.Remove(receipt, out Holding? holding) && holding.Arrival.Session.IsOpen ? holding : null;
        }
    }

    private Arrival? TakeArrived()
    {
        lock (_lock)
        {
            while (_urgent.TryDequeue(out Arrival? arrival) || _routine.TryDequeue(out arrival))
            {
                // What came by a lost connection comes again.
                if (arrival.Session.IsOpen)
                {
                    return arrival;
                }
            }

            return null;
        }
    }

    private async Task<Arrival?> GetAsync(RabbitMqSession session, CancellationToken cancellationToken) =>
        await GetAsync(session, _topology.Queue(_kind, isUrgent: true), cancellationToken) ?? await GetAsync(session, _topology.Queue(_kind, isUrgent: false), cancellationToken);

    private static async Task<Arrival?> GetAsync(RabbitMqSession session, string queue, CancellationToken cancellationToken) =>
        await session.Channel.BasicGetAsync(queue, autoAck: false, cancellationToken) is { } got
            ? new Arrival(session, got.DeliveryTag, got.Body.ToArray(), RabbitMqMessage.Returned(got.BasicProperties))
            : null;

    /// <summary>Has the broker send, if it does not already.</summary>
    private async Task<RabbitMqSession> ConsumeAsync(RabbitMqSession session, CancellationToken cancellationToken)
    {
        if (_consuming != session)
        {
            await session.Channel.BasicQosAsync(0, (ushort)_options.Prefetch(_kind), global: false, cancellationToken);
            await ConsumeAsync(session, _urgent, isUrgent: true, cancellationToken);
            await ConsumeAsync(session, _routine, isUrgent: false, cancellationToken);
            Volatile.Write(ref _consuming, session);
        }

        return session;
    }

    private async Task ConsumeAsync(RabbitMqSession session, Queue<Arrival> arrivals, bool isUrgent, CancellationToken cancellationToken)
    {
        AsyncEventingBasicConsumer consumer = new(session.Channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            lock (_lock)
            {
                arrivals.Enqueue(new Arrival(session, message.DeliveryTag, message.Body.ToArray(), RabbitMqMessage.Returned(message.BasicProperties)));
            }

            Interlocked.Exchange(ref _arrived, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
            return Task.CompletedTask;
        };
        consumer.UnregisteredAsync += (_, _) =>
        {
            // The queue was deleted, or its leader moves: it is declared again on a new session.
            session.End();
            return Task.CompletedTask;
        };
        await session.Channel.BasicConsumeAsync(_topology.Queue(_kind, isUrgent), autoAck: false, consumer, cancellationToken);
    }

    private async Task PutAsideAsync(Arrival arrival, CancellationToken cancellationToken)
    {
        Log.Unreadable(_logger, arrival.Body.Length, _topology.Unreadable);
        await _publisher.PutAsideAsync(arrival.Body, cancellationToken);
        await AcknowledgeAsync(arrival, cancellationToken);
    }

    private ValueTask<bool> AcknowledgeAsync(Arrival arrival, CancellationToken cancellationToken) =>
        DoAsync(arrival, token => arrival.Session.Channel.BasicAckAsync(arrival.Tag, multiple: false, token), cancellationToken);

    /// <summary>Tells the broker what became of a message; false when it cannot be told, and the message comes again.</summary>
    private async ValueTask<bool> DoAsync(Arrival arrival, Func<CancellationToken, ValueTask> tell, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_options.Timeout);
        try
        {
            await tell(deadline.Token);
            return true;
        }
        catch (Exception e) when (RabbitMqSession.IsAway(e))
        {
            arrival.Session.End();
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    /// <summary>Gives messages back whose leases have ended.</summary>
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            using PeriodicTimer timer = new(s_watch, _time);
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await GiveBackEndedAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The orderly end.
        }
    }

    private async ValueTask GiveBackEndedAsync(CancellationToken cancellationToken)
    {
        foreach (Arrival arrival in TakeEnded())
        {
            await DoAsync(arrival, token => arrival.Session.Channel.BasicNackAsync(arrival.Tag, multiple: false, requeue: true, token), cancellationToken);
        }
    }

    private List<Arrival> TakeEnded()
    {
        List<Arrival> back = [];
        DateTimeOffset now = _time.GetUtcNow();
        lock (_lock)
        {
            foreach ((string receipt, Holding holding) in _held)
            {
                if (!holding.Arrival.Session.IsOpen)
                {
                    _held.Remove(receipt);
                }
                else if (holding.Until <= now)
                {
                    _held.Remove(receipt);
                    back.Add(holding.Arrival);
                }
            }
        }

        return back;
    }

    /// <summary>A message as it came.</summary>
    private sealed record Arrival(RabbitMqSession Session, ulong Tag, byte[] Body, int Returned);

    /// <summary>A message in the hands of a receiver.</summary>
    private sealed record Holding(Arrival Arrival, WorkMessage Message, DateTimeOffset Until);
}
