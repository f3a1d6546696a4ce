using MedicalAi.Archive;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MedicalAi.DicomScp;

/// <summary>Hosting of the worklist.</summary>
public static class WorklistServices
{
    /// <summary>Has a Modality Worklist asked what was ordered of each study that becomes stable (<see cref="StudyOrderSource"/>). Needs the archive and the AE registry.</summary>
    public static IServiceCollection AddWorklist(this IServiceCollection services, WorklistOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<WorklistInquiry>();
        services.AddSingleton<StudyOrderSource>(provider => provider.GetRequiredService<WorklistInquiry>().AskAsync);
        return services;
    }
}
