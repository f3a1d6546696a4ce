using System.Buffers;

namespace MedicalAi.Archive;

/// <summary>
/// An object on its way into the store: written from front to back, invisible until it is published. Disposing it without
/// publishing discards it. Used by one caller at a time.
/// </summary>
public abstract class StagedObject : IAsyncDisposable
{
    /// <summary>The bytes written so far.</summary>
    public abstract long Length { get; }

    /// <summary>Appends bytes.</summary>
    /// <exception cref="IOException">The store is full or failed.</exception>
    public abstract ValueTask WriteAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken);

    /// <inheritdoc />
    public abstract ValueTask DisposeAsync();
}
