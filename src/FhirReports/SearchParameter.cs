using Hl7.Fhir.Model;
using MedicalAi.Archive;

namespace MedicalAi.FhirReports;

/// <summary>A search parameter of a resource type: what of a resource it finds.</summary>
/// <param name="Name">The name in the URL.</param>
/// <param name="Type">How its values are compared.</param>
/// <param name="Documentation">What it searches, for the CapabilityStatement.</param>
/// <param name="Extract">Its values in a resource.</param>
internal sealed record SearchParameter(string Name, SearchParamType Type, string Documentation, Func<Resource, IEnumerable<FhirSearchValue>> Extract)
{
    /// <summary>The name of the values that find a reference by the identifier within it.</summary>
    public const string IdentifierSuffix = ":identifier";

    /// <summary>The name of the values that hold a text as it stands; the parameter's own are without case and accents.</summary>
    public const string ExactSuffix = ":exact";

    /// <summary>For a reference: the types that it can point to.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>For a reference: the references in a resource, for _include.</summary>
    public Func<Resource, IEnumerable<ResourceReference>> References { get; init; } = _ => [];

    public static SearchParameter Token<T>(string name, string documentation, Func<T, IEnumerable<Coding?>> codes)
        where T : Resource =>
        new(name, SearchParamType.Token, documentation, resource => codes((T)resource)
            .Where(code => code?.Code is not null)
            .Select(code => new FhirSearchValue(name, code!.Code!, code.System)));

    public static SearchParameter Concepts<T>(string name, string documentation, Func<T, IEnumerable<CodeableConcept?>> concepts)
        where T : Resource =>
        Token<T>(name, documentation, resource => concepts(resource).SelectMany(concept => concept?.Coding ?? []));

    public static SearchParameter Identifiers<T>(string name, string documentation, Func<T, IEnumerable<Identifier>> identifiers)
        where T : Resource =>
        new(name, SearchParamType.Token, documentation, resource => identifiers((T)resource)
            .Where(identifier => identifier.Value is not null)
            .Select(identifier => new FhirSearchValue(name, identifier.Value!, identifier.System)));

    public static SearchParameter Text<T>(string name, string documentation, Func<T, IEnumerable<string?>> texts)
        where T : Resource =>
        new(name, SearchParamType.String, documentation, resource => texts((T)resource)
            .Where(text => !string.IsNullOrEmpty(text))
            .SelectMany(text => new[] { new FhirSearchValue(name, NameNormalizer.Normalize(text)!), new FhirSearchValue(name + ExactSuffix, text!) }));

    public static SearchParameter Date<T>(string name, string documentation, Func<T, string?> date)
        where T : Resource =>
        new(name, SearchParamType.Date, documentation, resource => FhirDates.TryParseInterval(date((T)resource), out DateTimeOffset first, out _) ? [new FhirSearchValue(name, FhirDates.ToSearchValue(first))] : []);

    /// <summary>A reference is found by what it points to and, with the modifier <c>:identifier</c>, by the identifier in it.</summary>
    public static SearchParameter Reference<T>(string name, string documentation, string[] targets, Func<T, IEnumerable<ResourceReference?>> references)
        where T : Resource =>
        new(name, SearchParamType.Reference, documentation, resource => references((T)resource).OfType<ResourceReference>().SelectMany(reference => Values(name, reference)))
        {
            Targets = targets,
            References = resource => references((T)resource).OfType<ResourceReference>(),
        };

    private static IEnumerable<FhirSearchValue> Values(string name, ResourceReference reference)
    {
        if (reference.Reference is { } target)
        {
            yield return new FhirSearchValue(name, target);
        }

        if (reference.Identifier is { Value: { } value } identifier)
        {
            yield return new FhirSearchValue(name + IdentifierSuffix, value, identifier.System);
        }
    }
}
