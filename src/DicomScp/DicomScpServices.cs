using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

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
    /// <see cref="AeRegistryFile.Load"/> is to be called before it is asked. Needs <c>AddArchive</c>.
    /// </summary>
    public static IServiceCollection AddAeRegistry(this IServiceCollection services, AeRegistryFileOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new AeRegistryFile(
            options with { CanMatch = tag => CanMatch(provider.GetRequiredService<IStudyIndex>(), tag) },
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<AeRegistryFile>>()));
        services.AddSingleton<AssociationPolicy, RegistryPolicy>();
        services.AddSingleton<ForwardStatus>();
        services.AddHostedService(provider => provider.GetRequiredService<AeRegistryFile>());
        return services;
    }

    /// <summary>
    /// Adds the forwarder: what the rules of the registry want is queued from the change log and sent to the destinations. Needs
    /// <see cref="AddDicomScp"/> and <see cref="AddAeRegistry"/>. <see cref="ForwardCommitmentOptions"/> may be in the container.
    /// </summary>
    public static IServiceCollection AddForwarding(this IServiceCollection services)
    {
        services.TryAddSingleton<ForwardCommitmentOptions>();
        services.AddSingleton<ForwardCommitments>();
        services.AddHostedService<ForwardPlanner>();
        services.AddHostedService<ForwardDispatcher>();
        services.AddHostedService<ForwardMonitor>();
        return services;
    }

    private static bool CanMatch(IStudyIndex index, DicomTag tag) => index.FindUnsupported(new IndexQuery(IndexLevel.Instance).With(tag, "1")).Count == 0;
}
