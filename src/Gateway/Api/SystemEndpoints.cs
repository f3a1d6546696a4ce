using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.InferenceEngine;

namespace MedicalAi.Gateway;

/// <summary>The models as the API shows them.</summary>
/// <param name="Models">Those that can be run.</param>
/// <param name="Problems">What is wrong with the others.</param>
internal sealed record ModelsResource(IReadOnlyList<ModelResource> Models, IReadOnlyList<string> Problems)
{
    /// <summary>The resource of a repository. Problems name files, not folders of this machine.</summary>
    public static ModelsResource From(ModelRepository repository) => new(
        [.. repository.Models.Select(model => model.Manifest).Select(m => new ModelResource(m.Name, m.Version, m.Title, m.Manufacturer, m.Sha256, m.Select.SopClasses, m.Notes))],
        [.. repository.Problems.Select(problem => new ModelProblem(Path.GetRelativePath(repository.Folder, problem.File), problem.Path, problem.Message).ToString())]);
}

/// <summary>A model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Manufacturer">Who made it.</param>
/// <param name="Sha256">The digest of its file.</param>
/// <param name="SopClasses">The SOP classes that it takes.</param>
/// <param name="Notes">Remarks that every report carries.</param>
internal sealed record ModelResource(string Name, string Version, string Title, string Manufacturer, string Sha256, IReadOnlyList<string> SopClasses, IReadOnlyList<string> Notes);

/// <summary>What a model takes of a study, or why not.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">Its version.</param>
/// <param name="Series">Series Instance UID.</param>
/// <param name="NumberOfInstances">How many instances it is about.</param>
/// <param name="IsTaken">Whether the model takes them.</param>
/// <param name="Reason">Why it does not.</param>
internal sealed record SelectionResource(string Model, string Version, string Series, int NumberOfInstances, bool IsTaken, string? Reason)
{
    /// <summary>The resource of a selection.</summary>
    public static SelectionResource From(ModelSelection selection) => new(
        selection.Model.Manifest.Name, selection.Model.Manifest.Version, selection.Series.Value, selection.Instances.Count, selection.Reason is null, selection.Reason);
}

/// <summary>How much there is.</summary>
/// <param name="Version">The version of the gateway.</param>
/// <param name="AeTitle">Its AE title.</param>
/// <param name="Roles">What the process does.</param>
/// <param name="UptimeSeconds">Since when it serves.</param>
/// <param name="Studies">Studies.</param>
/// <param name="Series">Series.</param>
/// <param name="Instances">Instances.</param>
/// <param name="Quarantined">Instances that were kept aside because their UID was taken by other content.</param>
/// <param name="Tasks">Tasks by status.</param>
/// <param name="Queues">Messages by kind of work.</param>
internal sealed record SystemResource(
    string Version,
    string AeTitle,
    string Roles,
    long UptimeSeconds,
    long Studies,
    long Series,
    long Instances,
    long Quarantined,
    IReadOnlyDictionary<string, long> Tasks,
    IReadOnlyDictionary<string, WorkQueueDepth> Queues);

/// <summary><c>/api/models</c> and <c>/api/system</c>.</summary>
internal static class SystemEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    public static void MapSystem(this IEndpointRouteBuilder api)
    {
        api.MapGet("/models", (ModelRepository models) => Results.Json(ModelsResource.From(models), ApiJson.Default.ModelsResource));
        api.MapGet("/models/explain", ExplainAsync);
        api.MapGet("/system", async (HttpContext context, SystemOverview overview) =>
            Results.Json(await overview.ReadAsync(context.RequestAborted), ApiJson.Default.SystemResource));
    }

    private static async Task<IResult> ExplainAsync(string? study, HttpContext context, IStudyIndex studies, ModelPlanner planner) =>
        !DicomUid.TryParse(study, out DicomUid uid)
            ? ProblemResource.Result(StatusCodes.Status400BadRequest, "Bad request", "The parameter 'study' names no Study Instance UID.")
            : await studies.ReadSnapshotAsync(uid, context.RequestAborted) is { } snapshot
                ? Results.Json<IReadOnlyList<SelectionResource>>([.. planner.Explain(snapshot).Select(SelectionResource.From)], ApiJson.Default.IReadOnlyListSelectionResource)
                : ProblemResource.Result(StatusCodes.Status404NotFound, "Not found", "There is no such study.");
}

/// <summary>Counts what there is.</summary>
internal sealed class SystemOverview(GatewayOptions options, IStudyIndex studies, ITaskIndex tasks, IWorkQueue queue, TimeProvider time)
{
    private readonly DateTimeOffset _begin = time.GetUtcNow();

    /// <summary>Counts.</summary>
    public async Task<SystemResource> ReadAsync(CancellationToken cancellationToken)
    {
        IndexCounts counts = await studies.CountAllAsync(cancellationToken);
        IReadOnlyDictionary<InferenceTaskStatus, long> byStatus = await tasks.CountTasksAsync(cancellationToken);
        Dictionary<string, WorkQueueDepth> queues = [];
        foreach (WorkKind kind in Enum.GetValues<WorkKind>())
        {
            queues.Add(kind.ToString().ToLowerInvariant(), await queue.CountAsync(kind, cancellationToken));
        }

        return new SystemResource(
            GatewayCommand.Version,
            options.AeTitle.Value,
            options.Roles.ToString().ToLowerInvariant(),
            (long)(time.GetUtcNow() - _begin).TotalSeconds,
            counts.Studies,
            counts.Series,
            counts.Instances,
            counts.Quarantined,
            Enum.GetValues<InferenceTaskStatus>().ToDictionary(status => status.ToString().ToLowerInvariant(), status => byStatus.GetValueOrDefault(status)),
            queues);
    }
}
