using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MedicalAi.Archive;
using MedicalAi.Dicom.Network;
using MedicalAi.DicomScp;

namespace MedicalAi.Gateway;

/// <summary><c>/api/destinations</c>: the destinations of the AE registry, and whether they answer.</summary>
internal static class DestinationEndpoints
{
    // An entry is a few hundred bytes.
    private const int MaximumLength = 64 * 1024;
    private static readonly TimeSpan s_echoLimit = TimeSpan.FromSeconds(10);
    private static readonly JsonDocumentOptions s_strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    /// <summary>Maps the endpoints.</summary>
    public static void MapDestinations(this IEndpointRouteBuilder api)
    {
        api.MapGet("/destinations", ListAsync);
        api.MapGet("/destinations/{title}", FindAsync);
        api.MapPut("/destinations/{title}", PutAsync);
        api.MapDelete("/destinations/{title}", RemoveAsync);
        api.MapPost("/destinations/{title}/echo", EchoAsync);
    }

    private static async Task<IResult> ListAsync(HttpContext context, AeRegistryFile registry, IForwardQueue queue, ForwardStatus status)
    {
        IReadOnlyDictionary<string, ForwardDepth> depths = await queue.CountItemsAsync(context.RequestAborted);
        JsonArray resources =
        [
            .. registry.Current.Entities.Where(entity => entity.IsDestination).Select(entity => DestinationResource.From(entity, depths.GetValueOrDefault(entity.AeTitle.Value), status.FindProblem(entity.AeTitle.Value), status.FindCommitmentProblem(entity.AeTitle.Value))),
        ];
        return Results.Json(resources, ApiJson.Default.JsonArray);
    }

    private static async Task<IResult> FindAsync(string title, HttpContext context, AeRegistryFile registry, IForwardQueue queue, ForwardStatus status) =>
        registry.Current.FindDestination(title) is { } destination ? await ShowAsync(destination, StatusCodes.Status200OK, queue, status, context.RequestAborted) : NoDestination();

    private static async Task<IResult> ShowAsync(ApplicationEntity destination, int code, IForwardQueue queue, ForwardStatus status, CancellationToken cancellationToken)
    {
        ForwardDepth depth = (await queue.CountItemsAsync(cancellationToken)).GetValueOrDefault(destination.AeTitle.Value);
        return Results.Json(DestinationResource.From(destination, depth, status.FindProblem(destination.AeTitle.Value), status.FindCommitmentProblem(destination.AeTitle.Value)), ApiJson.Default.JsonObject, statusCode: code);
    }

    private static async Task<IResult> PutAsync(string title, HttpContext context, AeRegistryFile registry, IForwardQueue queue, ForwardStatus status)
    {
        if (!AeTitle.TryParse(title, out AeTitle read))
        {
            return ProblemResource.Result(StatusCodes.Status400BadRequest, "Bad request", "The last part of the path is no AE title: 1 to 16 printable characters, no backslash.");
        }

        (JsonObject? entry, string? wrong) = await ReadEntryAsync(context.Request, read);
        if (entry is null)
        {
            return ProblemResource.Result(StatusCodes.Status400BadRequest, "Bad request", wrong!);
        }

        AeRegistryChange change = await registry.PutAsync(read, entry, context.RequestAborted);
        return change.Outcome == AeRegistryOutcome.Done && registry.Current.FindDestination(read.Value) is { } destination
            ? await ShowAsync(destination, change.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK, queue, status, context.RequestAborted)
            : Refusal(change);
    }

    private static async Task<IResult> RemoveAsync(string title, HttpContext context, AeRegistryFile registry)
    {
        if (registry.Current.FindDestination(title) is not { } destination)
        {
            return NoDestination();
        }

        AeRegistryChange change = await registry.RemoveAsync(destination.AeTitle, context.RequestAborted);
        return change.Outcome switch
        {
            AeRegistryOutcome.Done => Results.NoContent(),
            AeRegistryOutcome.Invalid => ProblemResource.Result(StatusCodes.Status409Conflict, "Conflict", $"The registry would not be valid without it: {change.Problem}"),
            _ => Refusal(change),
        };
    }

