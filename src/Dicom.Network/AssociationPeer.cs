namespace MedicalAi.Dicom.Network;

/// <summary>Who is at the other end of an association that we accepted.</summary>
/// <param name="CallingAe">Its AE title, with characters that do not belong there shown as '?'.</param>
/// <param name="CalledAe">The AE title that it called.</param>
/// <param name="RemoteAddress">Its address, without port; null when the transport has none.</param>
/// <param name="ImplementationVersionName">How its implementation names itself, or empty.</param>
public sealed record AssociationPeer(string CallingAe, string CalledAe, string? RemoteAddress, string ImplementationVersionName);
