namespace MedicalAi.Archive;

/// <summary>What came of a claim.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="State">Sent; dead; or queued, to be tried again.</param>
/// <param name="Reason">Why it failed, or with which warning it was taken; without patient data.</param>
/// <param name="NotBefore">When it may be tried again; null for at once.</param>
/// <param name="WasTried">Whether it counts as an attempt: a claim that is only given back does not.</param>
public sealed record ForwardSettlement(ForwardClaim Claim, ForwardState State, string? Reason, DateTimeOffset? NotBefore, bool WasTried)
{
    /// <summary>The destination has it, perhaps with a warning.</summary>
    public static ForwardSettlement Sent(ForwardClaim claim, string? warning = null) => new(claim, ForwardState.Sent, warning, null, WasTried: true);

    /// <summary>It is not tried again.</summary>
    public static ForwardSettlement Dead(ForwardClaim claim, string reason) => new(claim, ForwardState.Dead, reason, null, WasTried: true);

    /// <summary>It is tried again later.</summary>
    public static ForwardSettlement Later(ForwardClaim claim, string reason, DateTimeOffset notBefore) => new(claim, ForwardState.Queued, reason, notBefore, WasTried: true);

    /// <summary>It was not tried.</summary>
    public static ForwardSettlement Released(ForwardClaim claim) => new(claim, ForwardState.Queued, null, null, WasTried: false);
}
