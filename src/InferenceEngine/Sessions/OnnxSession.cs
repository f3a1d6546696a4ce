using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace MedicalAi.InferenceEngine;

/// <summary>A model loaded into ONNX Runtime. Safe for use by several threads.</summary>
internal sealed class OnnxSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly SessionOptions _options;
    private readonly Model _model;

    private OnnxSession(Model model, InferenceSession session, SessionOptions options, bool usesCuda)
    {
        _model = model;
        _session = session;
        _options = options;
        UsesCuda = usesCuda;
    }

    /// <summary>Whether the model runs on CUDA.</summary>
    public bool UsesCuda { get; }

    /// <summary>Loads a model.</summary>
    /// <exception cref="InferenceException">The file is no model, is not the model of the manifest, or the accelerator that was asked for is not there.</exception>
    public static OnnxSession Open(Model model, Accelerator accelerator, int threads, ILogger logger)
    {
        if (model.FindFileProblem() is { } problem)
        {
            throw new InferenceException($"Model {model.Manifest.Name} cannot be loaded: {problem.Message}");
        }

        if (accelerator == Accelerator.Cpu || !IsCudaBuilt(accelerator, model, logger))
        {
            return Open(model, usesCuda: false, threads);
        }

        try
        {
            return Open(model, usesCuda: true, threads);
        }
        catch (InferenceException e) when (accelerator == Accelerator.Auto)
        {
            Log.CudaUnavailable(logger, model.Manifest.Name, e.Message);
            return Open(model, usesCuda: false, threads);
        }
    }

    /// <summary>Runs the model.</summary>
    /// <param name="input">The input, row-major.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="take">Takes the output, which is gone afterwards.</param>
    /// <param name="givesMemoryBack">Whether what the run took is given back: a volume takes hundreds of megabytes.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <exception cref="InferenceException">The run failed.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    public T Run<T>(Memory<float> input, long[] shape, Func<OrtValue, T> take, bool givesMemoryBack, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using RunOptions run = new();
        if (givesMemoryBack)
        {
            run.AddRunConfigEntry("memory.enable_memory_arena_shrinkage", UsesCuda ? "cpu:0;gpu:0" : "cpu:0");
        }

        using CancellationTokenRegistration stop = cancellationToken.Register(static state => ((RunOptions)state!).Terminate = true, run);
        try
        {
            using OrtValue tensor = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, input, shape);
            using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(run, [_model.Manifest.Input.Name], [tensor], [_model.Manifest.Output.Name]);
            return take(outputs[0]);
        }
        catch (OnnxRuntimeException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new InferenceException($"Model {_model.Manifest.Name} failed: {e.Message}", isTransient: true, e);
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _options.Dispose();
    }

    private static OnnxSession Open(Model model, bool usesCuda, int threads)
    {
        SessionOptions options = new() { IntraOpNumThreads = threads, InterOpNumThreads = 1 };
        InferenceSession? session = null;
        try
        {
            // Threads that wait in a loop would take the processors from ingest and viewers.
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            if (usesCuda)
            {
                options.AppendExecutionProvider_CUDA();
            }

            session = new InferenceSession(model.FilePath, options);
            Check(model, session);
            return new OnnxSession(model, session, options, usesCuda);
        }
        catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            options.Dispose();
            throw new InferenceException($"Model {model.Manifest.Name} cannot be loaded: {e.Message}", isTransient: false, e);
        }
        catch (InferenceException)
        {
            session?.Dispose();
            options.Dispose();
            throw;
        }
    }

    private static bool IsCudaBuilt(Accelerator accelerator, Model model, ILogger logger)
    {
        if (OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"))
        {
            return true;
        }

        if (accelerator == Accelerator.Cuda)
        {
            throw new InferenceException("CUDA was asked for, and this build is without it: build with -p:Accelerator=cuda.");
        }

        Log.CudaNotBuilt(logger, model.Manifest.Name);
        return false;
    }

    private static void Check(Model model, InferenceSession session)
    {
        if (!session.InputMetadata.TryGetValue(model.Manifest.Input.Name, out NodeMetadata? input) || session.InputMetadata.Count != 1)
        {
            throw new InferenceException($"Model {model.Manifest.Name} has the inputs {string.Join(", ", session.InputMetadata.Keys)}, not the one of its manifest.");
        }

        if (!session.OutputMetadata.ContainsKey(model.Manifest.Output.Name))
        {
            throw new InferenceException($"Model {model.Manifest.Name} has the outputs {string.Join(", ", session.OutputMetadata.Keys)}, not the one of its manifest.");
        }

        int rank = model.Manifest.Input.Kind == InputKind.Image ? 4 : 5;
        if (input.Dimensions.Length != rank || input.ElementType != typeof(float))
        {
            throw new InferenceException($"Model {model.Manifest.Name} takes a tensor of rank {input.Dimensions.Length} of {input.ElementType.Name}; {model.Manifest.Input.Kind} models take rank {rank} of Single.");
        }

        if (model.Manifest.Batch.MaximumSize > 1 && input.Dimensions[0] > 0)
        {
            throw new InferenceException($"Model {model.Manifest.Name} has no batch axis; its manifest's batch.maximumSize must be 1.");
        }
    }
}
