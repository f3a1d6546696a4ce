using Microsoft.Extensions.Logging;

namespace MedicalAi.Archive;

/// <summary>
/// The work queue on RabbitMQ: durable in quorum queues, published with confirms, acknowledged by hand. A message that waits may be
/// queued twice. A lost connection is opened again by the next use, and receivers wait for that; what was in hand comes again.
/// <see cref="CountAsync"/> counts as leased what receivers of this process hold, and cannot see what others hold.
/// </summary>
public sealed class RabbitMqWorkQueue : IWorkQueue, IAsyncDisposable
{
    private readonly RabbitMqTopology _topology;
    private readonly RabbitMqPublisher _publisher;
    private readonly RabbitMqLink _counter;
    private readonly RabbitMqReceiver[] _receivers;

    /// <summary>Makes the queue; nothing is connected before it is used.</summary>
    /// <param name="options">Where the broker is.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Takes what happens.</param>
    public RabbitMqWorkQueue(RabbitMqOptions options, TimeProvider time, ILogger<RabbitMqWorkQueue> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _topology = new RabbitMqTopology(options.Prefix, options.MaximumDeliveries);
        _publisher = new RabbitMqPublisher(options, _topology, time, logger);
        _counter = new RabbitMqLink(options, _topology, "counts", null, logger);
        _receivers = [.. Enum.GetValues<WorkKind>().Select(kind => new RabbitMqReceiver(options, _topology, kind, _publisher, time, logger))];
    }

    /// <inheritdoc />
    public async ValueTask PublishAsync(IReadOnlyList<WorkMessage> messages, CancellationToken cancellationToken) =>
        await _publisher.PublishAsync(messages.Distinct().Select(message => (message, 0)), cancellationToken);

    /// <inheritdoc />
    public ValueTask<WorkDelivery> ReceiveAsync(WorkKind kind, TimeSpan lease, CancellationToken cancellationToken) => Receiver(kind).ReceiveAsync(lease, cancellationToken);

    /// <inheritdoc />
    public ValueTask<WorkDelivery?> TryReceiveAsync(WorkKind kind, TimeSpan lease, CancellationToken cancellationToken) => Receiver(kind).TryReceiveAsync(lease, cancellationToken);

    /// <inheritdoc />
    public ValueTask<WorkDelivery?> TryReceiveDeadAsync(WorkKind kind, TimeSpan lease, CancellationToken cancellationToken) => Receiver(kind).TryReceiveDeadAsync(lease, cancellationToken);

    /// <inheritdoc />
    public ValueTask<bool> RenewAsync(WorkDelivery delivery, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        return ValueTask.FromResult(Receiver(delivery.Message.Kind).Renew(delivery.Receipt, lease));
    }

    /// <inheritdoc />
    public ValueTask<bool> AcknowledgeAsync(WorkDelivery delivery, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        return Receiver(delivery.Message.Kind).AcknowledgeAsync(delivery.Receipt, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<bool> RejectAsync(WorkDelivery delivery, TimeSpan delay, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        return Receiver(delivery.Message.Kind).RejectAsync(delivery.Receipt, delay, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<WorkQueueDepth> CountAsync(WorkKind kind, CancellationToken cancellationToken)
    {
        (uint waiting, uint dead) = await _counter.UseAsync(
            async (session, token) =>
            {
                uint waiting = 0;
                foreach (string queue in _topology.Waiting(kind))
                {
                    waiting += await session.Channel.MessageCountAsync(queue, token);
                }

                return (waiting, await session.Channel.MessageCountAsync(_topology.Dead(kind), token));
            },
            cancellationToken);
        if (_publisher.Blocked is { } reason)
        {
            throw new ArchiveUnavailableException($"The message broker takes no messages: {reason}.");
        }

        (int here, int leased) = Receiver(kind).Count();
        return new WorkQueueDepth(waiting + here, leased, dead);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (RabbitMqReceiver receiver in _receivers)
        {
            await receiver.DisposeAsync();
        }

        await _counter.DisposeAsync();
        await _publisher.DisposeAsync();
    }

    private RabbitMqReceiver Receiver(WorkKind kind) => _receivers[(int)kind];
}
