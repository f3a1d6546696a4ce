using System.Buffers;

namespace MedicalAi.Archive.Tests;

/// <summary>A store of files that fails where a test wants it to.</summary>
internal sealed class FaultyStore(FileObjectStore inner) : IObjectStore
{
    /// <summary>The bytes that may still be written before the disk is full.</summary>
    public long Free { get; set; } = long.MaxValue;

    /// <summary>Whether a batch that holds this key fails.</summary>
    public Func<ObjectKey, bool> Refuses { get; set; } = _ => false;

    public ValueTask InitializeAsync(CancellationToken cancellationToken) => inner.InitializeAsync(cancellationToken);

    public async ValueTask<StagedObject> StageAsync(CancellationToken cancellationToken) => new Staged(this, await inner.StageAsync(cancellationToken));

    public async ValueTask PublishAsync(IReadOnlyList<Publication> batch, CancellationToken cancellationToken)
    {
        foreach (Publication publication in batch)
        {
            // As a real store: what stands before the bad one in the batch may be published.
            if (Refuses(publication.Key))
            {
                throw new IOException("Refused by the test.");
            }

            await inner.PublishAsync([publication with { Object = ((Staged)publication.Object).Inner }], cancellationToken);
        }
    }

    public ValueTask<Stream> OpenReadAsync(ObjectLocation location, CancellationToken cancellationToken) => inner.OpenReadAsync(location, cancellationToken);

    public ValueTask<ObjectInfo?> FindAsync(ObjectKey key, CancellationToken cancellationToken) => inner.FindAsync(key, cancellationToken);

    public ValueTask<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);

    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

    private sealed class Staged(FaultyStore store, StagedObject inner) : StagedObject
    {
        public StagedObject Inner => inner;

        public override long Length => inner.Length;

        public override ValueTask WriteAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
        {
            store.Free -= bytes.Length;
            return store.Free < 0 ? throw new IOException("No space left on device") : inner.WriteAsync(bytes, cancellationToken);
        }

        public override ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
