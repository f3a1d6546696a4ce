using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>The values of Performed Procedure Step Status (0040,0252).</summary>
public enum PerformedStepStatus
{
    /// <summary>IN PROGRESS: it has begun.</summary>
    InProgress,

    /// <summary>COMPLETED: it has ended well.</summary>
    Completed,

    /// <summary>DISCONTINUED: it was broken off.</summary>
    Discontinued,
}

/// <summary>A Modality Performed Procedure Step (PS3.4 annex F).</summary>
public sealed record PerformedStep
{
    /// <summary>Its SOP Instance UID.</summary>
    public required DicomUid SopInstance { get; init; }

    /// <summary>Where it stands.</summary>
    public required PerformedStepStatus Status { get; init; }

    /// <summary>The studies of its Scheduled Step Attributes Sequence (0040,0270).</summary>
    public required IReadOnlyList<DicomUid> Studies { get; init; }

    /// <summary>The instances of its Performed Series Sequence (0040,0340).</summary>
    public required IReadOnlyList<DicomUid> Instances { get; init; }

    /// <summary>All its attributes as a data set in Explicit VR Little Endian.</summary>
    public required ReadOnlyMemory<byte> DataSet { get; init; }

    /// <summary>The AE title of the modality that told of it first.</summary>
    public required string CallingAe { get; init; }

    /// <summary>Grows with each change; 1 of a new one.</summary>
    public long Revision { get; init; } = 1;
}

/// <summary>A step as it was stored.</summary>
/// <param name="Status">Where it stands.</param>
/// <param name="DataSet">All its attributes as a data set in Explicit VR Little Endian.</param>
/// <param name="CallingAe">The AE title of the modality that told of it first.</param>
/// <param name="Revision">Grows with each change.</param>
public sealed record StoredStep(PerformedStepStatus Status, ReadOnlyMemory<byte> DataSet, string CallingAe, long Revision);
