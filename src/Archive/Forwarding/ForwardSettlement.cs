using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>What came of a claim.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="State">Sent; dead; committing; or queued, to be tried again.</param>
/// <param name="Reason">Why it failed, or with which warning it was taken; without patient data.</param>
/// <param name="NotBefore">When it may be tried, or asked for, again; null for at once.</param>
/// <param name="WasTried">Whether it counts as an attempt to send it: a claim that is only given back does not.</param>
public sealed record ForwardSettlement(ForwardClaim Claim, ForwardState State, string? Reason, DateTimeOffset? NotBefore, bool WasTried)
{
    /// <summary>Whether the reason of before stands instead.</summary>
    public bool KeepsReason { get; init; }

    /// <summary>The transaction in which the destination was asked for one that is committing; null when it is to be asked.</summary>
    public DicomUid? Transaction { get; init; }

    /// <summary>How often the destination was asked for one that is committing.</summary>
    public int Asked { get; init; }

    /// <summary>The destination has it, perhaps with a warning.</summary>
    public static ForwardSettlement Sent(ForwardClaim claim, string? warning = null) => new(claim, ForwardState.Sent, warning, null, WasTried: true);

    /// <summary>It is not tried again.</summary>
    public static ForwardSettlement Dead(ForwardClaim claim, string reason) => new(claim, ForwardState.Dead, reason, null, WasTried: true);

    /// <summary>It is tried again later.</summary>
    public static ForwardSettlement Later(ForwardClaim claim, string reason, DateTimeOffset notBefore) => new(claim, ForwardState.Queued, reason, notBefore, WasTried: true);

    /// <summary>It was not tried.</summary>
    public static ForwardSettlement Released(ForwardClaim claim) => new(claim, ForwardState.Queued, null, null, WasTried: false) { KeepsReason = true };

    /// <summary>The destination took it, perhaps with a warning, and is to be asked to commit itself to it.</summary>
    public static ForwardSettlement Stored(ForwardClaim claim, string? warning, DateTimeOffset askAt) => new(claim, ForwardState.Committing, warning, askAt, WasTried: true);

    /// <summary>The destination was asked in a transaction, and has until a time to tell.</summary>
    public static ForwardSettlement WasAsked(ForwardClaim claim, DicomUid transaction, DateTimeOffset until)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return new(claim, ForwardState.Committing, null, until, WasTried: false) { KeepsReason = true, Transaction = transaction, Asked = claim.Asked + 1 };
    }

    /// <summary>The destination could not be asked.</summary>
    public static ForwardSettlement NotAsked(ForwardClaim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return new(claim, ForwardState.Committing, null, null, WasTried: false) { KeepsReason = true, Asked = claim.Asked };
    }

    /// <summary>The destination did not commit itself now; it is asked again later.</summary>
    public static ForwardSettlement AskLater(ForwardClaim claim, string reason, DateTimeOffset notBefore)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return new(claim, ForwardState.Committing, reason, notBefore, WasTried: false) { Asked = claim.Asked };
    }

    /// <summary>The destination lost it; it is sent again later.</summary>
    public static ForwardSettlement SendAgain(ForwardClaim claim, string reason, DateTimeOffset notBefore) => new(claim, ForwardState.Queued, reason, notBefore, WasTried: false);

    /// <summary>The destination did not commit itself to it, and is not asked again.</summary>
    public static ForwardSettlement Uncommitted(ForwardClaim claim, string reason) => new(claim, ForwardState.Dead, reason, null, WasTried: false);

    /// <summary>The destination committed itself to it. The warning with which it took it stands, unless it did not commit itself before.</summary>
    public static ForwardSettlement Committed(ForwardClaim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return new(claim, ForwardState.Sent, null, null, WasTried: false) { KeepsReason = claim.Asked <= 1 };
    }
}
