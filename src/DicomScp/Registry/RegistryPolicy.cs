using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>Looks at the user identity that the requestor of an association shows.</summary>
/// <param name="identity">The identity; null when it shows none.</param>
/// <param name="cancellationToken">Gives up.</param>
/// <returns>Whether it is let in, and as whom.</returns>
public delegate ValueTask<Admission> UserIdentityCheck(UserIdentity? identity, CancellationToken cancellationToken);

/// <summary>Who may open associations and what for, by the settings and the AE registry as it holds at that moment.</summary>
public sealed class RegistryPolicy(AeRegistryFile registry, DicomServerOptions options, UserIdentityCheck? identityCheck = null) : AssociationPolicy
{
    /// <inheritdoc />
    public override async ValueTask<Admission> AdmitAsync(AssociationPeer peer, UserIdentity? identity, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(peer);
        AeRegistry known = registry.Current;
        return !options.AcceptAnyCalledAeTitle && peer.CalledAe != options.AeTitle.Value && !known.IsAlias(peer.CalledAe) ? new Admission(AssociationRefusal.CalledAeNotRecognized)
            : peer.CallingAe.Length == 0 || !known.MayCall(peer.CallingAe, peer.RemoteAddress) ? new Admission(AssociationRefusal.CallingAeNotRecognized)
            : identityCheck is null ? default
            : await identityCheck(identity, cancellationToken);
    }

    /// <inheritdoc />
    public override bool Permits(AssociationPeer peer, DicomUid sopClass)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return registry.Current.Permits(peer.CallingAe, sopClass);
    }

    /// <inheritdoc />
    public override int? MaxAssociations(AssociationPeer peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return registry.Current.Find(peer.CallingAe)?.MaximumAssociations;
    }
}
