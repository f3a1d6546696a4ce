using MedicalAi.Archive;
using MedicalAi.DicomScp;

namespace MedicalAi.Gateway;

/// <summary><c>/api/destinations/{title}/queue</c>: what waits for a destination; dead letters are tried again or dropped.</summary>
internal static class ForwardQueueEndpoints
{
    private const string KnownStates = "The state is one of queued, sending, committing, sent, dead.";

    /// <summary>Maps the endpoints.</summary>
    public static void MapForwardQueues(this IEndpointRouteBuilder api)
    {
        api.MapGet("/destinations/{title}/queue", ListAsync);
        api.MapPost("/destinations/{title}/queue/retry", (string title, HttpContext context, IForwardQueue queue, ForwardStatus status) => RetryAsync(title, null, queue, status, context.RequestAborted));
        api.MapPost("/destinations/{title}/queue/{id:long}/retry", (string title, long id, HttpContext context, IForwardQueue queue, ForwardStatus status) => RetryAsync(title, id, queue, status, context.RequestAborted));
        api.MapDelete("/destinations/{title}/queue", DropAllAsync);
        api.MapDelete("/destinations/{title}/queue/{id:long}", DropAsync);
    }

    // A queue outlives its destination: what waits for one that was removed can still be seen and dropped.
    private static async Task<IResult> ListAsync(string title, HttpContext context, AeRegistryFile registry, IForwardQueue queue)
    {
        if (ReadQuery(title, context.Request.Query, out ForwardQuery query) is { } wrong)
        {
            return ProblemResource.Result(StatusCodes.Status400BadRequest, "Bad request", wrong);
        }

        IReadOnlyList<ForwardItem> items = await queue.ListItemsAsync(query, context.RequestAborted);
        return items.Count > 0 || registry.Current.FindDestination(title) is not null || (await queue.CountItemsAsync(context.RequestAborted)).ContainsKey(title)
            ? Results.Json<IReadOnlyList<ForwardItemResource>>([.. items.Select(ForwardItemResource.From)], ApiJson.Default.IReadOnlyListForwardItemResource)
            : ProblemResource.Result(StatusCodes.Status404NotFound, "Not found", "There is no such destination.");
    }

    private static async Task<IResult> RetryAsync(string title, long? id, IForwardQueue queue, ForwardStatus status, CancellationToken cancellationToken)
    {
        int count = await queue.RetryAsync(title, id, cancellationToken);
        status.TryNow(title);
        return id is null || count > 0 ? Changed(count) : ProblemResource.Result(StatusCodes.Status404NotFound, "Not found", "There is no such dead letter.");
    }

    private static async Task<IResult> DropAllAsync(string title, string? state, HttpContext context, IForwardQueue queue) =>
        (state ?? "dead") switch
        {
            "dead" => Changed(await queue.DropAsync(title, null, ForwardState.Dead, context.RequestAborted)),
            "queued" => Changed(await queue.DropAsync(title, null, ForwardState.Queued, context.RequestAborted)),
            "committing" => Changed(await queue.DropAsync(title, null, ForwardState.Committing, context.RequestAborted)),
            _ => ProblemResource.Result(StatusCodes.Status400BadRequest, "Bad request", "Only items that are dead, queued or committing are dropped."),
        };

    private static async Task<IResult> DropAsync(string title, long id, HttpContext context, IForwardQueue queue) =>
        await queue.DropAsync(title, id, ForwardState.Dead, context.RequestAborted) > 0
            ? Results.NoContent()
            : ProblemResource.Result(StatusCodes.Status404NotFound, "Not found", "There is no such item that is dead, queued or committing.");

    private static IResult Changed(int count) => Results.Json(new ChangedResource(count), ApiJson.Default.ChangedResource);

    /// <summary>Reads the filter; the answer is what is wrong with it.</summary>
    private static string? ReadQuery(string title, IQueryCollection parameters, out ForwardQuery query)
    {
        query = new ForwardQuery(title);
        foreach ((string name, string value) in parameters.Select(parameter => (parameter.Key, parameter.Value.ToString())))
        {
            switch (name)
            {
                case "state" when QueryValue.TryReadState(value, out ForwardState state):
                    query = query with { State = state };
                    break;
                case "limit" when QueryValue.TryReadLimit(value, out int limit):
                    query = query with { Limit = limit };
                    break;
                case "offset" when QueryValue.TryReadOffset(value, out int offset):
                    query = query with { Offset = offset };
                    break;
                default:
                    return $"Known are state, limit (1 to 1000) and offset. {KnownStates}";
            }
        }

        return null;
    }
}
