using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace MedicalAi.DicomWeb;

/// <summary>Why a request got no answer: problem details (RFC 9457). Never holds patient data.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">What kind of problem, the same for all of the kind.</param>
/// <param name="Detail">What was wrong with this request.</param>
internal sealed record Problem(int Status, string Title, string Detail)
{
    // Headers that may have been set for an answer that then could not be given.
    private static readonly string[] s_ofTheAnswer = ["Accept-Ranges", "Cache-Control", "Content-Encoding", "Content-Length", "ETag"];

    /// <summary>The representations that can be had instead (406) or that are taken (415).</summary>
    public IReadOnlyList<string> Offers { get; init; } = [];

    /// <summary>After how many seconds the request may succeed.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The methods that the resource has (405).</summary>
    public string? Allow { get; init; }

    public static Problem BadRequest(string detail) => new(StatusCodes.Status400BadRequest, "Bad request", detail);

    public static Problem NotFound(string detail) => new(StatusCodes.Status404NotFound, "Not found", detail);

    public static Problem NotAcceptable(string detail, params IEnumerable<Offer> offers) =>
        new(StatusCodes.Status406NotAcceptable, "Not acceptable", detail) { Offers = [.. offers.Select(offer => offer.ToString())] };

    public static Problem UnsupportedMediaType(string detail, params IReadOnlyList<string> taken) =>
        new(StatusCodes.Status415UnsupportedMediaType, "Unsupported media type", detail) { Offers = taken };

    public static Problem Unavailable(string detail) =>
        new(StatusCodes.Status503ServiceUnavailable, "Service unavailable", detail) { RetryAfter = 10 };

    /// <summary>Answers with it.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        response.StatusCode = Status;
        response.ContentType = MediaTypes.Problem;
        foreach (string name in s_ofTheAnswer)
        {
            response.Headers.Remove(name);
        }

        if (RetryAfter is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (Allow is not null)
        {
            response.Headers.Allow = Allow;
        }

        using (Utf8JsonWriter writer = new(response.BodyWriter, JsonBody.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("type", "about:blank");
            writer.WriteString("title", Title);
            writer.WriteNumber("status", Status);
            writer.WriteString("detail", Detail);
            if (Offers.Count > 0)
            {
                writer.WriteStartArray(Status == StatusCodes.Status415UnsupportedMediaType ? "accepted" : "available");
                foreach (string offer in Offers)
                {
                    writer.WriteStringValue(offer);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
