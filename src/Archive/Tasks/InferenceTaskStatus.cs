namespace MedicalAi.Archive;

/// <summary>The statuses of <c>ai_inference_tasks</c>; in the table their names are in lower case.</summary>
public enum InferenceTaskStatus
{
    /// <summary>Waits for a worker.</summary>
    Queued,

    /// <summary>A worker holds it, or its findings wait for the reports.</summary>
    Running,

    /// <summary>Its results are stored.</summary>
    Completed,

    /// <summary>It failed for good or too often; people may retry it.</summary>
    Failed,

    /// <summary>People cancelled it.</summary>
    Cancelled,
}
