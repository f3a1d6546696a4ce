using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace MedicalAi.DicomWeb;

/// <summary>Answers of DICOM JSON (PS3.18 annex F), compressed where the client takes it: nine tenths of metadata repeat themselves.</summary>
internal static class JsonBody
{
    /// <summary>What a client can get of a JSON resource; plain JSON for clients that know no other.</summary>
    public static IReadOnlyList<Offer> Offers { get; } = [new Offer(MediaTypes.DicomJson, false), new Offer(MediaTypes.Json, false)];

    /// <summary>The problem of a client that accepts none of <see cref="Offers"/>.</summary>
    public static Problem NotAcceptable() => Problem.NotAcceptable("This resource is answered as DICOM JSON only.", Offers);

    /// <summary>How JSON is written: never within a page, so that only what JSON itself asks for is escaped.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Sets the headers and opens the body; it is to be disposed of when all is written.</summary>
    public static Stream Open(DicomWebRequest request, Offer offer)
    {
        HttpResponse response = request.Response;
        response.ContentType = offer.MediaType;
        response.Headers.Append("Vary", "Accept, Accept-Encoding");
        if (!AcceptHeader.TakesGzip(request.Context.Request))
        {
            return new BufferedStream(response.Body, 16 * 1024);
        }

        response.Headers.ContentEncoding = "gzip";
        return new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
    }
}
