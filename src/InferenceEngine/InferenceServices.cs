using MedicalAi.Archive;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MedicalAi.InferenceEngine;

/// <summary>Hosting of the inference engine.</summary>
public static class InferenceServices
{
    /// <summary>
    /// Adds the models and the choice of tasks and, where <see cref="InferenceOptions.RunsTasks"/> says so, the worker that carries
    /// them out. It needs the archive.
    /// </summary>
    public static IServiceCollection AddInferenceEngine(this IServiceCollection services, InferenceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(_ => ModelRepository.Load(options.ModelsFolder));
        services.AddSingleton<ModelPlanner>();
        services.AddSingleton<TaskSelector>(provider => provider.GetRequiredService<ModelPlanner>().Plan);
        if (options.RunsTasks)
        {
            services.AddSingleton<ModelRunners>();
            services.AddSingleton<TaskExecution>();
            services.AddHostedService<InferenceWorker>();
        }

        return services;
    }
}
