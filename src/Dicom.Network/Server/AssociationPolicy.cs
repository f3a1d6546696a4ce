namespace MedicalAi.Dicom.Network;

/// <summary>Why an association is refused (PS3.8 table 9-21).</summary>
public enum AssociationRefusal
{
    /// <summary>Permanently; no reason given. Also the answer to a user identity that is not accepted (PS3.7 D.3.3.7).</summary>
    NoReason,

    /// <summary>Permanently; called AE title not recognized.</summary>
    CalledAeNotRecognized,

    /// <summary>Permanently; calling AE title not recognized.</summary>
    CallingAeNotRecognized,

    /// <summary>For now; local limit exceeded.</summary>
    LocalLimitExceeded,

    /// <summary>For now; temporary congestion.</summary>
    TemporaryCongestion,
}

/// <summary>What came of looking at who asks for an association.</summary>
/// <param name="Refusal">Why it is refused; null when it may go on.</param>
/// <param name="User">The user that was made out; null when none was.</param>
/// <param name="ServerResponse">
/// What the peer gets back when it asked for a response: empty, or a Kerberos ticket or SAML response (PS3.7 D.3.3.7.2); null for none, as
/// from a server that does not look at identities.
/// </param>
public readonly record struct Admission(AssociationRefusal? Refusal, string? User = null, ReadOnlyMemory<byte>? ServerResponse = null);

/// <summary>
/// Who may open associations, and what they may ask for on them. Called for each association anew, so that it may change while we
/// serve. Safe for use by several associations at once.
/// </summary>
public abstract class AssociationPolicy
{
    /// <summary>Decides on an association.</summary>
    /// <param name="peer">Who asks, and which AE title it calls.</param>
    /// <param name="identity">The user identity that it shows; null when it shows none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public abstract ValueTask<Admission> AdmitAsync(AssociationPeer peer, UserIdentity? identity, CancellationToken cancellationToken);

    /// <summary>Whether the peer may use a SOP class; a presentation context for another is answered with user rejection.</summary>
    public virtual bool Permits(AssociationPeer peer, DicomUid sopClass) => true;

    /// <summary>The most associations of this peer at once; null for the limit of the server's settings.</summary>
    public virtual int? MaxAssociations(AssociationPeer peer) => null;
}

/// <summary>The policy of the settings alone: our AE title or any, known callers or all; user identities are neither asked for nor looked at.</summary>
internal sealed class TitlePolicy(DicomServerOptions options) : AssociationPolicy
{
    public override ValueTask<Admission> AdmitAsync(AssociationPeer peer, UserIdentity? identity, CancellationToken cancellationToken) => ValueTask.FromResult(new Admission(
        !options.AcceptAnyCalledAeTitle && peer.CalledAe != options.AeTitle.Value ? AssociationRefusal.CalledAeNotRecognized
        : peer.CallingAe.Length == 0 || (options.KnownCallers is { } known && !known.Any(title => title.Value == peer.CallingAe)) ? AssociationRefusal.CallingAeNotRecognized
        : null));
}
