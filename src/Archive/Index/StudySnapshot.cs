using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>A study at one revision, for choosing what to compute.</summary>
/// <param name="Study">Study Instance UID.</param>
/// <param name="Revision">The revision of <see cref="StudyRow.Revision"/> at which it was read.</param>
/// <param name="Series">Its series in the order of their coming.</param>
public sealed record StudySnapshot(DicomUid Study, long Revision, IReadOnlyList<SeriesSnapshot> Series)
{
    /// <summary>What was ordered, as the RIS tells it; null when nothing is known of it.</summary>
    public StudyOrder? Order { get; init; }
}

/// <summary>A series of a <see cref="StudySnapshot"/>.</summary>
/// <param name="Series">Series Instance UID.</param>
/// <param name="Modality">Modality (0008,0060).</param>
/// <param name="BodyPartExamined">Body Part Examined (0018,0015).</param>
/// <param name="Description">Series Description (0008,103E).</param>
/// <param name="Instances">Its instances by instance number, then UID.</param>
public sealed record SeriesSnapshot(DicomUid Series, string? Modality, string? BodyPartExamined, string? Description, IReadOnlyList<InstanceSnapshot> Instances);

/// <summary>An instance of a <see cref="SeriesSnapshot"/>. The metadata is kept compressed until it is asked for.</summary>
/// <param name="Row">The instance's row.</param>
/// <param name="CompressedMetadata">Its DICOM JSON, raw deflate.</param>
public sealed record InstanceSnapshot(InstanceRow Row, ReadOnlyMemory<byte> CompressedMetadata)
{
    /// <summary>SOP Class UID.</summary>
    public DicomUid SopClass => Row.Identity.SopClass;

    /// <summary>SOP Instance UID.</summary>
    public DicomUid SopInstance => Row.Identity.SopInstance;

    /// <summary>SHA-256 of the data set's bytes: the content for an inputs digest.</summary>
    public ReadOnlyMemory<byte> Digest => Row.Digest;

    /// <summary>The metadata as a data set; bulk values are left out. Parsed anew by each call.</summary>
    /// <exception cref="InvalidDataException">The index holds no DICOM JSON.</exception>
    public DicomDataSet ReadMetadata() => DicomJson.Parse(InstanceMetadata.Inflate(CompressedMetadata).Span).Value;
}
