using System.Globalization;
using System.Text.Json;
using MedicalAi.Archive;

namespace MedicalAi.Gateway;

/// <summary>
/// <c>/api/changes</c>: what became visible, in its order, for systems that follow the archive; as pages that can be waited for, or as
/// server-sent events.
/// </summary>
internal static class ChangeEndpoints
{
    private const int MaximumRead = 10_000;
    private const string EventStream = "text/event-stream";
    private static readonly TimeSpan s_maximumWait = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_signOfLife = TimeSpan.FromSeconds(15);

    /// <summary>Maps the endpoint.</summary>
    public static void MapChanges(this IEndpointRouteBuilder api) => api.MapGet("/changes", AnswerAsync);

    private static async Task<IResult> AnswerAsync(HttpContext context, IStudyIndex studies, ChangeFeed feed, IHostApplicationLifetime lifetime)
    {
        bool isStream = context.Request.GetTypedHeaders().Accept.Any(accept => accept.MediaType.Equals(EventStream, StringComparison.OrdinalIgnoreCase));
        if (ReadRequest(context.Request, isStream, out ChangesRequest request) is { } wrong)
        {
            return ProblemResource.Result(StatusCodes.Status400BadRequest, "Bad request", wrong);
        }

        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            return await AnswerRequestAsync(context, request, isStream, studies, feed, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The follower has gone, or the gateway stops: an event stream ends, and who waits for a page asks again.
            return context.Response.HasStarted ? Results.Empty : ProblemResource.Result(StatusCodes.Status503ServiceUnavailable, "Unavailable", "The gateway stops.");
        }
    }

    private static async Task<IResult> AnswerRequestAsync(HttpContext context, ChangesRequest request, bool isStream, IStudyIndex studies, ChangeFeed feed, CancellationToken cancellationToken)
    {
        long last = await studies.FindLastChangeAsync(cancellationToken);
        if (request.After > last)
        {
            return ProblemResource.Result(StatusCodes.Status409Conflict, "Conflict", string.Create(CultureInfo.InvariantCulture, $"The change log ends at {last}: 'after' is from another one. Read again from the beginning."));
        }

        request = request with { After = request.After ?? last };
        context.Response.Headers.CacheControl = "no-store";
        if (!isStream && request.Wait == TimeSpan.Zero)
        {
            return Results.Json(await ReadAsync(request, studies, cancellationToken), ApiJson.Default.ChangesResource);
        }

        if (!feed.TryJoin())
        {
            context.Response.Headers.RetryAfter = "5";
            return ProblemResource.Result(StatusCodes.Status503ServiceUnavailable, "Unavailable", "Too many follow the changes at present.");
        }

        try
        {
            if (!isStream)
            {
                return Results.Json(await WaitAsync(request, studies, feed, cancellationToken), ApiJson.Default.ChangesResource);
            }

            await SendEventsAsync(context.Response, request, studies, feed, cancellationToken);
            return Results.Empty;
        }
        finally
        {
            feed.Leave();
        }
    }

    /// <summary>The next page; one without changes when so many were passed over that the follower should hear how far it is.</summary>
    private static async Task<ChangesResource> ReadAsync(ChangesRequest request, IStudyIndex studies, CancellationToken cancellationToken)
    {
        List<ChangeResource> changes = [];
        long next = request.After!.Value;
        for (int read = 0; read < MaximumRead;)
        {
            IReadOnlyList<ChangeRow> rows = await studies.ReadChangesAsync(next, request.Limit, cancellationToken);
            foreach (ChangeRow row in rows)
            {
                next = row.Sequence;
                if (request.Kinds.Count == 0 || request.Kinds.Contains(row.Kind))
                {
                    changes.Add(ChangeResource.From(row));
                    if (changes.Count == request.Limit)
                    {
                        return new ChangesResource(changes, next, HasMore: true);
                    }
                }
            }

            if (rows.Count < request.Limit)
            {
                return new ChangesResource(changes, next, HasMore: false);
            }

            read += rows.Count;
        }

        return new ChangesResource(changes, next, HasMore: true);
    }

