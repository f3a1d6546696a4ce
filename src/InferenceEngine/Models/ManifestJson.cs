using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace MedicalAi.InferenceEngine;

/// <summary>The JSON of manifests, strict: a member that is not known is an error, so that a slip of the pen is not passed over.</summary>
internal static partial class ManifestJson
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

    private static readonly JsonDocumentOptions s_documentOptions = new()
    {
        CommentHandling = s_options.ReadCommentHandling,
        AllowTrailingCommas = s_options.AllowTrailingCommas,
        MaxDepth = s_options.MaxDepth,
    };

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="JsonException">It is not one; path and line say where.</exception>
    public static ModelManifest Read(ReadOnlyMemory<byte> utf8)
    {
        ModelManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<ModelManifest>(utf8.Span, s_options) ?? throw new JsonException("The manifest is null.", "$", null, null);
        }
        catch (NotSupportedException e)
        {
            // What the serializer throws for a step without its name; the place stands in its message.
            Match place = Place().Match(e.Message);
            throw new JsonException("A step needs the member \"step\", its name.", place.Success ? place.Groups[1].Value : "$", null, null, e);
        }

        using JsonDocument document = JsonDocument.Parse(utf8, s_documentOptions);
        RefuseNullItems(document.RootElement, "$");
        return manifest;
    }

    // The serializer knows which members may be null, but not which items.
    private static void RefuseNullItems(JsonElement element, string path)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in element.EnumerateObject())
            {
                RefuseNullItems(member.Value, $"{path}.{member.Name}");
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            int index = 0;
            foreach (JsonElement item in element.EnumerateArray())
            {
                string place = $"{path}[{index++}]";
                if (item.ValueKind == JsonValueKind.Null)
                {
                    throw new JsonException("An item of a list is never null.", place, null, null);
                }

                RefuseNullItems(item, place);
            }
        }
    }

    [GeneratedRegex(@"Path: (\$[^ |]*)")]
    private static partial Regex Place();
}
