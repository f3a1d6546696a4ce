using System.Diagnostics;
using MedicalAi.Archive;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace MedicalAi.InferenceEngine;

/// <summary>Runs one model: puts images together and admits each batch by its memory, loads the model when it is first needed.</summary>
internal sealed class ModelRunner : IAsyncDisposable
{
    private readonly Model _model;
    private readonly AdmissionGate _memory;
    private readonly Func<OnnxSession> _open;
    private readonly Lock _lock = new();
    private readonly DynamicBatcher? _batcher;
    private OnnxSession? _session;

    public ModelRunner(Model model, InferenceOptions options, AdmissionGate memory, TimeProvider time, ILogger logger)
    {
        _model = model;
        _memory = memory;
        _open = () => OnnxSession.Open(model, options.Accelerator, options.Threads, logger);
        if (model.Manifest.Input.Kind == InputKind.Image)
        {
            _batcher = new DynamicBatcher(model.Manifest.Batch.MaximumSize, TimeSpan.FromMilliseconds(model.Manifest.Batch.MaximumDelayMilliseconds), RunBatchAsync, time);
        }
    }

    /// <summary>Runs an image together with others.</summary>
    /// <param name="image">Rows x columns values.</param>
    /// <param name="priority">How urgent it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The numbers of its output, after the activation.</returns>
    /// <exception cref="InferenceException">The run failed.</exception>
    public Task<float[]> RunImageAsync(float[] image, TaskPriority priority, CancellationToken cancellationToken) => _batcher!.RunAsync(image, priority, cancellationToken);

    /// <summary>Runs a volume.</summary>
    /// <param name="volume">The voxels, c fastest.</param>
    /// <param name="a">The voxels along the slowest axis.</param>
    /// <param name="b">The voxels along the middle axis.</param>
    /// <param name="c">The voxels along the fastest axis.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <returns>The label of each voxel.</returns>
    /// <exception cref="InferenceException">The run failed.</exception>
    public byte[] RunVolume(Memory<float> volume, int a, int b, int c, CancellationToken cancellationToken)
    {
        OnnxSession session = GetSession();
        long begin = Stopwatch.GetTimestamp();
        byte[] labels = session.Run(volume, [1, 1, a, b, c], output => TakeLabels(output, volume.Length), givesMemoryBack: true, cancellationToken);
        InferenceMetrics.Ran(_model.Manifest.Name, 1, Stopwatch.GetElapsedTime(begin));
        return labels;
    }

    public async ValueTask DisposeAsync()
    {
        if (_batcher is not null)
        {
            await _batcher.DisposeAsync();
        }

        _session?.Dispose();
    }

    // A model that could not be loaded is tried again for the next task: its file may have been put right.
    private OnnxSession GetSession()
    {
        lock (_lock)
        {
            return _session ??= _open();
        }
    }

    /// <summary>Runs images at once.</summary>
    /// <returns>The numbers of each image's output, after the activation.</returns>
    /// <exception cref="InferenceException">The run failed, or a number is none.</exception>
    internal static float[][] RunImages(Model model, OnnxSession session, IReadOnlyList<float[]> images, CancellationToken cancellationToken)
    {
        ResizeStep size = model.Manifest.Input.ImageSize;
        int pixels = model.Manifest.Input.ImageLength;
        float[] input = new float[images.Count * pixels];
        for (int i = 0; i < images.Count; i++)
        {
            images[i].AsSpan(0, pixels).CopyTo(input.AsSpan(i * pixels));
        }

        return session.Run(input, [images.Count, 1, size.Rows, size.Columns], output => TakeNumbers(model, output, images.Count), givesMemoryBack: false, cancellationToken);
    }

    private async Task<IReadOnlyList<float[]>> RunBatchAsync(IReadOnlyList<float[]> images, TaskPriority priority, CancellationToken cancellationToken)
    {
        using IDisposable admitted = await _memory.EnterAsync(_model.Manifest.PeakMemoryMiB, priority, cancellationToken);
        OnnxSession session = GetSession();
        long begin = Stopwatch.GetTimestamp();
        float[][] outputs = RunImages(_model, session, images, cancellationToken);
        InferenceMetrics.Ran(_model.Manifest.Name, images.Count, Stopwatch.GetElapsedTime(begin));
        return outputs;
    }

    private static float[][] TakeNumbers(Model model, OrtValue output, int images)
    {
        if (output.GetTensorTypeAndShape().ElementDataType != TensorElementType.Float)
        {
            throw new InferenceException($"Model {model.Manifest.Name} yields no numbers of single precision.");
        }

        ReadOnlySpan<float> numbers = output.GetTensorDataAsSpan<float>();
        int each = numbers.Length / images;
        if (each * images != numbers.Length || model.Manifest.Output.Classifications.Any(classification => classification.Index >= each))
        {
            throw new InferenceException($"Model {model.Manifest.Name} yields {numbers.Length} numbers for {images} images, fewer than its manifest names.");
        }

        float[][] outputs = new float[images][];
        for (int i = 0; i < images; i++)
        {
            outputs[i] = Activations.Apply(model.Manifest.Output.Activation, numbers.Slice(i * each, each));
        }

        return outputs;
    }

    private byte[] TakeLabels(OrtValue output, int voxels)
    {
        OrtTensorTypeAndShapeInfo type = output.GetTensorTypeAndShape();
        if (type.ElementCount != voxels)
        {
            throw new InferenceException($"Model {_model.Manifest.Name} yields {type.ElementCount} labels for {voxels} voxels.");
        }

        switch (type.ElementDataType)
        {
            case TensorElementType.UInt8:
                return output.GetTensorDataAsSpan<byte>().ToArray();
            case TensorElementType.Int64:
                ReadOnlySpan<long> wide = output.GetTensorDataAsSpan<long>();
                byte[] labels = new byte[wide.Length];
                for (int i = 0; i < labels.Length; i++)
                {
                    labels[i] = (byte)Math.Clamp(wide[i], 0, byte.MaxValue);
                }

                return labels;
            default:
                throw new InferenceException($"Model {_model.Manifest.Name} yields labels of {type.ElementDataType}; uint8 and int64 are understood.");
        }
    }
}
