using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>An instance that a rule wants to be sent to a destination.</summary>
/// <param name="Destination">The AE title of the destination.</param>
/// <param name="Rule">The name of the rule.</param>
/// <param name="Study">Its study.</param>
/// <param name="SopInstance">The instance.</param>
/// <param name="Priority">Higher goes first.</param>
public sealed record NewForwardItem(string Destination, string Rule, DicomUid Study, DicomUid SopInstance, TaskPriority Priority);

/// <summary>An item of a forward queue.</summary>
public sealed record ForwardItem
{
    /// <summary>Its number.</summary>
    public required long Id { get; init; }

    /// <summary>The AE title of the destination.</summary>
    public required string Destination { get; init; }

    /// <summary>The name of the rule that queued it.</summary>
    public required string Rule { get; init; }

    /// <summary>Its study.</summary>
    public required DicomUid Study { get; init; }

    /// <summary>The instance.</summary>
    public required DicomUid SopInstance { get; init; }

    /// <summary>Higher goes first.</summary>
    public required TaskPriority Priority { get; init; }

    /// <summary>Where it stands.</summary>
    public required ForwardState State { get; init; }

    /// <summary>How often it was tried, without success so far or with.</summary>
    public required int Attempts { get; init; }

    /// <summary>Not to be tried, or asked for, before this time; while it is held, the end of the lease.</summary>
    public required DateTimeOffset AvailableAt { get; init; }

    /// <summary>Why the last attempt failed, or with which warning the destination took it.</summary>
    public string? Error { get; init; }

    /// <summary>When it was queued, the last time.</summary>
    public required DateTimeOffset QueuedAt { get; init; }

    /// <summary>When it was sent or given up.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}
