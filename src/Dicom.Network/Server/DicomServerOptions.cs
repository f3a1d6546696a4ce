namespace MedicalAi.Dicom.Network;

/// <summary>The settings of the DICOM server.</summary>
public sealed record DicomServerOptions
{
    private readonly uint _maxPduLength = 128 * 1024;

    /// <summary>Our AE title.</summary>
    public AeTitle AeTitle { get; init; } = AeTitle.Parse("MEDICALAI");

    /// <summary>Whether an association to any called AE title is accepted.</summary>
    public bool AcceptAnyCalledAeTitle { get; init; }

    /// <summary>The calling AE titles that are let in; null for all.</summary>
    public IReadOnlyCollection<AeTitle>? KnownCallers { get; init; }

    /// <summary>Whether instances of SOP classes that the standard does not register, private ones above all, are stored too.</summary>
    public bool AcceptUnknownSopClasses { get; init; }

    /// <summary>The longest P-DATA-TF PDU that we receive, in bytes without its header: 4 KiB to 1 MiB.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to something else.</exception>
    public uint MaxPduLength
    {
        get => _maxPduLength;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 4096u);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1024u * 1024);
            _maxPduLength = value;
        }
    }

    /// <summary>The most established associations at once; one more is rejected with local limit exceeded.</summary>
    public int MaxAssociations { get; init; } = 500;

    /// <summary>The most established associations of one calling AE title at one address at once.</summary>
    public int MaxAssociationsPerPeer { get; init; } = 250;

    /// <summary>The most operations of one association that we perform at once, where the peer negotiates an asynchronous operations window (PS3.7 D.3.3.3).</summary>
    public ushort MaxOperationsPerformed { get; init; } = 16;

    /// <summary>The most operations that we invoke at once on an association to us, as C-GET does, where the peer negotiates that.</summary>
    public ushort MaxOperationsInvoked { get; init; } = 4;

    /// <summary>The bytes a second, over <see cref="IdleTimeout"/> and more, below which a data set counts as given up.</summary>
    public int MinDataRate { get; init; } = 240;

    /// <summary>The most connections that have not asked for an association yet; one more is closed at once.</summary>
    public int MaxPendingConnections { get; init; } = 100;

    /// <summary>The most of them from one address, so that one peer alone does not shut the others out.</summary>
    public int MaxPendingConnectionsPerAddress { get; init; } = 60;

    /// <summary>How long a connection may take for its association request, and a peer to close after our last PDU (ARTIM, PS3.8 9.1.5).</summary>
    public TimeSpan ArtimTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an established association may take for its next PDU, or to take one of ours.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>On stop: how long a running operation may take to end.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>On stop: how long a peer with no operation running has to release the association before it is aborted.</summary>
    public TimeSpan ReleaseGrace { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether segments are acknowledged at once, which keeps senders with Nagle's algorithm from stalling 40 ms an instance.</summary>
    public bool QuickAcknowledge { get; init; } = true;
}
