using System.Buffers;

namespace MedicalAi.Archive;

/// <summary>An instance that is being received. Disposing it without completing it discards it. Used by one caller at a time.</summary>
public sealed class InstanceUpload : IAsyncDisposable
{
    /// <summary>Takes the next bytes of the data set; a failure is told by <see cref="CompleteAsync"/>.</summary>
    public ValueTask WriteAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Takes the next bytes of the data set; a failure is told by <see cref="CompleteAsync"/>.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => WriteAsync(new ReadOnlySequence<byte>(bytes), cancellationToken);

    /// <summary>Ends the data set and waits until the instance is durable and visible, or is refused.</summary>
    public ValueTask<IngestResult> CompleteAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
