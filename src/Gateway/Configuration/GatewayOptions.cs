using System.Net;
using MedicalAi.Archive;
using MedicalAi.Dicom.Network;
using MedicalAi.InferenceEngine;

namespace MedicalAi.Gateway;

/// <summary>The settings of the gateway, with their defaults. <see cref="Setting.All"/> says how each is named outside.</summary>
internal sealed record GatewayOptions
{
    /// <summary>Where HTTP is served.</summary>
    public EndpointAddress Http { get; init; } = new(IPAddress.Loopback, 8000);

    /// <summary>Where DICOM associations are accepted.</summary>
    public EndpointAddress Dicom { get; init; } = new(IPAddress.Loopback, 11112);

    /// <summary>Our AE title.</summary>
    public AeTitle AeTitle { get; init; } = AeTitle.Parse("MEDICALAI");

    /// <summary>The folder of objects and index.</summary>
    public string DataFolder { get; init; } = Path.GetFullPath("data");

    /// <summary>The S3 server that keeps the objects.</summary>
    public S3Settings S3 { get; init; } = new();

    /// <summary>The folder of the models.</summary>
    public string ModelsFolder { get; init; } = Path.Combine(AppContext.BaseDirectory, "models");

    /// <summary>What models run on.</summary>
    public Accelerator Accelerator { get; init; } = Accelerator.Auto;

