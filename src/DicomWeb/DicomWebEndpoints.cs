using MedicalAi.Archive;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomWeb;

/// <summary>The endpoints of DICOMweb (PS3.18).</summary>
public static class DicomWebEndpoints
{
    /// <summary>
    /// Maps all resources of <see cref="DicomWebResource.All"/> below a path. Every path below it is answered, the unknown ones by
    /// problem details.
    /// </summary>
    /// <param name="endpoints">Where to map.</param>
    /// <param name="pattern">The path of the service.</param>
    /// <returns>The group, so that authorization can be required of it.</returns>
    public static IEndpointConventionBuilder MapDicomWeb(this IEndpointRouteBuilder endpoints, string pattern = "/dicomweb")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        IServiceProvider services = endpoints.ServiceProvider;
        DicomWebOptions options = services.GetRequiredService<DicomWebOptions>();
        ILogger<Dispatcher> logger = services.GetRequiredService<ILogger<Dispatcher>>();
        string path = "/" + pattern.Trim('/');
        RouteGroupBuilder group = endpoints.MapGroup(path);
        foreach (IGrouping<string, DicomWebResource> resource in DicomWebResource.All.GroupBy(resource => resource.Template))
        {
            Dictionary<string, ResourceHandler> handlers = resource.ToDictionary(one => one.Method, one => Find(services, one.Transaction));
            group.Map(resource.Key, new Dispatcher(path, options, handlers, logger).InvokeAsync);
        }

        group.Map("/{**rest}", new Dispatcher(path, options, new Dictionary<string, ResourceHandler>(), logger).InvokeAsync);
        return group;
    }

    private static ResourceHandler Find(IServiceProvider services, DicomWebTransaction transaction) => transaction switch
    {
        DicomWebTransaction.RetrieveCapabilities => Capabilities.AnswerAsync,
        DicomWebTransaction.Store => services.GetRequiredService<StoreHandler>().StoreAsync,
        DicomWebTransaction.SearchStudies => Search(services, IndexLevel.Study),
        DicomWebTransaction.SearchSeries => Search(services, IndexLevel.Series),
        DicomWebTransaction.SearchInstances => Search(services, IndexLevel.Instance),
        DicomWebTransaction.RetrieveInstances => services.GetRequiredService<RetrieveHandler>().RetrieveAsync,
        DicomWebTransaction.RetrieveMetadata => services.GetRequiredService<MetadataHandler>().RetrieveAsync,
        DicomWebTransaction.RetrieveFrames => services.GetRequiredService<FramesHandler>().RetrieveAsync,
        DicomWebTransaction.RetrieveBulkData => services.GetRequiredService<BulkDataHandler>().RetrieveAsync,
        DicomWebTransaction.RetrieveRendered => services.GetRequiredService<RenderedHandler>().RenderAsync,
        DicomWebTransaction.RetrieveThumbnail => services.GetRequiredService<RenderedHandler>().ThumbnailAsync,
        _ => throw new ArgumentOutOfRangeException(nameof(transaction)),
    };

    private static ResourceHandler Search(IServiceProvider services, IndexLevel level)
    {
        SearchHandler handler = services.GetRequiredService<SearchHandler>();
        return request => handler.SearchAsync(request, level);
    }
}
