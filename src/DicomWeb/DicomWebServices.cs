using Microsoft.Extensions.DependencyInjection;

namespace MedicalAi.DicomWeb;

/// <summary>Hosting of DICOMweb.</summary>
public static class DicomWebServices
{
    /// <summary>Adds what the endpoints need. The archive is to be added too.</summary>
    public static IServiceCollection AddDicomWeb(this IServiceCollection services, DicomWebOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        services.AddRouting();
        services.AddSingleton(options);
        services.AddSingleton<StoreHandler>();
        services.AddSingleton<SearchHandler>();
        services.AddSingleton<InstanceFiles>();
        services.AddSingleton<RetrieveHandler>();
        services.AddSingleton<MetadataHandler>();
        services.AddSingleton<FrameSources>();
        services.AddSingleton<FramesHandler>();
        services.AddSingleton<BulkDataHandler>();
        services.AddSingleton<RenderedHandler>();
        return services;
    }
}
