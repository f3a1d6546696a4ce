using System.Text.Json;
using System.Text.Json.Serialization;

namespace MedicalAi.InferenceEngine;

/// <summary>The JSON of manifests, strict: a member that is not known is an error, so that a slip of the pen is not passed over.</summary>
internal static class ManifestJson
{
    // Not generated at build time: generated code would set members that a manifest leaves out to null instead of their defaults.
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        AllowOutOfOrderMetadataProperties = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        MaxDepth = 16,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="JsonException">It is not one; path and line say where.</exception>
    public static ModelManifest Read(ReadOnlySpan<byte> utf8) =>
        JsonSerializer.Deserialize<ModelManifest>(utf8, s_options) ?? throw new JsonException("The manifest is null.", "$", null, null);
}
