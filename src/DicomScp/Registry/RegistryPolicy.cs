using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>Who may open associations, and what they may ask for, as the registry says at that time.</summary>
/// <param name="registry">The registry.</param>
/// <param name="options">Our AE title.</param>
public sealed class RegistryPolicy(AeRegistryFile registry, DicomServerOptions options) : AssociationPolicy
{
    /// <inheritdoc />
    public override ValueTask<Admission> AdmitAsync(AssociationPeer peer, UserIdentity? identity, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(peer);
        AeRegistry now = registry.Current;
        return ValueTask.FromResult(new Admission(
            !options.AcceptAnyCalledAeTitle && peer.CalledAe != options.AeTitle.Value && !now.IsAlias(peer.CalledAe) ? AssociationRefusal.CalledAeNotRecognized
            : peer.CallingAe.Length == 0 || !now.MayCall(peer.CallingAe, peer.RemoteAddress) ? AssociationRefusal.CallingAeNotRecognized
            : null));
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
