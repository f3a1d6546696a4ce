namespace MedicalAi.Archive;

/// <summary>
/// The store of immutable objects. A published object is durable, complete, and never overwritten. Every implementation passes
/// the same contract tests. Safe for use by several threads.
/// </summary>
public interface IObjectStore
{
    /// <summary>Makes the store ready and removes what processes that have ended left staged.</summary>
    /// <exception cref="IOException">The store cannot be used.</exception>
    ValueTask InitializeAsync(CancellationToken cancellationToken);

    /// <summary>Finds out whether objects can be stored now.</summary>
    /// <exception cref="IOException">The store is full or failed.</exception>
    /// <exception cref="ArchiveUnavailableException">The store is away.</exception>
    async ValueTask CheckAsync(CancellationToken cancellationToken)
    {
        await using (await StageAsync(cancellationToken))
        {
            // A place for a new object could be made.
        }
    }

    /// <summary>Begins a new object.</summary>
    /// <exception cref="IOException">The store is full or failed.</exception>
    ValueTask<StagedObject> StageAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Whether a batch costs as much as its objects one by one, so that each is better published as soon as it is complete than
    /// when those before it are.
    /// </summary>
    bool PublishesSingly => false;

    /// <summary>
    /// The durability barrier of a batch: when it returns, every object is durable and visible under its key. A key that exists
    /// with the same length is the same object, because the key holds a digest of the content. A staged object may be published
    /// again, under the same or another key, until it is disposed, as after a failure.
    /// </summary>
    /// <exception cref="IOException">The store is full or failed; some of the batch may have been published.</exception>
    /// <exception cref="ArchiveUnavailableException">The store is away; some of the batch may have been published.</exception>
    ValueTask PublishAsync(IReadOnlyList<Publication> batch, CancellationToken cancellationToken);

    /// <summary>Opens a range of an object for reading from front to back.</summary>
    /// <exception cref="FileNotFoundException">There is no such object.</exception>
    /// <exception cref="EndOfStreamException">The object is shorter than the range.</exception>
    ValueTask<Stream> OpenReadAsync(ObjectLocation location, CancellationToken cancellationToken);

    /// <summary>What is known of an object; null when there is none.</summary>
    ValueTask<ObjectInfo?> FindAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>Removes an object; false when there was none.</summary>
    ValueTask<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>The published objects whose key begins with a path, in no order.</summary>
    /// <param name="prefix">Whole path components, for example <c>studies/1.2.3</c>; empty for all.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>
    /// Removes what was begun and never finished, other than what <see cref="InitializeAsync"/> removes: parts of objects that no
    /// listing shows. The number of them; none in a store that has no such thing.
    /// </summary>
    /// <param name="prefix">With what their keys begin; empty for all.</param>
    /// <param name="before">Only what was begun before this time, so that what is under way stays.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArchiveUnavailableException">The store is away.</exception>
    ValueTask<int> RemoveUnfinishedAsync(string prefix, DateTimeOffset before, CancellationToken cancellationToken) => ValueTask.FromResult(0);
}
