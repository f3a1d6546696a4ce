using MedicalAi.Dicom;

namespace MedicalAi.Findings;

/// <summary>
/// What a model found in a study: all that the reports know of inference. Saved before reports are made, and reports are made
/// from what was saved alone, so that a second making gives the same bytes.
/// </summary>
public sealed record StudyFindings
{
    /// <summary>The task.</summary>
    public required Guid TaskId { get; init; }

    /// <summary>Study Instance UID.</summary>
    public required DicomUid Study { get; init; }

    /// <summary>The model.</summary>
    public required ModelIdentity Model { get; init; }

    /// <summary>What tells this choice of inputs from another.</summary>
    public required string InputsDigest { get; init; }

    /// <summary>When the findings were made: the content date and time of all reports.</summary>
    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>The instances that the model was given, in the order of their use.</summary>
    public required IReadOnlyList<SourceInstance> Inputs { get; init; }

    /// <summary>What was looked for, found or not.</summary>
    public IReadOnlyList<Classification> Classifications { get; init; } = [];

    /// <summary>What was measured.</summary>
    public IReadOnlyList<Measurement> Measurements { get; init; } = [];

    /// <summary>The segmentation; null when the model makes none.</summary>
    public LabelMap? Segmentation { get; init; }

    /// <summary>Remarks for people, without patient data.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The findings as bytes for <see cref="Parse"/>; the same findings give the same bytes.</summary>
    /// <exception cref="InvalidOperationException">The findings contradict themselves or cannot be put into a report; the message says where.</exception>
    public ReadOnlyMemory<byte> Serialize() => FindingsFormat.Write(this);

    /// <summary>Reads what <see cref="Serialize"/> wrote. Anything else is an error.</summary>
    public static ParseResult<StudyFindings> Parse(ReadOnlyMemory<byte> bytes) => FindingsFormat.Read(bytes);
}
