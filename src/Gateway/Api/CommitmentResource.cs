using MedicalAi.Archive;

namespace MedicalAi.Gateway;

/// <summary>A storage commitment transaction in the API.</summary>
/// <param name="Id">Its number.</param>
/// <param name="TransactionUid">Transaction UID (0008,1195).</param>
/// <param name="Requestor">The AE title of who asked.</param>
/// <param name="State">checking, reporting, reported, rejected or expired.</param>
/// <param name="Instances">How many instances it names.</param>
/// <param name="Failed">How many of them are not committed.</param>
/// <param name="Attempts">How often it was tried in vain to tell the requestor.</param>
/// <param name="Error">Why that failed.</param>
/// <param name="RequestedAt">When it was asked for.</param>
/// <param name="NextAttemptAt">When it is tried again; null when it is not.</param>
/// <param name="EndedAt">When it ended.</param>
internal sealed record CommitmentResource(
    long Id, string TransactionUid, string Requestor, string State, int Instances, int Failed, int Attempts, string? Error, DateTimeOffset RequestedAt, DateTimeOffset? NextAttemptAt, DateTimeOffset? EndedAt)
{
    /// <summary>The resource of a transaction.</summary>
    public static CommitmentResource From(CommitmentTransaction one) => new(
        one.Id,
        one.TransactionUid.Value,
        one.CallingAe,
        one.State.ToString().ToLowerInvariant(),
        one.References,
        one.Failed,
        one.Attempts,
        one.Error,
        one.RequestedAt,
        one.EndedAt is null ? one.AvailableAt : null,
        one.EndedAt);
}
