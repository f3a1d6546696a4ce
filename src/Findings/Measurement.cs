namespace MedicalAi.Findings;

/// <summary>A number with its quantity and unit.</summary>
public sealed record Measurement
{
    /// <summary>What was measured, for example (118565006, SCT, "Volume").</summary>
    public required CodedConcept Quantity { get; init; }

    /// <summary>The number.</summary>
    public required double Value { get; init; }

    /// <summary>The unit, of UCUM.</summary>
    public required CodedConcept Unit { get; init; }

    /// <summary>The anatomic site; null when it is that of the segment or of the whole image.</summary>
    public CodedConcept? Site { get; init; }

    /// <summary>The segment that was measured; null when it is not of a segment.</summary>
    public int? SegmentNumber { get; init; }

    /// <summary>How it was measured; null when the quantity says it.</summary>
    public CodedConcept? Method { get; init; }
}
