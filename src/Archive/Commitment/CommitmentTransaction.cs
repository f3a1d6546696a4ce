using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>A storage commitment transaction to be entered (PS3.4 J.3.2).</summary>
/// <param name="TransactionUid">Transaction UID (0008,1195).</param>
/// <param name="CallingAe">The AE title of the requestor.</param>
/// <param name="CalledAe">The AE title under which it asked us.</param>
/// <param name="RemoteAddress">The requestor's address; null when it is not known.</param>
/// <param name="References">The instances, in the order of the request.</param>
public sealed record NewCommitment(DicomUid TransactionUid, string CallingAe, string CalledAe, string? RemoteAddress, IReadOnlyList<SopReference> References);

/// <summary>What came of entering a transaction.</summary>
public enum CommitmentEntry
{
    /// <summary>It is new.</summary>
    New,

    /// <summary>The same requestor asked the same before: it is answered once more.</summary>
    Repeated,

    /// <summary>The Transaction UID is another transaction's: all of it fails with <see cref="CommitmentFailure.DuplicateTransactionUid"/>.</summary>
    Duplicate,
}

/// <summary>A storage commitment transaction that somebody asked us for.</summary>
public sealed record CommitmentTransaction
{
    /// <summary>Its number.</summary>
    public required long Id { get; init; }

    /// <summary>Transaction UID (0008,1195).</summary>
    public required DicomUid TransactionUid { get; init; }

    /// <summary>The AE title of the requestor.</summary>
    public required string CallingAe { get; init; }

    /// <summary>The AE title under which it asked us.</summary>
    public required string CalledAe { get; init; }

    /// <summary>The requestor's address; null when it is not known.</summary>
    public string? RemoteAddress { get; init; }

    /// <summary>Where it stands.</summary>
    public required CommitmentState State { get; init; }

    /// <summary>How often it was tried in vain to tell the requestor.</summary>
    public required int Attempts { get; init; }

    /// <summary>Not to be tried before this time.</summary>
    public required DateTimeOffset AvailableAt { get; init; }

    /// <summary>Why the last attempt failed.</summary>
    public string? Error { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Since when it is tried: when it was asked for, the last time, or when somebody said to try again.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When it ended; null while it is under way.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How many instances it names.</summary>
    public required int References { get; init; }

    /// <summary>How many of them are not committed, as far as they were looked for.</summary>
    public required int Failed { get; init; }
}

/// <summary>An instance of a transaction and what was found.</summary>
/// <param name="Reference">The instance.</param>
/// <param name="FailureReason">Failure Reason (0008,1197), one of <see cref="CommitmentFailure"/>; null when it is committed or was not looked for yet.</param>
public readonly record struct CommittedReference(SopReference Reference, ushort? FailureReason);

/// <summary>Which transactions to list, newest first.</summary>
public sealed record CommitmentQuery
{
    /// <summary>Only those that stand there.</summary>
    public CommitmentState? State { get; init; }

    /// <summary>The most wanted, up to 1,000.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>The number passed over.</summary>
    public int Offset { get; init; }
}
