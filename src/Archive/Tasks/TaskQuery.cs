using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>Which tasks to list, newest first.</summary>
public sealed record TaskQuery
{
    /// <summary>Only of this study.</summary>
    public DicomUid? Study { get; init; }

    /// <summary>Only of this status.</summary>
    public InferenceTaskStatus? Status { get; init; }

    /// <summary>Only of this model.</summary>
    public string? Model { get; init; }

    /// <summary>The most rows wanted, up to 1,000.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>The number of rows passed over.</summary>
    public int Offset { get; init; }
}
