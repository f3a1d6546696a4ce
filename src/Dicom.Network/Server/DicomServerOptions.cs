namespace MedicalAi.Dicom.Network;

/// <summary>The settings of the DICOM server.</summary>
public sealed record DicomServerOptions
{
    /// <summary>Our AE title.</summary>
    public AeTitle AeTitle { get; init; } = AeTitle.Parse("MEDICALAI");

    /// <summary>Whether an association to any called AE title is accepted.</summary>
    public bool AcceptAnyCalledAeTitle { get; init; }

    /// <summary>The calling AE titles that are let in; null for all.</summary>
    public IReadOnlyCollection<AeTitle>? KnownCallers { get; init; }

    /// <summary>The longest P-DATA-TF PDU that we receive, in bytes.</summary>
    public uint MaxPduLength { get; init; } = 128 * 1024;

    /// <summary>The most associations at once; one more is rejected with local limit exceeded.</summary>
    public int MaxAssociations { get; init; } = 500;

    /// <summary>How long a connection may wait with its association request (ARTIM, PS3.8 9.1.5).</summary>
    public TimeSpan ArtimTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an association may be silent.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
