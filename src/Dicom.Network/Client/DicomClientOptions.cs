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

    /// <summary>Who we are (PS3.7 D.3.3.7); null to say nothing.</summary>
    public UserIdentity? Identity { get; init; }

    /// <summary>The service class application information to propose for SOP classes (PS3.7 D.3.3.5).</summary>
    public IReadOnlyDictionary<DicomUid, IReadOnlyList<byte>> ExtendedNegotiation { get; init; } = new Dictionary<DicomUid, IReadOnlyList<byte>>();

    /// <summary>Who performs what the peer asks for in contexts in which we are the SCP: Storage for C-GET, for example.</summary>
    public IReadOnlyList<DimseService> Services { get; init; } = [];

    /// <summary>The most operations that we want to invoke at once (PS3.7 D.3.3.3); 0 for any number. One is the rule and is not proposed.</summary>
    public ushort MaxOperationsInvoked { get; init; } = 1;

    /// <summary>The most operations of the peer that we perform at once; 0 for any number.</summary>
    public ushort MaxOperationsPerformed { get; init; } = 1;

    /// <summary>The longest P-DATA-TF PDU that we receive, in bytes without its header.</summary>
    public uint MaxPduLength { get; init; } = 128 * 1024;

    /// <summary>How long the connection may take to open, with the handshake of TLS.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the peer may take to answer the association request, to answer a release, and to close after an abort.</summary>
    public TimeSpan AssociationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the peer may take to answer an operation, or to take a PDU.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
