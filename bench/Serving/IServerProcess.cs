namespace MedicalAi.Bench.Serving;

/// <summary>A process that serves associations.</summary>
internal interface IServerProcess : IAsyncDisposable
{
    /// <summary>Its port.</summary>
    int Port { get; }

    /// <summary>CPU seconds so far, its children's with it.</summary>
    Task<double> CpuAsync(CancellationToken cancellationToken);

    /// <summary>How many instances came so far; null where it does not tell.</summary>
    Task<long?> InstancesAsync(CancellationToken cancellationToken);
}
