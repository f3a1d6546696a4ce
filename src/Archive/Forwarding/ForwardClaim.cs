using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>An item in the hands of a sender until its lease ends or it is settled.</summary>
/// <param name="Id">The item's number.</param>
/// <param name="Rule">The name of the rule that queued it.</param>
/// <param name="SopInstance">The instance.</param>
/// <param name="Priority">Its priority.</param>
/// <param name="Attempts">How often it was tried before; a holder that was never heard of again counts.</param>
/// <param name="Fence">Grows with each claim: an older holder can change nothing more.</param>
public sealed record ForwardClaim(long Id, string Rule, DicomUid SopInstance, TaskPriority Priority, int Attempts, long Fence);

/// <summary>What a sender wants to have.</summary>
/// <param name="Destination">The AE title of the destination.</param>
/// <param name="Limit">The most items.</param>
/// <param name="Lease">How long they are held without renewing.</param>
public sealed record ForwardRequest(string Destination, int Limit, TimeSpan Lease)
{
    /// <summary>The rules whose items are not to be sent now.</summary>
    public IReadOnlyCollection<string> ClosedRules { get; init; } = [];
}

/// <summary>What a sender got.</summary>
/// <param name="Claims">The items, in the order in which they are to be sent.</param>
/// <param name="NextAt">When there is something next, where there is nothing now; null when nothing waits.</param>
public readonly record struct ForwardClaims(IReadOnlyList<ForwardClaim> Claims, DateTimeOffset? NextAt);
