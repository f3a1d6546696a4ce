using MedicalAi.Dicom.Network;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MedicalAi.DicomScp;

/// <summary>Hosting of storage commitment.</summary>
internal static class CommitmentServices
{
    /// <summary>Adds Storage Commitment as SCP, and <see cref="CommitmentRequests"/> whose answers our SCP takes. <see cref="CommitmentOptions"/> may be in the container.</summary>
    public static IServiceCollection AddStorageCommitment(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<CommitmentOptions>();
        services.AddSingleton<WaitingRequestors>();
        services.AddSingleton<CommitmentRequests>();
        services.AddSingleton<CommitmentCheck>();
        services.AddSingleton(provider => new CommitmentReport(
            provider.GetRequiredService<WaitingRequestors>(),
            provider.GetRequiredService<DicomServerOptions>(),
            provider.GetRequiredService<CommitmentOptions>(),
            provider.GetService<AeRegistryFile>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<DimseService, CommitmentService>();
        services.AddHostedService<CommitmentWorker>();
        return services;
    }
}