    private static async Task<IResult> EchoAsync(string title, HttpContext context, AeRegistryFile registry, GatewayOptions options)
    {
        if (registry.Current.FindDestination(title) is not { } destination)
        {
            return NoDestination();
        }

        long begin = Stopwatch.GetTimestamp();
        (string? implementation, string? reason) = await AskAsync(destination, options.AeTitle, context.RequestAborted);
        return Results.Json(
            new EchoResource(destination.AeTitle.Value, reason is null, (long)Stopwatch.GetElapsedTime(begin).TotalMilliseconds, implementation, reason),
            ApiJson.Default.EchoResource);
    }

    private static async Task<(string? Implementation, string? Reason)> AskAsync(ApplicationEntity destination, AeTitle calling, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_echoLimit);
        string? implementation = null;
        try
        {
            await using DicomClient client = await DicomClient.ConnectAsync(destination.ToClientOptions(calling), [PresentationContext.Verification], limit.Token);
            implementation = client.PeerImplementation is { Length: > 0 } name ? name : null;
            DimseResponse response = await client.EchoAsync(limit.Token);
            await ReleaseAsync(client, limit.Token);
            return (implementation, response.Status == DimseStatus.Success ? null : $"It answered {DimseStatus.Describe(response.Status)}.");
        }
        catch (DicomNetworkException e)
        {
            return (implementation, e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (implementation, string.Create(CultureInfo.InvariantCulture, $"It did not answer within {s_echoLimit.TotalSeconds} s."));
        }
    }

    private static async Task ReleaseAsync(DicomClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.ReleaseAsync(cancellationToken);
        }
        catch (DicomNetworkException)
        {
            // It has answered: how the association ends changes nothing.
        }
    }

    /// <summary>Reads an entry; it is to name a host, and no other AE title than that of the path.</summary>
    private static async Task<(JsonObject? Entry, string? Wrong)> ReadEntryAsync(HttpRequest request, AeTitle title)
    {
        using MemoryStream body = new();
        byte[] block = new byte[4096];
        for (int count; (count = await request.Body.ReadAsync(block, request.HttpContext.RequestAborted)) > 0;)
        {
            body.Write(block, 0, count);
            if (body.Length > MaximumLength)
            {
                return (null, "The body is too long for an entry of the AE registry.");
            }
        }

        try
        {
            body.Position = 0;
            JsonObject? entry = JsonNode.Parse(body, documentOptions: s_strict) as JsonObject;
            entry?.Remove(DestinationResource.Queue); // As it was got.
            return entry is null ? (null, "The body is no JSON object.")
                : entry["host"] is null ? (null, "A destination has a host and a port.")
                : entry["aeTitle"] is { } named && !(named is JsonValue value && value.TryGetValue(out string? text) && AeTitle.TryParse(text, out AeTitle other) && other == title)
                    ? (null, "The AE title of the body is not that of the path.")
                : (entry, null);
        }
        catch (JsonException)
        {
            return (null, "The body is no JSON, or names a member twice.");
        }
    }

    private static IResult Refusal(AeRegistryChange change) => change.Outcome switch
    {
        AeRegistryOutcome.NotFound => NoDestination(),
        AeRegistryOutcome.Invalid => ProblemResource.Result(StatusCodes.Status400BadRequest, "Bad request", change.Problem),
        AeRegistryOutcome.FileIsBroken => ProblemResource.Result(StatusCodes.Status409Conflict, "Conflict", change.Problem),
        _ => ProblemResource.Result(StatusCodes.Status503ServiceUnavailable, "Unavailable", change.Problem),
    };

    private static IResult NoDestination() => ProblemResource.Result(StatusCodes.Status404NotFound, "Not found", "There is no such destination.");
}
