using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>An item in the hands of a sender until its lease ends or it is settled.</summary>
/// <param name="Id">The item's number.</param>
/// <param name="Rule">The name of the rule that queued it.</param>
/// <param name="SopInstance">The instance.</param>
/// <param name="Priority">Its priority.</param>
/// <param name="Attempts">How often it was tried before; a holder that was never heard of again counts.</param>
/// <param name="Fence">Grows with each claim: an older holder can change nothing more.</param>
public sealed record ForwardClaim(long Id, string Rule, DicomUid SopInstance, TaskPriority Priority, int Attempts, long Fence)
{
    /// <summary>How often the destination was asked to commit itself to it since it took it.</summary>
    public int Asked { get; init; }

    /// <summary>Of one that is to be asked for: whether the destination was asked before and told nothing.</summary>
    public bool IsUnanswered { get; init; }
}

/// <summary>The items that a destination was asked for in one storage commitment transaction.</summary>
/// <param name="Destination">The AE title of the destination.</param>
/// <param name="Claims">Those of them that wait for its word; none when all of them have it.</param>
public sealed record ForwardTransaction(string Destination, IReadOnlyList<ForwardClaim> Claims);

/// <summary>What a sender wants to have.</summary>
/// <param name="Destination">The AE title of the destination.</param>
/// <param name="Limit">The most items.</param>
/// <param name="Lease">How long they are held without renewing.</param>
public sealed record ForwardRequest(string Destination, int Limit, TimeSpan Lease)
{
    /// <summary>The rules whose items are not to be sent now.</summary>
    public IReadOnlyCollection<string> ClosedRules { get; init; } = [];

    /// <summary>
    /// The Transaction UID of a request for storage commitment: items are wanted that are committing and are due to be asked for, and are of that
    /// transaction from now on. Null for items that are to be sent.
    /// </summary>
    public DicomUid? Transaction { get; init; }
}

/// <summary>What a sender got.</summary>
/// <param name="Claims">The items, in the order in which they are to be sent or asked for.</param>
/// <param name="NextAt">When there is something next, where there is nothing now; null when nothing waits.</param>
public readonly record struct ForwardClaims(IReadOnlyList<ForwardClaim> Claims, DateTimeOffset? NextAt);
