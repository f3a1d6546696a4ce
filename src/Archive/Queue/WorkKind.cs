namespace MedicalAi.Archive;

/// <summary>The kinds of queued work; on the queue their names are in lower case.</summary>
public enum WorkKind
{
    /// <summary>Run the model.</summary>
    Infer,

    /// <summary>Make and store the reports from the saved findings.</summary>
    Report,
}
