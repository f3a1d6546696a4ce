using MedicalAi.Dicom.Network;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MedicalAi.DicomScp;

/// <summary>Hosting of the SCP.</summary>
public static class DicomScpServices
{
    /// <summary>
    /// Adds the services over the archive (<see cref="SupportedSopClasses"/>), and the <see cref="DicomConnectionHandler"/> that Kestrel uses at a
    /// <see cref="DicomEndPoint"/>: <c>listen.UseConnectionHandler&lt;DicomConnectionHandler&gt;()</c>. Needs <c>AddArchive</c>; with
    /// <see cref="AddAeRegistry"/> the registry says who may do what. All of Kestrel's connections get <see cref="ConnectionMemory"/>, those of
    /// DICOM also <see cref="DicomTransport"/>.
    /// </summary>
    public static IServiceCollection AddDicomScp(this IServiceCollection services, DicomServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<DimseService, VerificationService>();
        services.AddSingleton<DimseService, StorageService>();
        services.AddSingleton<DimseService, FindService>();
        services.AddSingleton<DimseService, MoveService>();
        services.AddSingleton<DimseService, GetService>();
        services.AddStorageCommitment();
        services.AddSingleton<DimseService, PerformedStepService>();
        services.AddSingleton<DimseService, AvailabilityService>();
        services.AddSingleton<DicomConnectionHandler>();
        services.AddSingleton<IMemoryPoolFactory<byte>, ConnectionMemory>();
        services.AddSingleton<IConnectionListenerFactory, DicomTransport>();
        return services;
    }

    /// <summary>
    /// Adds the registry of application entities, which watches its file and says who may open associations;
    /// <see cref="AeRegistryFile.Load"/> is to be called before it is asked.
    /// </summary>
    public static IServiceCollection AddAeRegistry(this IServiceCollection services, AeRegistryFileOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<AeRegistryFile>();
        services.AddSingleton<AssociationPolicy, RegistryPolicy>();
        services.AddHostedService(provider => provider.GetRequiredService<AeRegistryFile>());
        return services;
    }
}
