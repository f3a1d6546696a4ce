namespace MedicalAi.Findings;

/// <summary>The model that made findings: what TID 4019 "Algorithm Identification" and the FHIR Device say of it.</summary>
public sealed record ModelIdentity
{
    /// <summary>The name of the model in the model repository, up to 64 characters.</summary>
    public required string Name { get; init; }

    /// <summary>The version, up to 64 characters.</summary>
    public required string Version { get; init; }

    /// <summary>Who made it, up to 64 characters.</summary>
    public required string Manufacturer { get; init; }

    /// <summary>The name of the algorithm for people, up to 64 characters.</summary>
    public required string AlgorithmName { get; init; }

    /// <summary>The family of the algorithm, CID 7162; artificial intelligence unless another is given.</summary>
    public CodedConcept AlgorithmFamily { get; init; } = new("123110", "DCM", "Artificial Intelligence");

    /// <summary>The SHA-256 of the model's file in hexadecimal digits; null when it is not known.</summary>
    public string? Digest { get; init; }

    /// <summary>The parameters that the model was run with, in words; null when there are none.</summary>
    public string? Parameters { get; init; }
}
