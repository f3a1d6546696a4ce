using System.Text.Json;
using System.Text.Json.Serialization;
using MedicalAi.Archive;

namespace MedicalAi.DicomScp;

/// <summary>The file of the registry as JSON; <c>docs/aes.schema.json</c> says the same for people and editors.</summary>
internal sealed class RegistryFile
{
    [JsonPropertyName("$schema")]
    public string? Schema { get; set; }

    public UnknownCallers UnknownCallers { get; set; }

    public List<string> Aliases { get; set; } = [];

    public List<EntityEntry> Entities { get; set; } = [];

    public List<RuleEntry> Rules { get; set; } = [];
}

/// <summary>What happens to callers that the file does not name.</summary>
internal enum UnknownCallers
{
    Accept,
    Refuse,
}

/// <summary>An application entity in the file.</summary>
internal sealed class EntityEntry
{
    public required string AeTitle { get; set; }

    public string? Description { get; set; }

    public string? Host { get; set; }

    public int? Port { get; set; }

    public TlsEntry? Tls { get; set; }

    public int? MaximumPduLength { get; set; }

    public List<string> Addresses { get; set; } = [];

    public List<AePermissions>? Permissions { get; set; }

    public int? MaximumAssociations { get; set; }

    public SendingEntry? Sending { get; set; }
}

/// <summary>TLS with a destination, in the file; relative names of files count from its folder.</summary>
internal sealed class TlsEntry
{
    public string? Ca { get; set; }

    public string? Certificate { get; set; }

    public string? Key { get; set; }
}

/// <summary>How instances are forwarded to a destination, in the file.</summary>
internal sealed class SendingEntry
{
    public int? Associations { get; set; }

    public double? IdleSeconds { get; set; }

    public double? InstancesPerSecond { get; set; }

    public double? MegabytesPerSecond { get; set; }

    public WindowEntry? Window { get; set; }

    public double? FirstRetrySeconds { get; set; }

    public double? LongestRetrySeconds { get; set; }

    public int? MaximumAttempts { get; set; }

    public double? GiveUpAfterHours { get; set; }

    public bool Commitment { get; set; }

    public double? CommitmentHours { get; set; }

    public int? OperationsWindow { get; set; }
}

/// <summary>Hours of some days, in the file.</summary>
internal sealed class WindowEntry
{
    public required string From { get; set; }

    public required string To { get; set; }

    public List<WeekDay>? Days { get; set; }
}

/// <summary>The days of the week, in the order of <see cref="DayOfWeek"/>.</summary>
internal enum WeekDay
{
    Sun,
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
}

/// <summary>What is forwarded, in the file.</summary>
internal sealed class RuleEntry
{
    public required string Name { get; set; }

    public required List<string> To { get; set; }

    public Dictionary<string, OneOrMore> Match { get; set; } = [];

    public List<string> Callers { get; set; } = [];

    public ForwardSource Source { get; set; }

    public ForwardWhen When { get; set; }

    public WindowEntry? Window { get; set; }

    public TaskPriority Priority { get; set; } = TaskPriority.Routine;

    public bool MayReturn { get; set; }
}

/// <summary>A text, or a list of them.</summary>
[JsonConverter(typeof(OneOrMoreConverter))]
internal sealed record OneOrMore(IReadOnlyList<string> Values);

internal sealed class OneOrMoreConverter : JsonConverter<OneOrMore>
{
    // So that null is refused.
    public override bool HandleNull => true;

    public override OneOrMore Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return new OneOrMore([reader.GetString()!]);
        }

        List<string> values = [];
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                values.Add(reader.GetString()!);
            }
        }

        return reader.TokenType == JsonTokenType.EndArray && values.Count > 0 ? new OneOrMore(values) : throw new JsonException("A text, or a list of one or more texts, is wanted.");
    }

    public override void Write(Utf8JsonWriter writer, OneOrMore value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (string one in value.Values)
        {
            writer.WriteStringValue(one);
        }

        writer.WriteEndArray();
    }
}

/// <summary>Strict: a member that is not known is an error, so that a slip of the pen is not passed over. No comments, as a change by the API would lose them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false,
    MaxDepth = 16,
    Converters =
    [
        typeof(CamelCaseNames<AePermissions>), typeof(CamelCaseNames<UnknownCallers>), typeof(CamelCaseNames<WeekDay>), typeof(CamelCaseNames<ForwardSource>), typeof(CamelCaseNames<ForwardWhen>),
        typeof(CamelCaseNames<TaskPriority>),
    ])]
[JsonSerializable(typeof(RegistryFile))]
internal sealed partial class RegistryFormat : JsonSerializerContext;

/// <summary>The values of an enumeration by their names.</summary>
internal sealed class CamelCaseNames<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
