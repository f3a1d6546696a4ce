using System.Collections.Concurrent;
using System.Globalization;
using MedicalAi.Archive;
using Microsoft.Extensions.Logging;

namespace MedicalAi.InferenceEngine;

/// <summary>The runners of all models, and the machine that they share: its memory and its processors.</summary>
internal sealed class ModelRunners(ModelRepository repository, InferenceOptions options, TimeProvider time, ILogger<ModelRunners> logger) : IAsyncDisposable
{
    private readonly AdmissionGate _memory = new(options.MemoryMiB);
    private readonly AdmissionGate _volumes = new(options.MaximumVolumes);
    private readonly AdmissionGate _images = new(options.Threads);
    private readonly ConcurrentDictionary<(string Name, string Version), Lazy<ModelRunner>> _runners = new();

    /// <summary>The runner of a model.</summary>
    /// <exception cref="InferenceException">The model is not in the repository.</exception>
    public (Model Model, ModelRunner Runner) Get(string name, string version)
    {
        Model model = repository.Find(name, version) ?? throw new InferenceException($"Model {name} {version} is not in the repository.");
        return (model, _runners.GetOrAdd((name, version), _ => new Lazy<ModelRunner>(() => new ModelRunner(model, options, _memory, time, logger))).Value);
    }

    /// <summary>Waits until a volume may be read and run: each takes all threads, so few go at once.</summary>
    /// <param name="model">The model, whose run takes what its manifest says.</param>
    /// <param name="voxels">The voxels of the series, which takes 4 bytes for each value and 1 for each label.</param>
    /// <param name="priority">How urgent it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InferenceException">The series is larger than all the memory.</exception>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    public async Task<IDisposable> EnterVolumeAsync(Model model, long voxels, TaskPriority priority, CancellationToken cancellationToken)
    {
        long series = voxels * 5 / (1 << 20);
        if (series > options.MemoryMiB)
        {
            throw new InferenceException(string.Create(CultureInfo.InvariantCulture, $"The series takes {series} MiB; the engine may take {options.MemoryMiB} MiB in all."));
        }

        IDisposable turn = await _volumes.EnterAsync(1, priority, cancellationToken);
        try
        {
            return new Both(turn, await _memory.EnterAsync((int)Math.Min(int.MaxValue, series + model.Manifest.PeakMemoryMiB), priority, cancellationToken));
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    /// <summary>Waits until an image may be read and prepared: it is large until then, and small in a batch.</summary>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    public Task<IDisposable> EnterImageAsync(TaskPriority priority, CancellationToken cancellationToken) => _images.EnterAsync(1, priority, cancellationToken);

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

    private sealed record Both(IDisposable Turn, IDisposable Memory) : IDisposable
    {
        public void Dispose()
        {
            Memory.Dispose();
            Turn.Dispose();
        }
    }
}
