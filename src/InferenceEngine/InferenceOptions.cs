namespace MedicalAi.InferenceEngine;

/// <summary>The settings of the inference engine.</summary>
public sealed record InferenceOptions
{
    /// <summary>The folder of the models.</summary>
    public required string ModelsFolder { get; init; }

    /// <summary>What models run on.</summary>
    public Accelerator Accelerator { get; init; } = Accelerator.Auto;

    /// <summary>Whether this process runs tasks; without it, it only chooses them.</summary>
    public bool RunsTasks { get; init; } = true;

    /// <summary>The most tasks that are held at once; images of several make up a batch, volumes wait for their turn.</summary>
    public int MaximumTasks { get; init; } = 64;

    /// <summary>The most volumes that are read and run at once; a run takes all <see cref="Threads"/>.</summary>
    public int MaximumVolumes { get; init; } = 1;

    /// <summary>The threads of one run.</summary>
    public int Threads { get; init; } = Math.Max(1, Environment.ProcessorCount);

    /// <summary>The memory that runs may take together, in MiB, by what manifests name; a run that needs more goes alone.</summary>
    public int MemoryMiB { get; init; } = DefaultMemoryMiB;

    /// <summary>How long a task is held without a heartbeat.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(60);

    // Half of what the machine or the container has, so that ingest and viewers are not starved.
    private static int DefaultMemoryMiB => (int)Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2 / (1 << 20), 512, int.MaxValue);
}

/// <summary>What models run on.</summary>
public enum Accelerator
{
    /// <summary>CUDA where the build and the machine have it, else the CPU.</summary>
    Auto,

    /// <summary>The CPU.</summary>
    Cpu,

    /// <summary>CUDA; without it, models cannot be run.</summary>
    Cuda,
}
