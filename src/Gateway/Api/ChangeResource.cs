using MedicalAi.Archive;

namespace MedicalAi.Gateway;

/// <summary>A change in the API.</summary>
/// <param name="Sequence">Grows from change to change.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Study">Study Instance UID.</param>
/// <param name="Series">Series Instance UID, where one is meant.</param>
/// <param name="Instance">SOP Instance UID, where one is meant.</param>
/// <param name="Task">The task, where one is meant.</param>
/// <param name="At">When.</param>
internal sealed record ChangeResource(long Sequence, string Kind, string Study, string? Series, string? Instance, string? Task, DateTimeOffset At)
{
    /// <summary>The resource of a row.</summary>
    public static ChangeResource From(ChangeRow row) => new(row.Sequence, row.Kind, row.Study.Value, row.Series?.Value, row.SopInstance?.Value, row.TaskId?.ToString("D"), row.At);
}

/// <summary>A page of changes.</summary>
/// <param name="Changes">The changes, in their order.</param>
/// <param name="Next">What to ask for after this page: <c>?after={next}</c>.</param>
/// <param name="HasMore">Whether there is more to be had at once.</param>
internal sealed record ChangesResource(IReadOnlyList<ChangeResource> Changes, long Next, bool HasMore);
