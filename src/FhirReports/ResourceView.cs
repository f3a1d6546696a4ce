using Hl7.Fhir.Serialization;

namespace MedicalAi.FhirReports;

/// <summary>What of a resource is wanted: _summary and _elements.</summary>
/// <param name="Filter">Makes what chooses the elements to write; null for all.</param>
/// <param name="CountOnly">Whether only the number of matches is wanted.</param>
internal sealed record ResourceView(Func<SerializationFilter>? Filter, bool CountOnly = false)
{
    public static ResourceView Whole { get; } = new((Func<SerializationFilter>?)null);

    /// <summary>The view of a value of _summary; null for one that is not of the standard.</summary>
    public static ResourceView? OfSummary(string value) => value switch
    {
        "true" => new ResourceView(SerializationFilter.ForSummary),
        "text" => new ResourceView(SerializationFilter.ForText),
        "data" => new ResourceView(SerializationFilter.ForData),
        "count" => new ResourceView(null, CountOnly: true),
        "false" => Whole,
        _ => null,
    };

    /// <summary>The view of the elements named, separated by commas, with those that the standard requires, and with id and meta.</summary>
    public static ResourceView OfElements(string elements) =>
        new(SerializationFilter.ForElementsFactory([.. elements.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), "id", "meta"]));
}
