namespace MedicalAi.Dicom.Network;

/// <summary>Who is at the other end of an association.</summary>
/// <param name="CallingAe">The AE title of the requestor, with characters that do not belong there shown as '?'.</param>
/// <param name="CalledAe">The AE title that was called.</param>
/// <param name="RemoteAddress">The peer's address, without port; null when the transport has none.</param>
/// <param name="ImplementationVersionName">How its implementation names itself, or empty.</param>
public sealed record AssociationPeer(string CallingAe, string CalledAe, string? RemoteAddress, string ImplementationVersionName)
{
    /// <summary>The user that was made out by user identity negotiation (PS3.7 D.3.3.7); null when none was.</summary>
    public string? User { get; init; }

    internal static AssociationPeer Unknown { get; } = new("", "", null, "");
}