    private static async Task<ChangesResource> WaitAsync(ChangesRequest request, IStudyIndex studies, ChangeFeed feed, CancellationToken cancellationToken)
    {
        long end = Environment.TickCount64 + (long)request.Wait.TotalMilliseconds;
        while (true)
        {
            ChangesResource page = await ReadAsync(request, studies, cancellationToken);
            TimeSpan rest = TimeSpan.FromMilliseconds(Math.Max(0, end - Environment.TickCount64));
            if (page.Changes.Count > 0 || page.HasMore || !await feed.WaitAsync(page.Next, rest, cancellationToken))
            {
                return page;
            }

            request = request with { After = page.Next };
        }
    }

    private static async Task SendEventsAsync(HttpResponse response, ChangesRequest request, IStudyIndex studies, ChangeFeed feed, CancellationToken cancellationToken)
    {
        response.ContentType = EventStream;
        response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold them back.
        await response.WriteAsync("retry: 2000\n\n", cancellationToken);
        while (true)
        {
            ChangesResource page = await ReadAsync(request, studies, cancellationToken);
            foreach (ChangeResource change in page.Changes)
            {
                await response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"id: {change.Sequence}\nevent: {change.Kind}\ndata: {JsonSerializer.Serialize(change, ApiJson.Default.ChangeResource)}\n\n"), cancellationToken);
            }

            if (page.Changes.Count == 0)
            {
                // A comment shows both ends that the other is there; the number lets who comes again pass over what does not concern it.
                await response.WriteAsync(page.Next == request.After ? ":\n\n" : string.Create(CultureInfo.InvariantCulture, $"id: {page.Next}\n\n"), cancellationToken);
            }

            await response.Body.FlushAsync(cancellationToken);
            request = request with { After = page.Next };
            if (!page.HasMore)
            {
                await feed.WaitAsync(page.Next, s_signOfLife, cancellationToken);
            }
        }
    }

    private static string? ReadRequest(HttpRequest http, bool isStream, out ChangesRequest request)
    {
        request = new ChangesRequest(0, 100, TimeSpan.Zero, []);
        foreach ((string name, string value) in http.Query.Select(parameter => (parameter.Key, parameter.Value.ToString())))
        {
            switch (name)
            {
                case "after" when value == "latest":
                    request = request with { After = null };
                    break;
                case "after" when TryReadNumber(value, out long after):
                    request = request with { After = after };
                    break;
                case "limit" when QueryValue.TryReadLimit(value, out int limit):
                    request = request with { Limit = limit };
                    break;
                case "wait" when TryReadNumber(value, out long wait) && wait <= s_maximumWait.TotalSeconds:
                    request = request with { Wait = TimeSpan.FromSeconds(wait) };
                    break;
                case "kind" when value.Length is > 0 and <= 400 && value.All(c => char.IsAsciiLetterLower(c) || c is '-' or ','):
                    request = request with { Kinds = value.Split(',', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal) };
                    break;
                case "after" or "limit" or "wait" or "kind":
                    return $"The value of '{name}' is not valid: after is a number or 'latest', limit 1 to 1000, wait 0 to 60 seconds, kind names such as instance-stored by commas.";
                default:
                    return "A parameter is not known; known are after, limit, wait and kind.";
            }
        }

        // What a browser says when it comes again.
        if (isStream && http.Headers["Last-Event-ID"].ToString() is { Length: > 0 } id)
        {
            if (!TryReadNumber(id, out long after))
            {
                return "Last-Event-ID is none of ours.";
            }

            request = request with { After = after };
        }

        return null;
    }

    private static bool TryReadNumber(string value, out long number) => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>What is asked for.</summary>
    /// <param name="After">The sequence number that was read last; null for what comes from now on.</param>
    /// <param name="Limit">The most changes of a page.</param>
    /// <param name="Wait">How long to wait for the first.</param>
    /// <param name="Kinds">The kinds that are wanted; none for all.</param>
    private sealed record ChangesRequest(long? After, int Limit, TimeSpan Wait, HashSet<string> Kinds);
}
