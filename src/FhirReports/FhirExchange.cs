using System.Globalization;
using System.Reflection;
using Hl7.Fhir.Model;
using MedicalAi.Archive;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Task = System.Threading.Tasks.Task;

namespace MedicalAi.FhirReports;

/// <summary>One request and its answer.</summary>
/// <param name="context">The request.</param>
/// <param name="options">How to answer.</param>
internal sealed class FhirExchange(HttpContext context, FhirOptions options)
{
    private const string ContentType = "application/fhir+json; charset=utf-8";

    private static readonly string s_version = typeof(FhirExchange).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    private HttpRequest Request => context.Request;

    private HttpResponse Response => context.Response;

    private string BaseUrl => options.PublicBaseUrl?.TrimEnd('/') ?? $"{Request.Scheme}://{Request.Host}{Request.PathBase}/fhir";

    private string ResourceType => Request.RouteValues["type"] as string ?? "";

    /// <summary>The path for the log: the type, without id and parameters.</summary>
    public string LoggedPath => SearchParameters.Find(ResourceType) is null ? "/fhir" : $"/fhir/{ResourceType}";

    /// <summary>Why no answer would be accepted; null when JSON is.</summary>
    public FhirError? FindUnacceptable()
    {
        FhirError error = new(406, OperationOutcome.IssueType.NotSupported, "Answers are in application/fhir+json, FHIR 4.0, only.");

        // A plus sign that was not escaped in a query is a space.
        if (Request.Query.TryGetValue("_format", out StringValues format) && format.Count > 0 && format[0]!.Length > 0)
        {
            return IsJson(format[0]!.Split(';')[0].Replace(' ', '+')) ? null : error;
        }

        StringValues accept = Request.Headers.Accept;
        if (accept.Count == 0 || accept.All(string.IsNullOrWhiteSpace))
        {
            return null;
        }

        return MediaTypeHeaderValue.TryParseList(accept!, out IList<MediaTypeHeaderValue>? types) && types.Any(Accepts) ? null : error;

        static bool Accepts(MediaTypeHeaderValue type) =>
            type.Quality is not 0
            && (IsJson(type.MediaType.Value!) || type.MediaType.Value is "*/*" or "application/*")
            && type.Parameters.All(parameter => !parameter.Name.Equals("fhirVersion", StringComparison.OrdinalIgnoreCase) || parameter.Value.Value!.Trim('"') is "4.0" or "4.0.1");

        static bool IsJson(string type) => type is "json" || type.Equals("application/fhir+json", StringComparison.OrdinalIgnoreCase)
            || type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.Equals("text/json", StringComparison.OrdinalIgnoreCase);
    }

    public Task AnswerMetadataAsync() => WriteAsync(200, CapabilityStatements.Create(BaseUrl, s_version), ResourceView.Whole);

    public async Task AnswerSearchAsync(CancellationToken cancellationToken)
    {
        if (SearchParameters.Find(ResourceType) is null)
        {
            await WriteAsync(UnknownType());
            return;
        }

        List<KeyValuePair<string, string>> parameters = [];
        Add(parameters, Request.Query);
        if (HttpMethods.IsPost(Request.Method) && Request.ContentLength is not 0)
        {
            if (!Request.HasFormContentType)
            {
                await WriteAsync(new FhirError(415, OperationOutcome.IssueType.NotSupported, "A search by POST has the content type application/x-www-form-urlencoded."));
                return;
            }

            try
            {
                Add(parameters, await Request.ReadFormAsync(cancellationToken));
            }
            catch (InvalidDataException)
            {
                await WriteAsync(FhirError.Invalid("The form is larger than is allowed or cannot be read."));
                return;
            }
        }

        bool isStrict = Request.Headers["Prefer"].Any(value => value is not null && value.Contains("handling=strict", StringComparison.OrdinalIgnoreCase));
        if (SearchParser.Parse(ResourceType, parameters, options, BaseUrl, isStrict, out FhirError? refused) is not { } request)
        {
            await WriteAsync(refused!);
            return;
        }

        (Bundle? bundle, FhirError? error) = await CreateSearch().RunAsync(request, cancellationToken);
        await (bundle is null ? WriteAsync(error!) : WriteAsync(200, bundle, request.View));
    }

