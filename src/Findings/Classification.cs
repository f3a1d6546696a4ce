namespace MedicalAi.Findings;

/// <summary>Whether something was found, with the model's confidence.</summary>
public sealed record Classification
{
    private readonly bool? _isPositive;

    /// <summary>What was looked for.</summary>
    public required CodedConcept Finding { get; init; }

    /// <summary>The model's probability that it is there, 0 to 1.</summary>
    public required double Probability { get; init; }

    /// <summary>The probability from which the model calls it found, 0 to 1.</summary>
    public required double Threshold { get; init; }

    /// <summary>Whether the model calls it found; where it is not set, whether the probability reaches the threshold.</summary>
    public bool IsPositive
    {
        get => _isPositive ?? Probability >= Threshold;
        init => _isPositive = value;
    }

    /// <summary>The anatomic site; null when it is that of the whole image.</summary>
    public CodedConcept? Site { get; init; }

    /// <summary>The instances that it was found in; empty for all inputs.</summary>
    public IReadOnlyList<SourceInstance> Evidence { get; init; } = [];
}
