using System.Net;
using System.Text.Json;

namespace MedicalAi.DicomWeb.Tests;

/// <summary>Reads answers as a client does.</summary>
internal static class Responses
{
    public static async Task<JsonElement> ReadJsonAsync(this HttpResponseMessage response)
    {
        using JsonDocument document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        return document.RootElement.Clone();
    }

    public static Task<byte[]> ReadBytesAsync(this HttpResponseMessage response) => response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);

    /// <summary>The headers and bytes of the parts, found by the boundary alone.</summary>
    public static async Task<List<(string Headers, byte[] Body)>> ReadPartsAsync(this HttpResponseMessage response)
    {
        string boundary = response.Content.Headers.ContentType!.Parameters.Single(parameter => parameter.Name == "boundary").Value!;
        byte[] body = await response.ReadBytesAsync();
        byte[] delimiter = System.Text.Encoding.ASCII.GetBytes("\r\n--" + boundary);
        List<(string, byte[])> parts = [];
        Assert.True(body.AsSpan().StartsWith(delimiter.AsSpan(2)));
        int position = delimiter.Length - 2;
        while (!body.AsSpan(position).StartsWith("--"u8))
        {
            int headerEnd = body.AsSpan(position).IndexOf("\r\n\r\n"u8);
            int end = body.AsSpan(position).IndexOf(delimiter);
            parts.Add((System.Text.Encoding.ASCII.GetString(body, position + 2, headerEnd - 2), body[(position + headerEnd + 4)..(position + end)]));
            position += end + delimiter.Length;
        }

        Assert.Equal("--\r\n"u8.ToArray(), body[position..]);
        return parts;
    }

    /// <summary>Asserts that an answer is problem details, and gives them.</summary>
    public static async Task<JsonElement> AssertProblemAsync(this HttpResponseMessage response, HttpStatusCode status)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        JsonElement problem = await response.ReadJsonAsync();
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.False(string.IsNullOrEmpty(problem.GetProperty("title").GetString()));
        Assert.False(string.IsNullOrEmpty(problem.GetProperty("detail").GetString()));
        return problem;
    }

    /// <summary>The first value of an attribute of DICOM JSON.</summary>
    public static JsonElement Value(this JsonElement dataSet, string tag) => dataSet.GetProperty(tag).GetProperty("Value")[0];
}
