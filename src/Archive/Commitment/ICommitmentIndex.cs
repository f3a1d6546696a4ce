namespace MedicalAi.Archive;

/// <summary>
/// The storage commitment transactions that others asked us for. What a method has returned is durable. Every implementation passes the
/// same contract tests.
/// </summary>
public interface ICommitmentIndex
{
    /// <summary>
    /// Enters a transaction, to be checked at once. The same of the same requestor again is due at once, and checked anew when it had ended; another one
    /// under a Transaction UID that is taken is entered as failed, to be reported.
    /// </summary>
    /// <returns>The transaction's number, and what came of it.</returns>
    ValueTask<(long Id, CommitmentEntry Entry)> AddAsync(NewCommitment commitment, CancellationToken cancellationToken);

    /// <summary>Takes transactions that are due, the oldest first; they are not given again before the lease has ended.</summary>
    ValueTask<IReadOnlyList<CommitmentTransaction>> ClaimAsync(int limit, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>When a transaction is due next; null when none is under way.</summary>
    ValueTask<DateTimeOffset?> FindNextDueAsync(CancellationToken cancellationToken);

    /// <summary>What a transaction names, in the order of the request, with what was found.</summary>
    ValueTask<IReadOnlyList<CommittedReference>> ReadReferencesAsync(long id, CancellationToken cancellationToken);

    /// <summary>Enters what was found; the transaction is then <see cref="CommitmentState.Reporting"/>, still in the hands of who checked it.</summary>
    /// <param name="id">The transaction.</param>
    /// <param name="failureReasons">For each of its instances in turn, why it is not committed; null for those that are.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was being checked.</returns>
    ValueTask<bool> SaveResultsAsync(long id, IReadOnlyList<ushort?> failureReasons, CancellationToken cancellationToken);

    /// <summary>Ends a transaction whose requestor was told, refused, or could not be told in time.</summary>
    ValueTask EndAsync(long id, CommitmentState state, string? error, CancellationToken cancellationToken);

    /// <summary>Lets a transaction wait for its next attempt.</summary>
    /// <param name="id">The transaction.</param>
    /// <param name="notBefore">When it is due again.</param>
    /// <param name="error">Why it was not done; null when the attempt does not count.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask DeferAsync(long id, DateTimeOffset notBefore, string? error, CancellationToken cancellationToken);

    /// <summary>Takes a transaction up again that was rejected, has expired or waits for its next attempt; false when it is none of them.</summary>
    ValueTask<bool> RetryAsync(long id, CancellationToken cancellationToken);

    /// <summary>Transactions, newest first.</summary>
    ValueTask<IReadOnlyList<CommitmentTransaction>> ListAsync(CommitmentQuery query, CancellationToken cancellationToken);

    /// <summary>How many transactions stand where.</summary>
    ValueTask<IReadOnlyDictionary<CommitmentState, long>> CountAsync(CancellationToken cancellationToken);
}
