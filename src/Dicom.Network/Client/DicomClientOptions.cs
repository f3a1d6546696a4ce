namespace MedicalAi.Dicom.Network;

/// <summary>Where and how an association is requested.</summary>
public sealed record DicomClientOptions
{
    /// <summary>Host name or address of the peer.</summary>
    public required string Host { get; init; }

    /// <summary>Port of the peer.</summary>
    public required int Port { get; init; }

    /// <summary>Our AE title.</summary>
    public AeTitle CallingAe { get; init; } = AeTitle.Parse("MEDICALAI");

    /// <summary>The AE title of the peer.</summary>
    public AeTitle CalledAe { get; init; } = AeTitle.Parse("ANY-SCP");

    /// <summary>Certificates for TLS; null for plain TCP. The certificate of the peer must be for <see cref="Host"/>.</summary>
    public DicomTlsOptions? Tls { get; init; }

    /// <summary>The longest P-DATA-TF PDU that we receive, in bytes without its header.</summary>
    public uint MaxPduLength { get; init; } = 128 * 1024;

    /// <summary>How long the connection may take to open, with the handshake of TLS.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the peer may take to answer the association request, to answer a release, and to close after an abort.</summary>
    public TimeSpan AssociationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the peer may take to answer an operation, or to take a PDU.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
