using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>
/// What others tell of procedures: performed steps, available instances, orders. A step in progress holds its studies back from becoming stable, up to
/// <see cref="ArchiveOptions.MaximumHold"/> after it was last heard of; a completed step, or a notification, makes its studies stable as soon as all the
/// instances are there that it names, unless another step holds them. What a method has returned is durable. Every implementation passes
/// the same contract tests.
/// </summary>
public interface IProcedureIndex
{
    /// <summary>Enters a performed procedure step; false when there is one of its UID.</summary>
    ValueTask<bool> AddStepAsync(PerformedStep step, CancellationToken cancellationToken);

    /// <summary>A performed procedure step; null when it is not known.</summary>
    ValueTask<StoredStep?> FindStepAsync(DicomUid sopInstance, CancellationToken cancellationToken);

    /// <summary>Replaces a step by its next revision; false when <see cref="PerformedStep.Revision"/> is not the one after that which is stored.</summary>
    ValueTask<bool> ReplaceStepAsync(PerformedStep step, CancellationToken cancellationToken);

    /// <summary>Enters a notification; false when there is one of its UID.</summary>
    ValueTask<bool> AddAvailabilityAsync(AvailabilityNotification notification, CancellationToken cancellationToken);

    /// <summary>Keeps what was ordered of a study, instead of what was known before; <see cref="StudySnapshot.Order"/> tells it.</summary>
    ValueTask SaveOrderAsync(DicomUid study, StudyOrder order, CancellationToken cancellationToken);
}
