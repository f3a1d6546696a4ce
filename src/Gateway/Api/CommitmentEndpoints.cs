using MedicalAi.Archive;

namespace MedicalAi.Gateway;

/// <summary><c>/api/commitments</c>: the storage commitment transactions that others asked for; trying again to tell them.</summary>
internal static class CommitmentEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    public static void MapCommitments(this IEndpointRouteBuilder api)
    {
        api.MapGet("/commitments", ListAsync);
        api.MapPost("/commitments/{id:long}/retry", RetryAsync);
    }

    private static async Task<IResult> ListAsync(HttpContext context, ICommitmentIndex commitments)
    {
        if (ReadQuery(context.Request.Query, out CommitmentQuery query) is { } wrong)
        {
            return ProblemResource.Result(StatusCodes.Status400BadRequest, "Bad request", wrong);
        }

        IReadOnlyList<CommitmentTransaction> transactions = await commitments.ListAsync(query, context.RequestAborted);
        return Results.Json<IReadOnlyList<CommitmentResource>>([.. transactions.Select(CommitmentResource.From)], ApiJson.Default.IReadOnlyListCommitmentResource);
    }

    private static async Task<IResult> RetryAsync(long id, HttpContext context, ICommitmentIndex commitments) =>
        await commitments.RetryAsync(id, context.RequestAborted)
            ? Results.StatusCode(StatusCodes.Status202Accepted)
            : ProblemResource.Result(StatusCodes.Status409Conflict, "Conflict", "There is no such transaction, or its requestor was told or is being told.");

    private static string? ReadQuery(IQueryCollection parameters, out CommitmentQuery query)
    {
        query = new CommitmentQuery();
        foreach ((string name, string? value) in parameters.Select(parameter => (parameter.Key, parameter.Value.ToString())))
        {
            switch (name)
            {
                case "state" when QueryValue.TryReadState(value, out CommitmentState state):
                    query = query with { State = state };
                    break;
                case "limit" when QueryValue.TryReadLimit(value, out int limit):
                    query = query with { Limit = limit };
                    break;
                case "offset" when QueryValue.TryReadOffset(value, out int offset):
                    query = query with { Offset = offset };
                    break;
                case "state" or "limit" or "offset":
                    return $"The value of '{name}' is not valid: state is one of checking, reporting, reported, rejected, expired, limit 1 to 1000.";
                default:
                    return "A parameter is not known; known are state, limit and offset.";
            }
        }

        return null;
    }
}