    /// <summary>A study with no new instance for this long is stable.</summary>
    public TimeSpan StudyStability { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a performed procedure step in progress holds its study back from becoming stable, at most.</summary>
    public TimeSpan ProcedureHold { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The AE title of the Modality Worklist that is asked what was ordered; null for none.</summary>
    public AeTitle? Worklist { get; init; }

    /// <summary>How PostgreSQL is reached; of use where <see cref="UsesPostgres"/>.</summary>
    public PostgresOptions Postgres { get; init; } = new();

    /// <summary>Whether the index is in PostgreSQL; else it is SQLite in the data folder.</summary>
    public bool UsesPostgres { get; init; }

    /// <summary>Whether serving brings the schema of the index up to date by itself.</summary>
    public bool Migrates { get; init; } = true;

    /// <summary>What this process does.</summary>
    public GatewayRoles Roles { get; init; } = GatewayRoles.All;

    /// <summary>Whether it may listen on public addresses without authentication.</summary>
    public bool AllowUnauthenticated { get; init; }

    /// <summary>The URL by which others reach the HTTP services; null when they reach it as it listens.</summary>
    public string? PublicUrl { get; init; }

    /// <summary>The host names that HTTP requests may be for; empty for the names of this machine on loopback, any name on public addresses.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>The origins of web pages that may use DICOMweb and FHIR from elsewhere.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>The calling AE titles that are let in; null for all.</summary>
    public IReadOnlyList<AeTitle>? Callers { get; init; }

    /// <summary>The file of the AE registry; null for <see cref="DefaultAesFile"/> of the data folder, which need not be there.</summary>
    public string? AesFile { get; init; }

    /// <summary>The name of the AE registry's file in the data folder.</summary>
    public const string DefaultAesFile = "aes.json";

    /// <summary>The most associations at once.</summary>
    public int DicomAssociations { get; init; } = 500;

    /// <summary>The most associations at once of one calling AE title at one address.</summary>
    public int DicomAssociationsPerPeer { get; init; } = 250;

    /// <summary>The most operations at once on an association whose peer negotiates an asynchronous operations window.</summary>
    public int DicomOperations { get; init; } = 16;

    /// <summary>How long an association may be silent.</summary>
    public TimeSpan DicomIdle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest PDU that we receive, in bytes.</summary>
    public int DicomPduLength { get; init; } = 128 * 1024;

    /// <summary>What is asked of the user identity of associations.</summary>
    public DicomIdentity DicomIdentity { get; init; } = DicomIdentity.Optional;

    /// <summary>The file of users with passcodes; null for <see cref="DefaultUsersFile"/> of the data folder, which need not be there.</summary>
    public string? UsersFile { get; init; }

    /// <summary>The name of the users' file in the data folder.</summary>
    public const string DefaultUsersFile = "users.json";

    /// <summary>The key of JSON web tokens (HS256); null when none are taken.</summary>
    public string? JwtSecretKey { get; init; }

    /// <summary>The file of our certificate for DICOM over TLS; null for plain TCP.</summary>
    public string? DicomTlsCertificate { get; init; }

    /// <summary>The file of its private key; null when that stands with the certificate.</summary>
    public string? DicomTlsKey { get; init; }

    /// <summary>The file of the authorities whose certificates DICOM peers must show; null when they need none.</summary>
    public string? DicomTlsCa { get; init; }

    /// <summary>Whether associations to any called AE title are accepted.</summary>
    public bool AcceptAnyCalledAe { get; init; }

    /// <summary>Whether instances of SOP classes that the standard does not know are stored.</summary>
    public bool AcceptUnknownSopClasses { get; init; }

    /// <summary>The most bytes of one STOW-RS request; null for no limit.</summary>
    public long? MaximumRequestLength { get; init; }

    /// <summary>The message broker of the work queue; null for the queue in the index.</summary>
    public Uri? RabbitMqUrl { get; init; }

    /// <summary>What the names of the queues at the message broker begin with.</summary>
    public string QueuePrefix { get; init; } = "medicalai";

    /// <summary>Whether logs are for programs (JSON) instead of people.</summary>
    public bool IsProduction { get; init; }

    /// <summary>Whether logs tell everything.</summary>
    public bool IsDebug { get; init; }

    /// <summary>Whether the process has a role.</summary>
    public bool Has(GatewayRoles role) => (Roles & role) != 0;

    /// <summary>The settings of the archive.</summary>
    public ArchiveOptions ToArchive() => new()
    {
        DataFolder = DataFolder,
        Postgres = UsesPostgres ? Postgres : null,
        MigratesByItself = Migrates,
        StudyStability = StudyStability,
        MaximumHold = ProcedureHold,
        S3 = S3.ToOptions(),
        RabbitMq = RabbitMqUrl is { } broker ? new RabbitMqOptions { Url = broker, Prefix = QueuePrefix } : null,
    };

    /// <summary>Where the AE registry is read from and written to.</summary>
    public string AesPath => AesFile ?? Path.Combine(DataFolder, DefaultAesFile);

    /// <summary>Where users with passcodes are read from and written to.</summary>
    public string UsersPath => UsersFile ?? Path.Combine(DataFolder, DefaultUsersFile);

    /// <summary>Whether DICOM on its address is open to whoever reaches it, unless the AE registry refuses callers that it does not know.</summary>
    public bool IsDicomOpen => Has(GatewayRoles.Dicom) && !Dicom.IsLoopback && Callers is null && DicomTlsCa is null && DicomIdentity != DicomIdentity.Required;

    /// <summary>Reads the certificates of DICOM over TLS; null when it is not configured.</summary>
    /// <exception cref="ConfigurationException">They cannot be used.</exception>
    public DicomTlsOptions? LoadDicomTls()
    {
        if (DicomTlsCertificate is null)
        {
            return null;
        }

        try
        {
            return DicomTlsOptions.Load(DicomTlsCertificate, DicomTlsKey, DicomTlsCa);
        }
        catch (InvalidDataException e)
        {
            throw new ConfigurationException($"DICOM over TLS: {e.Message}");
        }
    }

    /// <summary>Checks that it is clear which database is meant.</summary>
    /// <exception cref="ConfigurationException">It is not.</exception>
    public void CheckDatabase()
    {
        PostgresOptions none = new();
        if (!UsesPostgres && (Postgres.Database, Postgres.User, Postgres.Password) != (none.Database, none.User, none.Password))
        {
            throw new ConfigurationException("POSTGRES_DB, POSTGRES_USER or POSTGRES_PASSWORD is set, but no server is named: POSTGRES_HOST or DATABASE_URL.");
        }
    }

    /// <summary>The settings, when the gateway may serve with them.</summary>
    /// <exception cref="ConfigurationException">It may not.</exception>
    public GatewayOptions Checked()
    {
        CheckDatabase();
        if (!AllowUnauthenticated && !Http.IsLoopback)
        {
            throw new ConfigurationException(
                $"HTTP on {Http} would be open to the network without authentication. Listen on 127.0.0.1 behind a proxy that authenticates, or say --allow-unauthenticated.");
        }

        _ = S3.ToOptions();
        if (DicomTlsCertificate is null && (DicomTlsKey ?? DicomTlsCa) is not null)
        {
            throw new ConfigurationException("DICOM over TLS needs a certificate of ours: --dicom-tls-certificate.");
        }

        // With a registry, it is the one to say; it is read when the gateway is put together.
        if (!AllowUnauthenticated && IsDicomOpen && !File.Exists(AesPath))
        {
            throw new ConfigurationException(
                $"DICOM on {Dicom} would be open to every AE title of the network. Name those that are let in (--callers CT1,PACS, or --aes with \"unknownCallers\": \"refuse\"), ask for certificates (--dicom-tls-ca) or users (--dicom-identity required), or say --allow-unauthenticated.");
        }

        if (Http.Port != 0 && Has(GatewayRoles.Dicom) && Http.Port == Dicom.Port && Http.Address.Equals(Dicom.Address))
        {
            throw new ConfigurationException($"HTTP and DICOM cannot both listen on {Http}.");
        }

        if (File.Exists(DataFolder))
        {
            throw new ConfigurationException($"The data folder {DataFolder} is a file.");
        }

        return this;
    }
}
