namespace MedicalAi.Archive;

/// <summary>A search over resources of a type, newest first.</summary>
/// <param name="Type">The resource type.</param>
public sealed record FhirQuery(string Type)
{
    /// <summary>All of them must hold.</summary>
    public IReadOnlyList<FhirClause> Clauses { get; init; } = [];

    /// <summary>The most resources wanted, up to 1,000.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>The number of resources passed over.</summary>
    public int Offset { get; init; }
}

/// <summary>A condition of a search: one of the operands holds for one of the resource's values of the parameter.</summary>
/// <param name="Parameter">The parameter's name; <c>_id</c> and, for comparing with date-times, <c>_lastUpdated</c> are understood for every type.</param>
/// <param name="Operands">The operands.</param>
public sealed record FhirClause(string Parameter, IReadOnlyList<FhirOperand> Operands);

/// <summary>What a value is compared with.</summary>
/// <param name="Value">The value; compared as text, so that date-times must be of the form of <see cref="FhirSearchValue"/>; null for any value of the system.</param>
/// <param name="System">The system of a token; null for any, empty for none.</param>
/// <param name="Comparison">How.</param>
public sealed record FhirOperand(string? Value, string? System = null, FhirComparison Comparison = FhirComparison.Equal);

/// <summary>How a value is compared.</summary>
public enum FhirComparison
{
    /// <summary>The same.</summary>
    Equal,

    /// <summary>The resource's value begins with it, without regard to case.</summary>
    StartsWith,

    /// <summary>The resource's value is less.</summary>
    Less,

    /// <summary>The resource's value is less or the same.</summary>
    LessOrEqual,

    /// <summary>The resource's value is greater.</summary>
    Greater,

    /// <summary>The resource's value is greater or the same.</summary>
    GreaterOrEqual,
}
