using System.Net;

namespace MedicalAi.Dicom.Network;

/// <summary>An address at which Kestrel listens for associations by <see cref="DicomTransport"/>.</summary>
/// <param name="address">The address.</param>
/// <param name="port">The port; 0 for a free one.</param>
public sealed class DicomEndPoint(IPAddress address, int port) : IPEndPoint(address, port);
