using System.Globalization;
using RabbitMQ.Client;

namespace MedicalAi.Archive;

/// <summary>
/// The queues and exchanges, and their arguments; declared here only, since a declaration with other arguments is refused. All
/// queues are quorum queues. For each kind of work there are a queue for urgent and one for routine work, whose messages go to a
/// third, <c>dead</c>, when their receivers die too often; and a few in which messages wait for their time.
/// </summary>
internal sealed class RabbitMqTopology(string prefix, int maximumDeliveries)
{
    /// <summary>How long the queues of waiting messages hold them. A longer wait is several of these.</summary>
    private static readonly int[] s_delays = [1, 5, 30, 180];

    /// <summary>The queue of messages that are none of ours.</summary>
    public string Unreadable => $"{prefix}.unreadable";

    /// <summary>The queue of a message. PS3.3's priorities HIGH and STAT share the one that goes first.</summary>
    public string Queue(WorkKind kind, TaskPriority priority) => Queue(kind, isUrgent: priority >= TaskPriority.High);

    /// <summary>The queue of urgent, or of routine, work.</summary>
    public string Queue(WorkKind kind, bool isUrgent) => $"{prefix}.{Name(kind)}.{(isUrgent ? "stat" : "routine")}";

    /// <summary>The queue of messages that were delivered too often.</summary>
    public string Dead(WorkKind kind) => $"{prefix}.{Name(kind)}.dead";

    /// <summary>All queues in which messages of a kind wait, those that wait for their time included.</summary>
    public IEnumerable<string> Waiting(WorkKind kind) => [Queue(kind, isUrgent: true), Queue(kind, isUrgent: false), .. s_delays.Select(delay => DelayQueue(kind, delay))];

    /// <summary>The exchange by which a message waits for at most so long, if it is more than a second; the routing key is the queue that it comes to then.</summary>
    public string Delay(TimeSpan atMost) => DelayExchange(Array.FindLast(s_delays, delay => delay <= atMost.TotalSeconds) is > 0 and int found ? found : s_delays[0]);

    /// <summary>Declares all of it.</summary>
    public async Task DeclareAsync(IChannel channel, CancellationToken cancellationToken)
    {
        foreach (int delay in s_delays)
        {
            await channel.ExchangeDeclareAsync(DelayExchange(delay), ExchangeType.Direct, durable: true, autoDelete: false, cancellationToken: cancellationToken);
        }

        foreach (WorkKind kind in Enum.GetValues<WorkKind>())
        {
            await DeclareAsync(channel, Dead(kind), [], cancellationToken);
            foreach (bool isUrgent in new[] { true, false })
            {
                Dictionary<string, object?> limits = ToDefaultExchange(Dead(kind));
                limits["x-delivery-limit"] = maximumDeliveries - 1; // Of coming back: the first delivery is not one of them.
                await DeclareAsync(channel, Queue(kind, isUrgent), limits, cancellationToken);
            }

            foreach (int delay in s_delays)
            {
                // The routing key stays what it was: the queue to come to.
                Dictionary<string, object?> arguments = ToDefaultExchange(null);
                arguments["x-message-ttl"] = delay * 1000;
                await DeclareAsync(channel, DelayQueue(kind, delay), arguments, cancellationToken);
                foreach (bool isUrgent in new[] { true, false })
                {
                    await channel.QueueBindAsync(DelayQueue(kind, delay), DelayExchange(delay), Queue(kind, isUrgent), cancellationToken: cancellationToken);
                }
            }
        }

        await DeclareAsync(channel, Unreadable, [], cancellationToken);
    }

    private static Dictionary<string, object?> ToDefaultExchange(string? queue)
    {
        Dictionary<string, object?> arguments = new()
        {
            ["x-dead-letter-exchange"] = "",
            ["x-dead-letter-strategy"] = "at-least-once",
            ["x-overflow"] = "reject-publish",
        };
        if (queue is not null)
        {
            arguments["x-dead-letter-routing-key"] = queue;
        }

        return arguments;
    }

    private static async Task DeclareAsync(IChannel channel, string queue, Dictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        arguments["x-queue-type"] = "quorum";
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
    }

    private static string Name(WorkKind kind) => kind == WorkKind.Infer ? "infer" : "report";

    private string DelayExchange(int seconds) => string.Create(CultureInfo.InvariantCulture, $"{prefix}.delay.{seconds}s");

    private string DelayQueue(WorkKind kind, int seconds) => string.Create(CultureInfo.InvariantCulture, $"{prefix}.{Name(kind)}.delay.{seconds}s");
}
