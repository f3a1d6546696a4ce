using System.Text.Json;
using System.Text.Json.Serialization;

namespace MedicalAi.DicomScp;

/// <summary>The file of the registry as JSON; <c>docs/aes.schema.json</c> says the same for people and editors.</summary>
internal sealed class RegistryFile
{
    [JsonPropertyName("$schema")]
    public string? Schema { get; set; }

    public UnknownCallers UnknownCallers { get; set; }

    public List<string> Aliases { get; set; } = [];

    public List<EntityEntry> Entities { get; set; } = [];
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

    public TlsFiles? Tls { get; set; }

    public int? MaximumPduLength { get; set; }

    public List<string> Addresses { get; set; } = [];

    public List<AePermissions>? Permissions { get; set; }

    public int? MaximumAssociations { get; set; }
}

/// <summary>Strict: a member that is not known is an error, so that a slip of the pen is not passed over. No comments, as a change by the API would lose them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false,
    MaxDepth = 16,
    Converters = [typeof(CamelCaseNames<AePermissions>), typeof(CamelCaseNames<UnknownCallers>)])]
[JsonSerializable(typeof(RegistryFile))]
internal sealed partial class RegistryFormat : JsonSerializerContext;

/// <summary>The values of an enumeration by their names.</summary>
internal sealed class CamelCaseNames<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
