namespace MedicalAi.Archive;

/// <summary>A FHIR resource as served. Entering the same type and id with the same JSON changes nothing; with other JSON it makes the next version.</summary>
/// <param name="Type">The resource type, for example <c>DiagnosticReport</c>.</param>
/// <param name="Id">The logical id.</param>
/// <param name="Json">The resource, UTF-8.</param>
/// <param name="SearchValues">What it is found by.</param>
public sealed record FhirResource(string Type, string Id, ReadOnlyMemory<byte> Json, IReadOnlyList<FhirSearchValue> SearchValues)
{
    /// <summary>The version; set by the index, from 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>When this version was entered; set by the index.</summary>
    public DateTimeOffset LastUpdated { get; init; }
}
