using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>
/// The durable queue of each destination, in the database of the index, filled from the change log: what is read of the log and what
/// is queued for it are one transaction, so that nothing is missed and nothing queued twice. An instance stands once in the queue of a
/// destination. Every implementation passes the same contract tests. Safe for use by several threads and processes.
/// </summary>
public interface IForwardQueue
{
    /// <summary>Begins to follow the change log from its present end, or goes on where it was followed to.</summary>
    /// <returns>Up to where it was followed.</returns>
    ValueTask<long> FollowAsync(CancellationToken cancellationToken);

    /// <summary>Follows the change log no more: what comes from now on is passed over by a later <see cref="FollowAsync"/>.</summary>
    ValueTask UnfollowAsync(CancellationToken cancellationToken);

    /// <summary>What the change log tells after a place, in the order of the commits: instances stored, and studies become stable.</summary>
    ValueTask<IReadOnlyList<ForwardChange>> ReadChangesAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>The instances of a study that became stable which came since it was stable before, in order, after a place.</summary>
    /// <param name="stable">The change that told so.</param>
    /// <param name="after">The place of the last one that was read; 0 for the first page.</param>
    /// <param name="limit">The most instances wanted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<IReadOnlyList<ArrivedInstance>> ListArrivedAsync(ForwardChange stable, long after, int limit, CancellationToken cancellationToken);

    /// <summary>Queues items and notes up to where the change log was read, in one transaction.</summary>
    /// <param name="from">Up to where it was followed before.</param>
    /// <param name="to">Up to where it is followed now.</param>
    /// <param name="items">The items. One that stands there already, sent ones too, is passed over; when it waits, the higher priority holds.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The items that are new; null, and nothing is queued, when the log was followed to another place meanwhile.</returns>
    ValueTask<IReadOnlyList<NewForwardItem>?> EnqueueAsync(long from, long to, IReadOnlyList<NewForwardItem> items, CancellationToken cancellationToken);

    /// <summary>
    /// Takes the next items of a destination: those to be sent by priority, then in the order of their coming; those to be asked for in the order in which
    /// they are due.
    /// </summary>
    ValueTask<ForwardClaims> ClaimAsync(ForwardRequest request, CancellationToken cancellationToken);

    /// <summary>Takes the items of a storage commitment transaction, also from who asked for them and holds them.</summary>
    /// <returns>Null when nothing was asked for, or is remembered, under that UID.</returns>
    ValueTask<ForwardTransaction?> ClaimTransactionAsync(DicomUid transaction, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Renews the leases of claims; those that were lost are passed over.</summary>
    /// <returns>How many were renewed.</returns>
    ValueTask<int> RenewAsync(IReadOnlyCollection<ForwardClaim> claims, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Notes what came of claims; those that were lost are passed over.</summary>
    /// <returns>How many were noted.</returns>
    ValueTask<int> SettleAsync(IReadOnlyCollection<ForwardSettlement> settlements, CancellationToken cancellationToken);

    /// <summary>Gives up items of a destination that were queued before a time and nobody holds.</summary>
    /// <param name="destination">The AE title of the destination.</param>
    /// <param name="state">Queued; or committing, for those that the destination is still to be asked for.</param>
    /// <param name="queuedBefore">The time.</param>
    /// <param name="reason">Why; without patient data.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many.</returns>
    ValueTask<int> ExpireAsync(string destination, ForwardState state, DateTimeOffset queuedBefore, string reason, CancellationToken cancellationToken);

    /// <summary>Items of a destination, newest first.</summary>
    ValueTask<IReadOnlyList<ForwardItem>> ListItemsAsync(ForwardQuery query, CancellationToken cancellationToken);

    /// <summary>The lengths of the queues that hold something, by destination.</summary>
    ValueTask<IReadOnlyDictionary<string, ForwardDepth>> CountItemsAsync(CancellationToken cancellationToken);

    /// <summary>Queues dead letters of a destination again, as if they were new.</summary>
    /// <param name="destination">The AE title of the destination.</param>
    /// <param name="id">One of them; null for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many.</returns>
    ValueTask<int> RetryAsync(string destination, long? id, CancellationToken cancellationToken);

    /// <summary>Removes items of a destination that are dead, or that wait to be sent or for its word.</summary>
    /// <param name="destination">The AE title of the destination.</param>
    /// <param name="id">One of them, whichever of these it is; null for all of the state.</param>
    /// <param name="state">Dead, queued or committing; of no matter when one is named.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many.</returns>
    ValueTask<int> DropAsync(string destination, long? id, ForwardState state, CancellationToken cancellationToken);

    /// <summary>Removes items that were sent before a time.</summary>
    /// <returns>How many.</returns>
    ValueTask<int> ForgetSentAsync(DateTimeOffset before, CancellationToken cancellationToken);
}
