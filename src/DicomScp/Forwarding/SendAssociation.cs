using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>The association of one sender with a destination, opened when it is needed and kept while there is work.</summary>
internal sealed class SendAssociation(AeTitle calling) : IAsyncDisposable
{
    private StorageContexts _contexts = new();
    private ApplicationEntity? _destination;
    private DicomClient? _client;

    /// <summary>Whether it is open.</summary>
    public bool IsOpen => _client is { IsEstablished: true };

    /// <summary>How many operations may be under way on it at once.</summary>
    public int Window => Math.Max(1, _client?.OperationsInvoked ?? 1);

    /// <summary>Whether nothing was sent on it since it was last waited for work with it open: the peer may have ended it meanwhile.</summary>
    public bool IsStale { get; set; }

    /// <summary>Whether it was proposed to send such an instance.</summary>
    public bool Covers(InstanceRow instance) => _contexts.Contains(instance.Identity.SopClass, instance.TransferSyntax);

    /// <summary>Makes sure that it is open, with presentation contexts for these instances, as many of them as fit.</summary>
    /// <exception cref="DicomNetworkException">It could not be established.</exception>
    public async ValueTask OpenAsync(ApplicationEntity destination, IEnumerable<InstanceRow> instances, CancellationToken cancellationToken)
    {
        (DicomUid SopClass, TransferSyntax Syntax)[] kinds = [.. instances.Select(instance => (instance.Identity.SopClass, instance.TransferSyntax)).Distinct()];
        if (IsOpen && ReferenceEquals(_destination, destination) && kinds.All(kind => _contexts.Contains(kind.SopClass, kind.Syntax)))
        {
            return;
        }

        await ReleaseAsync(cancellationToken);

        // What was sent before is likely to come again.
        if (!ReferenceEquals(_destination, destination) || !kinds.All(kind => _contexts.TryAdd(kind.SopClass, kind.Syntax)))
        {
            _contexts = new StorageContexts();
            foreach ((DicomUid sopClass, TransferSyntax syntax) in kinds)
            {
                _contexts.TryAdd(sopClass, syntax);
            }
        }

        _destination = destination;
        _client = await DicomClient.ConnectAsync(destination.ToClientOptions(calling) with { MaxOperationsInvoked = (ushort)destination.Sending.OperationsWindow }, _contexts.All, cancellationToken);
        IsStale = false;
    }

    /// <summary>C-STORE of an instance; beside others, as many as <see cref="Window"/>.</summary>
    /// <exception cref="DicomNetworkException">No context fits (then the association goes on), or the association failed.</exception>
    /// <exception cref="InvalidDataException">The data set cannot be read, where it has to be rewritten; the association goes on.</exception>
    /// <exception cref="IOException">The data set cannot be read from the store.</exception>
    public async ValueTask<DimseResponse> StoreAsync(InstanceRow instance, Stream dataSet, TaskPriority priority, CancellationToken cancellationToken)
    {
        DimseResponse response = await _client!.StoreAsync(instance.Identity.SopClass, instance.Identity.SopInstance, instance.TransferSyntax, dataSet, new StoreOptions(Of(priority)), cancellationToken);
        IsStale = false;
        return response;
    }

    /// <summary>Releases it, if it is open. Does not fail: every instance has its answer, and how the association ends changes nothing.</summary>
    public async ValueTask ReleaseAsync(CancellationToken cancellationToken)
    {
        if (_client is not { } client)
        {
            return;
        }

        _client = null;
        await using (client)
        {
            try
            {
                if (client.IsEstablished)
                {
                    await client.ReleaseAsync(cancellationToken);
                }
            }
            catch (Exception e) when (e is DicomNetworkException or OperationCanceledException)
            {
                // It is aborted.
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_client is { } client)
        {
            await client.DisposeAsync();
        }
    }

    // Priority (0000,0700).
    private static ushort Of(TaskPriority priority) => priority switch
    {
        TaskPriority.Stat or TaskPriority.High => 1,
        TaskPriority.Low => 2,
        _ => 0,
    };
}
