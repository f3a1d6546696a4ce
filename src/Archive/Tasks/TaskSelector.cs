namespace MedicalAi.Archive;

/// <summary>Chooses the tasks for a study that has become stable. Pure: the same study gives the same tasks.</summary>
/// <param name="study">The study.</param>
/// <returns>The tasks; those that exist already are passed over.</returns>
public delegate IReadOnlyList<NewTask> TaskSelector(StudySnapshot study);
