using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Findings;

namespace MedicalAi.Gateway;

/// <summary><c>/api/tasks</c>: list, one, retry, cancel.</summary>
internal static class TaskEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    public static void MapTasks(this IEndpointRouteBuilder api)
    {
        api.MapGet("/tasks", ListAsync);
        api.MapGet("/tasks/{id}", FindAsync);
        api.MapPost("/tasks/{id}/retry", RetryAsync);
        api.MapPost("/tasks/{id}/cancel", CancelAsync);
    }

    private static async Task<IResult> ListAsync(HttpContext context, ITaskIndex tasks, IReportIndex reports, IStudyIndex studies)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        if (ReadQuery(context.Request.Query, out TaskQuery query) is { } wrong)
        {
            return ProblemResource.Result(StatusCodes.Status400BadRequest, "Bad request", wrong);
        }

        List<TaskResource> resources = [];
        foreach (InferenceTask task in await tasks.ListTasksAsync(query, cancellationToken))
        {
            resources.Add(TaskResource.From(task) with { Report = await ReadReportAsync(task, reports, studies, cancellationToken) });
        }

        return Results.Json<IReadOnlyList<TaskResource>>(resources, ApiJson.Default.IReadOnlyListTaskResource);
    }

    private static async Task<IResult> FindAsync(string id, HttpContext context, ITaskIndex tasks, IReportIndex reports, IStudyIndex studies)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        if (!Guid.TryParse(id, out Guid taskId) || await tasks.FindTaskAsync(taskId, cancellationToken) is not { } task)
        {
            return NoTask();
        }

        FindingsResource? findings = await tasks.ReadFindingsAsync(taskId, cancellationToken) is { } saved && StudyFindings.Parse(saved) is { Ok: true, Value: var read }
            ? FindingsResource.From(read)
            : null;
        ReportResource? report = await ReadReportAsync(task, reports, studies, cancellationToken);
        return Results.Json(TaskResource.From(task) with { Report = report, Findings = findings }, ApiJson.Default.TaskResource);
    }

    private static Task<IResult> RetryAsync(string id, HttpContext context, ITaskIndex tasks) =>
        ChangeAsync(id, tasks, tasks.RetryAsync, "Only failed and cancelled tasks can be tried again.", context.RequestAborted);

    private static Task<IResult> CancelAsync(string id, HttpContext context, ITaskIndex tasks) =>
        ChangeAsync(id, tasks, tasks.CancelAsync, "Only queued and running tasks can be cancelled.", context.RequestAborted);

    private static async Task<IResult> ChangeAsync(string id, ITaskIndex tasks, Func<Guid, CancellationToken, ValueTask<bool>> change, string refusal, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out Guid taskId) || await tasks.FindTaskAsync(taskId, cancellationToken) is null)
        {
            return NoTask();
        }

        if (!await change(taskId, cancellationToken))
        {
            return ProblemResource.Result(StatusCodes.Status409Conflict, "Conflict", refusal);
        }

        InferenceTask changed = (await tasks.FindTaskAsync(taskId, cancellationToken))!;
        return Results.Json(TaskResource.From(changed), ApiJson.Default.TaskResource);
    }

    private static IResult NoTask() => ProblemResource.Result(StatusCodes.Status404NotFound, "Not found", "There is no such task.");

    private static async Task<ReportResource?> ReadReportAsync(InferenceTask task, IReportIndex reports, IStudyIndex studies, CancellationToken cancellationToken) =>
        task.Status == InferenceTaskStatus.Completed && await reports.FindReportAsync(task.Id, cancellationToken) is { } row
            ? await ReportResource.ReadAsync(row, studies, cancellationToken)
            : null;

    /// <summary>Reads the filter; the answer is what is wrong with it.</summary>
    private static string? ReadQuery(IQueryCollection parameters, out TaskQuery query)
    {
        query = new TaskQuery();
        foreach ((string name, string? value) in parameters.Select(parameter => (parameter.Key, parameter.Value.ToString())))
        {
            switch (name)
            {
                case "study" when DicomUid.TryParse(value, out DicomUid study):
                    query = query with { Study = study };
                    break;
                case "status" when QueryValue.TryReadState(value, out InferenceTaskStatus status):
                    query = query with { Status = status };
                    break;
                case "model" when value is { Length: > 0 }:
                    query = query with { Model = value };
                    break;
                case "limit" when QueryValue.TryReadLimit(value, out int limit):
                    query = query with { Limit = limit };
                    break;
                case "offset" when QueryValue.TryReadOffset(value, out int offset):
                    query = query with { Offset = offset };
                    break;
                case "study" or "status" or "model" or "limit" or "offset":
                    return $"The value of '{name}' is not valid: study is a UID, status one of queued, running, completed, failed, cancelled, limit 1 to 1000.";
                default:
                    return "A parameter is not known; known are study, status, model, limit and offset.";
            }
        }

        return null;
    }
}
