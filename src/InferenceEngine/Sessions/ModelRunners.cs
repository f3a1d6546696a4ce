using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace MedicalAi.InferenceEngine;

/// <summary>The runners of all models, which share the memory.</summary>
internal sealed class ModelRunners(ModelRepository repository, InferenceOptions options, TimeProvider time, ILogger<ModelRunners> logger) : IAsyncDisposable
{
    private readonly MemoryGate _memory = new(options.MemoryMiB);
    private readonly ConcurrentDictionary<(string Name, string Version), Lazy<ModelRunner>> _runners = new();

    /// <summary>The runner of a model.</summary>
    /// <exception cref="InferenceException">The model is not in the repository.</exception>
    public (Model Model, ModelRunner Runner) Get(string name, string version)
    {
        Model model = repository.Find(name, version) ?? throw new InferenceException($"Model {name} {version} is not in the repository.");
        return (model, _runners.GetOrAdd((name, version), _ => new Lazy<ModelRunner>(() => new ModelRunner(model, options, _memory, time, logger))).Value);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Lazy<ModelRunner> runner in _runners.Values)
        {
            if (runner.IsValueCreated)
            {
                await runner.Value.DisposeAsync();
            }
        }

        _runners.Clear();
    }
}
