using System.Text.Json;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>A row of <c>ai_inference_tasks</c> as it is read.</summary>
internal sealed class TaskRow
{
    public const string Columns = """
        id AS Id, study_uid AS Study, model AS Model, model_version AS ModelVersion, inputs_digest AS InputsDigest, inputs AS Inputs, priority AS Priority, status AS Status,
        attempts AS Attempts, error AS Error, findings IS NOT NULL AS HasFindings, lease_owner AS LeaseOwner, lease_until AS LeaseUntil, fence AS Fence,
        next_attempt_at AS NextAttemptAt, created_at AS CreatedAt, started_at AS StartedAt, completed_at AS CompletedAt, dead_lettered_at AS DeadLetteredAt, updated_at AS UpdatedAt
        """;

    public string Id { get; init; } = "";

    public string Study { get; init; } = "";

    public string Model { get; init; } = "";

    public string ModelVersion { get; init; } = "";

    public string InputsDigest { get; init; } = "";

    public string Inputs { get; init; } = "";

    public int Priority { get; init; }

    public string Status { get; init; } = "";

    public int Attempts { get; init; }

    public string? Error { get; init; }

    public bool HasFindings { get; init; }

    public string? LeaseOwner { get; init; }

    public long? LeaseUntil { get; init; }

    public long Fence { get; init; }

    public long? NextAttemptAt { get; init; }

    public long CreatedAt { get; init; }

    public long? StartedAt { get; init; }

    public long? CompletedAt { get; init; }

    public long? DeadLetteredAt { get; init; }

    public long UpdatedAt { get; init; }

    public InferenceTask ToTask() => new()
    {
        Id = Guid.Parse(Id),
        Study = new DicomUid(Study),
        Model = Model,
        ModelVersion = ModelVersion,
        InputsDigest = InputsDigest,
        Inputs = [.. JsonSerializer.Deserialize<string[]>(Inputs)!.Select(uid => new DicomUid(uid))],
        Priority = (TaskPriority)Priority,
        Status = Enum.Parse<InferenceTaskStatus>(Status, ignoreCase: true),
        Attempts = Attempts,
        Error = Error,
        HasFindings = HasFindings,
        LeaseOwner = LeaseOwner,
        LeaseUntil = Timestamps.FromColumn(LeaseUntil),
        NextAttemptAt = Timestamps.FromColumn(NextAttemptAt),
        CreatedAt = Timestamps.FromColumn(CreatedAt),
        StartedAt = Timestamps.FromColumn(StartedAt),
        CompletedAt = Timestamps.FromColumn(CompletedAt),
        DeadLetteredAt = Timestamps.FromColumn(DeadLetteredAt),
        UpdatedAt = Timestamps.FromColumn(UpdatedAt),
    };
}
