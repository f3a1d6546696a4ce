using System.Text.Json;

namespace MedicalAi.DicomWeb;

/// <summary>Retrieve Capabilities (PS3.18 8.9), as JSON.</summary>
internal static class Capabilities
{
    private static readonly Offer[] s_offers = [new(MediaTypes.Json, false)];

    /// <summary>Answers with the resources that there are.</summary>
    public static async Task<Problem?> AnswerAsync(DicomWebRequest request)
    {
        if (request.Accept.Choose(s_offers) is null)
        {
            return Problem.NotAcceptable("The capabilities are told as JSON only.", s_offers);
        }

        request.Response.ContentType = MediaTypes.Json;
        request.Response.Headers.Allow = "GET, HEAD, OPTIONS";
        await using Utf8JsonWriter writer = new(request.Response.Body, JsonBody.WriterOptions);
        writer.WriteStartObject();
        writer.WriteStartArray("resources");
        foreach (DicomWebResource resource in DicomWebResource.All)
        {
            writer.WriteStartObject();
            writer.WriteString("path", request.BaseUrl + resource.Template.Replace("{**", "{", StringComparison.Ordinal));
            writer.WriteString("method", resource.Method);
            writer.WriteString("transaction", resource.Transaction.ToString());
            WriteList(writer, "accepts", resource.RequestMediaTypes);
            WriteList(writer, "answers", resource.ResponseMediaTypes);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        return null;
    }

    private static void WriteList(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        writer.WriteStartArray(name);
        foreach (string value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
