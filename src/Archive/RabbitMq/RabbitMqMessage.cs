using System.Text.Json;
using System.Text.Json.Serialization;
using RabbitMQ.Client;

namespace MedicalAi.Archive;

/// <summary>A message as it is in the broker: JSON that an operator can read, and how often receivers ended without a word before it was sent anew.</summary>
internal static class RabbitMqMessage
{
    private const string DeliveriesHeader = "gateway-deliveries";
    private const string BrokersHeader = "x-delivery-count";

    /// <summary>Writes the body.</summary>
    public static byte[] Write(WorkMessage message) => JsonSerializer.SerializeToUtf8Bytes(new Body(message.Kind, message.TaskId, message.Priority, message.NotBefore), RabbitMqJson.Default.Body);

    /// <summary>The properties of a message that is to outlive the broker.</summary>
    /// <param name="message">The message.</param>
    /// <param name="deliveries">How often it was delivered before and its receiver ended without a word.</param>
    public static BasicProperties Properties(WorkMessage message, int deliveries) => new()
    {
        Persistent = true,
        ContentType = "application/json",
        Type = message.Kind.ToString(),
        MessageId = message.TaskId.ToString("D"),
        Headers = deliveries > 0 ? new Dictionary<string, object?> { [DeliveriesHeader] = deliveries } : null,
    };

    /// <summary>Reads the body; null when it is none of ours.</summary>
    public static WorkMessage? Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, RabbitMqJson.Default.Body) is { } body && Enum.IsDefined(body.Kind) && Enum.IsDefined(body.Priority)
                ? new WorkMessage(body.Kind, body.TaskId, body.Priority, body.NotBefore)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>How often it was delivered and came back, before this time.</summary>
    public static int Returned(IReadOnlyBasicProperties properties) => Number(properties, DeliveriesHeader) + Number(properties, BrokersHeader);

    private static int Number(IReadOnlyBasicProperties properties, string header) => properties.Headers is { } headers && headers.TryGetValue(header, out object? value)
        ? value switch
        {
            int number => Math.Max(0, number),
            long number => (int)Math.Clamp(number, 0, int.MaxValue / 2),
            _ => 0,
        }
        : 0;

    internal sealed record Body(
        [property: JsonRequired] WorkKind Kind,
        [property: JsonRequired] Guid TaskId,
        [property: JsonRequired] TaskPriority Priority,
        DateTimeOffset? NotBefore);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RabbitMqMessage.Body))]
internal sealed partial class RabbitMqJson : JsonSerializerContext;
