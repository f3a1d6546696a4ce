using System.Globalization;
using System.Text.Json;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using Microsoft.AspNetCore.Http;

namespace MedicalAi.DicomWeb;

/// <summary>Search, QIDO-RS (PS3.18 10.6).</summary>
/// <param name="index">The index.</param>
/// <param name="options">The settings.</param>
internal sealed class SearchHandler(IStudyIndex index, DicomWebOptions options)
{
    // So many matches are looked at before the headers are sent: nearly all searches end within them, and then need no count.
    private const int LookAhead = 200;
    private const int BlockLength = 32 * 1024;

    /// <summary>Answers a search at one level.</summary>
    public async Task<Problem?> SearchAsync(DicomWebRequest request, IndexLevel level)
    {
        if (request.Accept.Choose(JsonBody.Offers) is not { } offer)
        {
            return JsonBody.NotAcceptable();
        }

        if (SearchQuery.Parse(level, request, options.MaximumResults, out Problem? problem) is not { } query)
        {
            return problem;
        }

        query = query with { Query = query.Query with { IncludeMetadata = MatchWriter.NeedsMetadata(query) } };
        await using IAsyncEnumerator<IndexMatch> matches = index.FindAsync(query.Query, request.Aborted).GetAsyncEnumerator(request.Aborted);
        List<IndexMatch> first = [];
        while (first.Count < LookAhead && await matches.MoveNextAsync())
        {
            first.Add(matches.Current);
        }

        WarnOfUnsupported(request, query);
        if (first.Count == LookAhead || first.Count == query.Query.Limit)
        {
            await WarnOfMoreAsync(request, query.Query);
        }

        request.Response.Headers.CacheControl = "no-cache";
        if (first.Count == 0)
        {
            request.Response.StatusCode = StatusCodes.Status204NoContent;
            return null;
        }

        await WriteAsync(request, query, offer, first, matches);
        return null;
    }

    private static async Task WriteAsync(DicomWebRequest request, SearchQuery query, Offer offer, List<IndexMatch> first, IAsyncEnumerator<IndexMatch> rest)
    {
        using MatchWriter match = new(request, query);
        await using Stream body = JsonBody.Open(request, offer);
        if (request.IsHead)
        {
            return;
        }

        await using Utf8JsonWriter writer = new(body, JsonBody.WriterOptions);
        writer.WriteStartArray();
        foreach (IndexMatch one in first)
        {
            await AddAsync(one);
        }

        while (first.Count == LookAhead && await rest.MoveNextAsync())
        {
            await AddAsync(rest.Current);
        }

        writer.WriteEndArray();

        async ValueTask AddAsync(IndexMatch one)
        {
            match.Write(writer, one);
            if (writer.BytesPending > BlockLength)
            {
                await writer.FlushAsync(request.Aborted);
            }
        }
    }

    /// <summary>PS3.18 8.3.4.4: the client is told how many matches are left.</summary>
    private async ValueTask WarnOfMoreAsync(DicomWebRequest request, IndexQuery query)
    {
        long left = await index.CountAsync(query, request.Aborted) - query.Offset - query.Limit;
        if (left > 0)
        {
            Warn(request, string.Create(CultureInfo.InvariantCulture, $"There are {left} additional results that can be requested"));
        }
    }

    private void WarnOfUnsupported(DicomWebRequest request, SearchQuery query)
    {
        HashSet<DicomTag> unsupported = [.. index.FindUnsupported(query.Query)];
        string[] names = [.. query.Keys.Where(key => unsupported.Contains(key.Tag)).Select(key => key.Name), .. query.Ignored];
        if (names.Length > 0)
        {
            Warn(request, $"These parameters are not supported and were passed over: {string.Join(", ", names.Distinct())}");
        }
    }

    private static void Warn(DicomWebRequest request, string text) => request.Response.Headers.Append("Warning", $"299 {request.BaseUrl}: \"{text}\"");
}
