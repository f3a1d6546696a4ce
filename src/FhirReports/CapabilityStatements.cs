using Hl7.Fhir.Model;

namespace MedicalAi.FhirReports;

/// <summary>What the services can do, from the table that they do it by.</summary>
internal static class CapabilityStatements
{
    // When the table of search parameters or the interactions last changed.
    private const string Changed = "2026-11-24";

    public static CapabilityStatement Create(string baseUrl, string version) => new()
    {
        Status = PublicationStatus.Active,
        Date = Changed,
        Kind = CapabilityStatementKind.Instance,
        Software = new CapabilityStatement.SoftwareComponent { Name = "MedicalAi.Gateway", Version = version },
        Implementation = new CapabilityStatement.ImplementationComponent { Description = "Results of AI on imaging studies, preliminary until a physician has reviewed them", Url = baseUrl },
        FhirVersion = FHIRVersion.N4_0_1,
        Format = ["application/fhir+json", "json"],
        Rest =
        [
            new CapabilityStatement.RestComponent
            {
                Mode = CapabilityStatement.RestfulCapabilityMode.Server,
                Resource = [.. SearchParameters.Types.Select(CreateResource)],
            },
        ],
    };

    private static CapabilityStatement.ResourceComponent CreateResource(string type)
    {
        IReadOnlyList<SearchParameter> parameters = SearchParameters.Find(type)!;
        return new CapabilityStatement.ResourceComponent
        {
            Type = type,
            Profile = ModelInfo.CanonicalUriForFhirCoreType(type)?.Value,
            Interaction =
            [
                new CapabilityStatement.ResourceInteractionComponent { Code = CapabilityStatement.TypeRestfulInteraction.Read },
                new CapabilityStatement.ResourceInteractionComponent { Code = CapabilityStatement.TypeRestfulInteraction.SearchType },
            ],
            Versioning = CapabilityStatement.ResourceVersionPolicy.Versioned,
            ReadHistory = false,
            ConditionalRead = CapabilityStatement.ConditionalReadStatus.FullSupport,
            SearchInclude = [.. parameters.Where(parameter => parameter.Targets.Any(target => SearchParameters.Find(target) is not null)).Select(parameter => $"{type}:{parameter.Name}")],
            SearchRevInclude = [.. SearchParameters.Types.SelectMany(other => SearchParameters.Find(other)!.Where(parameter => parameter.Targets.Contains(type)).Select(parameter => $"{other}:{parameter.Name}"))],
            SearchParam =
            [
                new CapabilityStatement.SearchParamComponent { Name = "_id", Type = SearchParamType.Token, Documentation = "The logical id" },
                new CapabilityStatement.SearchParamComponent { Name = "_lastUpdated", Type = SearchParamType.Date, Documentation = "When it was last changed" },
                .. parameters.Select(parameter => new CapabilityStatement.SearchParamComponent { Name = parameter.Name, Type = parameter.Type, Documentation = parameter.Documentation }),
            ],
        };
    }
}
