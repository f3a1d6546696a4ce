namespace MedicalAi.FhirReports;

/// <summary>How the FHIR services answer.</summary>
public sealed record FhirOptions
{
    /// <summary>The URL of the services as others reach it, for example <c>https://gateway.example/fhir</c>; null to take it from each request.</summary>
    public string? PublicBaseUrl { get; init; }

    /// <summary>The resources on a page where a search does not say how many.</summary>
    public int DefaultCount { get; init; } = 50;

    /// <summary>The most resources on a page.</summary>
    public int MaximumCount { get; init; } = 200;

    /// <summary>The most resources that _include and _revinclude add to a page.</summary>
    public int MaximumIncluded { get; init; } = 1000;

    /// <summary>The most instances that the studies of one answer name together; studies beyond name their series alone.</summary>
    public int MaximumInstances { get; init; } = 20_000;
}
