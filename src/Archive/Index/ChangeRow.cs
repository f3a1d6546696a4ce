using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>A row of the change log: what became visible, in order. Rows never change.</summary>
/// <param name="Sequence">Grows from row to row.</param>
/// <param name="Kind">What happened, for example <c>instance-stored</c>, <c>instance-quarantined</c>, <c>task-queued</c>, <c>task-completed</c>.</param>
/// <param name="Study">The study.</param>
/// <param name="Series">The series, where one is meant.</param>
/// <param name="SopInstance">The instance, where one is meant.</param>
/// <param name="TaskId">The task, where one is meant.</param>
/// <param name="At">When.</param>
public sealed record ChangeRow(long Sequence, string Kind, DicomUid Study, DicomUid? Series, DicomUid? SopInstance, Guid? TaskId, DateTimeOffset At);
