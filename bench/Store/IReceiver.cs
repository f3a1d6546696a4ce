namespace MedicalAi.Bench.Store;

/// <summary>A process that receives instances.</summary>
internal interface IReceiver : IAsyncDisposable
{
    /// <summary>Its port.</summary>
    int Port { get; }

    /// <summary>CPU seconds so far, its children's with it.</summary>
    Task<double> CpuAsync(CancellationToken cancellationToken);

    /// <summary>How many instances came so far; null where it does not tell.</summary>
    Task<long?> InstancesAsync(CancellationToken cancellationToken);
}
