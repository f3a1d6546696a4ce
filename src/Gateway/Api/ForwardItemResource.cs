using MedicalAi.Archive;

namespace MedicalAi.Gateway;

/// <summary>An instance in the queue of a destination as the API shows it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Rule">The rule that queued it.</param>
/// <param name="Study">Study Instance UID.</param>
/// <param name="SopInstance">SOP Instance UID.</param>
/// <param name="Priority">low, routine, high or stat.</param>
/// <param name="State">queued, sending, committing, sent or dead.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Error">Why the last attempt failed, or with which warning it was taken.</param>
/// <param name="QueuedAt">When it was queued, the last time.</param>
/// <param name="NextAttemptAt">Not to be tried before this time or, while it is committing, when it is asked for (again); null when it does not wait.</param>
/// <param name="EndedAt">When it was sent or given up.</param>
internal sealed record ForwardItemResource(
    long Id,
    string Rule,
    string Study,
    string SopInstance,
    string Priority,
    string State,
    int Attempts,
    string? Error,
    DateTimeOffset QueuedAt,
    DateTimeOffset? NextAttemptAt,
    DateTimeOffset? EndedAt)
{
    /// <summary>The resource of an item.</summary>
    public static ForwardItemResource From(ForwardItem item) => new(
        item.Id,
        item.Rule,
        item.Study.Value,
        item.SopInstance.Value,
        item.Priority.ToString().ToLowerInvariant(),
        item.State.ToString().ToLowerInvariant(),
        item.Attempts,
        item.Error,
        item.QueuedAt,
        item.State is ForwardState.Queued or ForwardState.Committing ? item.AvailableAt : null,
        item.EndedAt);
}

/// <summary>How many were changed.</summary>
/// <param name="Count">How many.</param>
internal sealed record ChangedResource(int Count);
