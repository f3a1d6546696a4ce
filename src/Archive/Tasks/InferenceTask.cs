using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>A row of <c>ai_inference_tasks</c>: one model on one choice of inputs of one study.</summary>
public sealed record InferenceTask
{
    /// <summary>The task's identifier.</summary>
    public required Guid Id { get; init; }

    /// <summary>Study Instance UID.</summary>
    public required DicomUid Study { get; init; }

    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The model's version.</summary>
    public required string ModelVersion { get; init; }

    /// <summary>The digest of the chosen inputs.</summary>
    public required string InputsDigest { get; init; }

    /// <summary>The SOP Instance UIDs of the inputs in the order of their use.</summary>
    public required IReadOnlyList<DicomUid> Inputs { get; init; }

    /// <summary>How urgent it is.</summary>
    public required TaskPriority Priority { get; init; }

    /// <summary>Where it stands.</summary>
    public required InferenceTaskStatus Status { get; init; }

    /// <summary>How often it was claimed in its present phase (inference or report).</summary>
    public required int Attempts { get; init; }

    /// <summary>Why the last attempt failed, in words without patient data.</summary>
    public string? Error { get; init; }

    /// <summary>Whether findings are saved.</summary>
    public required bool HasFindings { get; init; }

    /// <summary>Who holds it.</summary>
    public string? LeaseOwner { get; init; }

    /// <summary>Until when it is held.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>Not to be tried again before this time.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was first claimed.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When its results were stored.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>When it failed for good.</summary>
    public DateTimeOffset? DeadLetteredAt { get; init; }

    /// <summary>The last change of the row.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}
