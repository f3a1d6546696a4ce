using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace MedicalAi.Archive;

/// <summary>Sends messages and waits until the broker has confirmed them, on a connection of its own, because a broker that is full stops to read from those that send.</summary>
internal sealed class RabbitMqPublisher(RabbitMqOptions options, RabbitMqTopology topology, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int MaximumUnconfirmed = 256;

    private readonly RabbitMqLink _link = new(
        options,
        topology,
        "publishes",
        new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: new ThrottlingRateLimiter(MaximumUnconfirmed)),
        logger);

    /// <summary>Why the broker takes no messages at present; null when it does, or is away.</summary>
    public string? Blocked => _link.Blocked;

    /// <summary>Sends a message to its queue, or to where it waits for its time.</summary>
    /// <param name="messages">The messages, with how often each was delivered before and its receiver ended without a word.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArchiveUnavailableException">The broker is away or takes no messages; some of them may have been taken all the same.</exception>
    public Task PublishAsync(IEnumerable<(WorkMessage Message, int Returned)> messages, CancellationToken cancellationToken) => SendAsync([.. messages.Select(item => Outgoing(item.Message, item.Returned))], cancellationToken);

    /// <summary>Puts aside what is no message of ours.</summary>
    /// <exception cref="ArchiveUnavailableException">The broker is away or takes no messages.</exception>
    public Task PutAsideAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        SendAsync([new Letter("", topology.Unreadable, new BasicProperties { Persistent = true }, body)], cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private Letter Outgoing(WorkMessage message, int returned)
    {
        string queue = topology.Queue(message.Kind, message.Priority);
        TimeSpan wait = message.NotBefore is { } notBefore ? notBefore - time.GetUtcNow() : TimeSpan.Zero;
        return new Letter(wait > TimeSpan.Zero ? topology.Delay(wait) : "", queue, RabbitMqMessage.Properties(message, returned), RabbitMqMessage.Write(message));
    }

    private async Task SendAsync(Letter[] letters, CancellationToken cancellationToken) => await _link.UseAsync(
        async (session, token) =>
        {
            if (session.Blocked is { } reason)
            {
                throw new ArchiveUnavailableException($"The message broker takes no messages: {reason}.");
            }

            // Each ends with its confirm; one that no queue takes is an error.
            await Task.WhenAll(letters.Select(letter => session.Channel.BasicPublishAsync(letter.Exchange, letter.Queue, mandatory: true, letter.Properties, letter.Body, token).AsTask()));
            return true;
        },
        cancellationToken);

    private sealed record Letter(string Exchange, string Queue, BasicProperties Properties, ReadOnlyMemory<byte> Body);
}
