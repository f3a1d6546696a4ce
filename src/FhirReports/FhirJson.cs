using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Hl7.Fhir.Introspection;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace MedicalAi.FhirReports;

/// <summary>FHIR resources as JSON. The same resource gives the same bytes.</summary>
internal static class FhirJson
{
    private static readonly ModelInspector s_inspector = ModelInfo.ModelInspector;
    private static readonly BaseFhirJsonSerializer s_serializer = new(s_inspector);
    private static readonly JsonSerializerOptions s_reading = new JsonSerializerOptions().ForFhir(s_inspector);

    /// <summary>The resource in UTF-8.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="filter">Makes what chooses the elements to write; null for all.</param>
    /// <param name="pretty">Whether it is for people to read.</param>
    public static ReadOnlyMemory<byte> Write(Resource resource, Func<SerializationFilter>? filter = null, bool pretty = false)
    {
        ArrayBufferWriter<byte> output = new(4096);

        // Names in every script stay readable; the content type is never HTML.
        using (Utf8JsonWriter writer = new(output, new JsonWriterOptions { Indented = pretty, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            s_serializer.Serialize(resource, writer, filter);
        }

        return output.WrittenMemory;
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is not a resource.</exception>
    public static Resource Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<Resource>(json.Span, s_reading) ?? throw new InvalidDataException("The stored FHIR resource is null.");
        }
        catch (Exception e) when (e is JsonException or DeserializationFailedException)
        {
            throw new InvalidDataException("The stored FHIR resource cannot be read.", e);
        }
    }
}