    public async Task AnswerReadAsync(CancellationToken cancellationToken)
    {
        if (SearchParameters.Find(ResourceType) is null)
        {
            await WriteAsync(UnknownType());
            return;
        }

        string? summary = Request.Query["_summary"];
        string? elements = Request.Query["_elements"];
        ResourceView view = elements is { Length: > 0 } ? ResourceView.OfElements(elements)
            : summary is { Length: > 0 } && ResourceView.OfSummary(summary) is { CountOnly: false } found ? found
            : ResourceView.Whole;
        IReportIndex index = context.RequestServices.GetRequiredService<IReportIndex>();
        if (await index.FindResourceAsync(ResourceType, Request.RouteValues["id"] as string ?? "", cancellationToken) is not { } stored)
        {
            await WriteAsync(new FhirError(404, OperationOutcome.IssueType.NotFound, $"There is no such {ResourceType}."));
            return;
        }

        Resource resource = await CreateSearch().PrepareAsync(stored, view, cancellationToken);
        EntityTagHeaderValue tag = new($"\"{resource.Meta!.VersionId}\"", isWeak: true);
        Response.Headers.ETag = tag.ToString();
        Response.Headers.LastModified = resource.Meta.LastUpdated!.Value.ToString("R", CultureInfo.InvariantCulture);
        if (IsUnchanged(tag, resource.Meta.LastUpdated.Value))
        {
            Response.StatusCode = 304;
            return;
        }

        await WriteAsync(200, resource, view);
    }

    /// <summary>What no other route takes: a method that is not allowed, or no resource at all.</summary>
    public Task AnswerUnknownAsync()
    {
        string[] path = (Request.RouteValues["path"] as string ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (path.Length is not (1 or 2))
        {
            return WriteAsync(new FhirError(404, OperationOutcome.IssueType.NotFound, "There is nothing here; /fhir/metadata says what there is."));
        }

        if (SearchParameters.Find(path[0]) is null && path is not ["metadata"])
        {
            return WriteAsync(UnknownType(path[0]));
        }

        Response.Headers.Allow = path is [_, "_search"] ? "POST" : "GET, HEAD";
        return WriteAsync(new FhirError(405, OperationOutcome.IssueType.NotSupported, $"{Request.Method} is not supported here: results are read and searched."));
    }

    public Task WriteAsync(FhirError error) => WriteAsync(error.Status, error.ToOutcome(), ResourceView.Whole);

    /// <summary>Answers with an error, unless an answer is on its way already.</summary>
    public async Task TryWriteAsync(FhirError error)
    {
        if (!Response.HasStarted)
        {
            await WriteAsync(error);
        }
    }

    private static FhirError UnknownType(string type) => new(404, OperationOutcome.IssueType.NotSupported, $"Resource type {FhirConcepts.Clean(type)} is not served.");

    private FhirError UnknownType() => UnknownType(ResourceType);

    private static void Add(List<KeyValuePair<string, string>> parameters, IEnumerable<KeyValuePair<string, StringValues>> values) =>
        parameters.AddRange(values.SelectMany(pair => pair.Value.Select(value => new KeyValuePair<string, string>(pair.Key, value ?? ""))));

    private FhirSearch CreateSearch() => new(
        context.RequestServices.GetRequiredService<IReportIndex>(),
        new ImagingStudyContents(context.RequestServices.GetRequiredService<IStudyIndex>(), options.MaximumInstances),
        options,
        BaseUrl);

    // If-None-Match goes before If-Modified-Since (RFC 9110 section 13.2.2).
    private bool IsUnchanged(EntityTagHeaderValue tag, DateTimeOffset modified)
    {
        if (Request.Headers.IfNoneMatch.Count > 0)
        {
            return EntityTagHeaderValue.TryParseList(Request.Headers.IfNoneMatch!, out IList<EntityTagHeaderValue>? tags)
                && tags.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Compare(tag, useStrongComparison: false));
        }

        return Request.GetTypedHeaders().IfModifiedSince is { } since && modified.ToUnixTimeSeconds() <= since.ToUnixTimeSeconds();
    }

    private async Task WriteAsync(int status, Resource resource, ResourceView view)
    {
        ReadOnlyMemory<byte> json = FhirJson.Write(resource, view.Filter, Request.Query["_pretty"] == "true");
        Response.StatusCode = status;
        Response.ContentType = ContentType;
        Response.ContentLength = json.Length;

        // Answers hold patient data: no cache may keep them for others.
        Response.Headers.CacheControl = "private, no-cache";
        Response.Headers.XContentTypeOptions = "nosniff";
        if (!HttpMethods.IsHead(Request.Method))
        {
            await Response.Body.WriteAsync(json, context.RequestAborted);
        }
    }
}
