using System.Globalization;
using Hl7.Fhir.Model;
using MedicalAi.Archive;
using Task = System.Threading.Tasks.Task;

namespace MedicalAi.FhirReports;

/// <summary>Runs searches over the report index and makes their bundles.</summary>
/// <param name="index">The resources.</param>
/// <param name="contents">Fills in imaging studies.</param>
/// <param name="options">The limits.</param>
/// <param name="baseUrl">The URL of the services.</param>
internal sealed class FhirSearch(IReportIndex index, ImagingStudyContents contents, FhirOptions options, string baseUrl)
{
    // A chain that leads to more resources than this is to be asked in two steps.
    private const int MaximumChained = 1000;

    /// <summary>A page of a search.</summary>
    public async Task<(Bundle? Bundle, FhirError? Error)> RunAsync(SearchRequest request, CancellationToken cancellationToken)
    {
        List<FhirClause> clauses = [.. request.Clauses];
        foreach (ChainedClause chain in request.Chains)
        {
            IReadOnlyList<FhirResource> targets = await index.SearchAsync(new FhirQuery(chain.Target) { Clauses = chain.Clauses, Limit = MaximumChained }, cancellationToken);
            if (targets.Count == MaximumChained)
            {
                return (null, new FhirError(400, OperationOutcome.IssueType.TooCostly, $"The chain by {chain.Reference} leads to too many resources."));
            }

            // No operand at all matches nothing, which is what a chain that leads nowhere means.
            clauses.Add(new FhirClause(chain.Reference, [.. targets.Select(target => new FhirOperand($"{target.Type}/{target.Id}"))]));
        }

        FhirQuery query = new(request.Type) { Clauses = clauses, Limit = request.Count, Offset = request.Offset };
        Bundle bundle = new()
        {
            Type = Bundle.BundleType.Searchset,
            Total = (int)Math.Min(int.MaxValue, await index.CountAsync(query, cancellationToken)),
        };
        if (!request.View.CountOnly && request.Count > 0)
        {
            IReadOnlyList<FhirResource> matches = await index.SearchAsync(query, cancellationToken);
            await AddAsync(bundle, matches, Bundle.SearchEntryMode.Match, request.View, cancellationToken);
            if (matches.Count > 0)
            {
                await IncludeAsync(bundle, request, matches, cancellationToken);
            }
        }

        AddLinks(bundle, request);
        return (bundle, null);
    }

    /// <summary>A stored resource as it is served: with its version and, for a study, with what the archive holds of it now.</summary>
    public async Task<Resource> PrepareAsync(FhirResource stored, ResourceView view, CancellationToken cancellationToken)
    {
        Resource resource = FhirJson.Read(stored.Json);
        resource.Meta ??= new Meta();
        resource.Meta.VersionId = stored.Version.ToString(CultureInfo.InvariantCulture);
        resource.Meta.LastUpdated = stored.LastUpdated;
        if (resource is ImagingStudy study)
        {
            await contents.FillAsync(study, cancellationToken);
        }

        if (view.Filter is not null)
        {
            resource.Meta.Tag.Add(new Coding(FhirConcepts.ObservationValue, "SUBSETTED", "Subsetted"));
        }

        return resource;
    }

    private async Task AddAsync(Bundle bundle, IReadOnlyList<FhirResource> resources, Bundle.SearchEntryMode mode, ResourceView view, CancellationToken cancellationToken)
    {
        foreach (FhirResource resource in resources)
        {
            bundle.Entry.Add(new Bundle.EntryComponent
            {
                FullUrl = $"{baseUrl}/{resource.Type}/{resource.Id}",
                Resource = await PrepareAsync(resource, view, cancellationToken),
                Search = new Bundle.SearchComponent { Mode = mode },
            });
        }
    }

    private async Task IncludeAsync(Bundle bundle, SearchRequest request, IReadOnlyList<FhirResource> matches, CancellationToken cancellationToken)
    {
        HashSet<string> known = [.. matches.Select(match => $"{match.Type}/{match.Id}")];
        List<FhirResource> included = [];
        bool isCut = false;
        IEnumerable<IGrouping<string, string>> targets = bundle.Entry
            .SelectMany(entry => request.Includes.SelectMany(parameter => parameter.References(entry.Resource!)))
            .Select(reference => reference.Reference)
            .OfType<string>()
            .Where(known.Add)
            .GroupBy(reference => reference.Split('/')[0], reference => reference.Split('/')[^1]);
        foreach (IGrouping<string, string> target in targets.Where(target => SearchParameters.Find(target.Key) is not null).ToList())
        {
            string[] ids = [.. target];
            isCut |= ids.Length > options.MaximumIncluded - included.Count;
            included.AddRange(await FindAsync(target.Key, new FhirClause("_id", [.. ids.Select(id => new FhirOperand(id))]), options.MaximumIncluded - included.Count));
        }

        foreach ((string type, SearchParameter parameter) in request.ReverseIncludes)
        {
            int room = options.MaximumIncluded - included.Count;
            IReadOnlyList<FhirResource> found = await FindAsync(type, new FhirClause(parameter.Name, [.. matches.Select(match => new FhirOperand($"{match.Type}/{match.Id}"))]), room);
            isCut |= found.Count == room;
            included.AddRange(found.Where(resource => known.Add($"{resource.Type}/{resource.Id}")));
        }

        await AddAsync(bundle, included, Bundle.SearchEntryMode.Include, request.View, cancellationToken);
        if (isCut)
        {
            bundle.Entry.Add(new Bundle.EntryComponent
            {
                Resource = new FhirError(200, OperationOutcome.IssueType.Incomplete, $"No more than {options.MaximumIncluded} resources are included on a page.").ToOutcome(OperationOutcome.IssueSeverity.Warning),
                Search = new Bundle.SearchComponent { Mode = Bundle.SearchEntryMode.Outcome },
            });
        }

        async Task<IReadOnlyList<FhirResource>> FindAsync(string type, FhirClause clause, int room) =>
            room <= 0 ? [] : await index.SearchAsync(new FhirQuery(type) { Clauses = [clause], Limit = room }, cancellationToken);
    }

    private void AddLinks(Bundle bundle, SearchRequest request)
    {
        bundle.AddLink("self", Link(request.Offset));
        if (request.View.CountOnly || request.Count == 0)
        {
            return;
        }

        if (request.Offset + (long)request.Count < bundle.Total)
        {
            bundle.AddLink("next", Link(request.Offset + request.Count));
        }

        if (request.Offset > 0)
        {
            bundle.AddLink("previous", Link(Math.Max(0, request.Offset - request.Count)));
        }

        string Link(int offset)
        {
            IEnumerable<KeyValuePair<string, string>> parameters = request.Used.Append(new("_count", request.Count.ToString(CultureInfo.InvariantCulture)));
            parameters = offset == 0 ? parameters : parameters.Append(new("_offset", offset.ToString(CultureInfo.InvariantCulture)));
            return $"{baseUrl}/{request.Type}?{string.Join('&', parameters.Select(parameter => $"{Uri.EscapeDataString(parameter.Key)}={Uri.EscapeDataString(parameter.Value)}"))}";
        }
    }
}

/// <summary>Links of a bundle.</summary>
internal static class BundleLinks
{
    public static void AddLink(this Bundle bundle, string relation, string url) => bundle.Link.Add(new Bundle.LinkComponent { Relation = relation, Url = url });
}
