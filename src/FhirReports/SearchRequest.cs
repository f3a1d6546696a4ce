using MedicalAi.Archive;

namespace MedicalAi.FhirReports;

/// <summary>A search as it was understood.</summary>
/// <param name="Type">The resource type.</param>
internal sealed record SearchRequest(string Type)
{
    public IReadOnlyList<FhirClause> Clauses { get; init; } = [];

    public IReadOnlyList<ChainedClause> Chains { get; init; } = [];

    /// <summary>References of the matches that are to be followed.</summary>
    public IReadOnlyList<SearchParameter> Includes { get; init; } = [];

    /// <summary>Types and references by which others point to the matches.</summary>
    public IReadOnlyList<(string Type, SearchParameter Parameter)> ReverseIncludes { get; init; } = [];

    public required int Count { get; init; }

    public int Offset { get; init; }

    public ResourceView View { get; init; } = ResourceView.Whole;

    /// <summary>The parameters that were used, as they came, without paging: what the self link shows.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Used { get; init; } = [];
}

/// <summary>A condition on what a reference points to.</summary>
/// <param name="Reference">The name of the reference parameter.</param>
/// <param name="Target">The type that it points to.</param>
/// <param name="Clauses">What must hold there.</param>
internal sealed record ChainedClause(string Reference, string Target, IReadOnlyList<FhirClause> Clauses);
