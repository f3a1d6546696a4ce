using System.Globalization;
using System.Text.Json;
using MedicalAi.Archive;
using MedicalAi.Dicom.Network;
using MedicalAi.InferenceEngine;

namespace MedicalAi.Gateway;

/// <summary>A setting as it is named outside and how it is read.</summary>
/// <param name="Key">Its key in the section <c>Gateway</c> of <c>appsettings.json</c>.</param>
/// <param name="Variable">Its environment variable; the name with <c>_FILE</c> names a file that holds the value.</param>
/// <param name="Flag">Its flag of <c>gateway serve</c>; null when it has none.</param>
/// <param name="Description">What it means, for people.</param>
/// <param name="Apply">Reads a value into the options.</param>
internal sealed record Setting(string Key, string Variable, string? Flag, string Description, Func<GatewayOptions, string, GatewayOptions> Apply)
{
    /// <summary>Whether the flag alone means true.</summary>
    public bool IsSwitch { get; init; }

    /// <summary>All settings.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        new("Http", "GATEWAY_HTTP", "--http", "ADDRESS:PORT of HTTP; default 127.0.0.1:8000", (o, v) => o with { Http = ReadEndpoint(v) }),
        new("Dicom", "GATEWAY_DICOM", "--dicom", "ADDRESS:PORT of DICOM; default 127.0.0.1:11112", (o, v) => o with { Dicom = ReadEndpoint(v) }),
        new("AeTitle", "GATEWAY_AET", "--aet", "AE title; default MEDICALAI", (o, v) => o with { AeTitle = ReadAeTitle(v) }),
        new("Data", "GATEWAY_DATA", "--data", "folder of objects and index; default ./data", (o, v) => o with { DataFolder = Path.GetFullPath(v) }),
        new("Models", "GATEWAY_MODELS", "--models", "folder of the models; default the bundled ones", (o, v) => o with { ModelsFolder = Path.GetFullPath(v) }),
        new("Accelerator", "GATEWAY_ACCELERATOR", "--accelerator", "auto, cpu or cuda; default auto", (o, v) => o with { Accelerator = ReadEnum<Accelerator>(v) }),
        new("Stability", "GATEWAY_STABILITY", "--stability", "seconds without a new instance after which a study is stable; default 3", (o, v) => o with { StudyStability = ReadSeconds(v) }),
        new("ProcedureHold", "GATEWAY_PROCEDURE_HOLD", null, "seconds that a performed procedure step in progress (MPPS) holds its study back, at most; default 3600", (o, v) => o with { ProcedureHold = ReadSeconds(v) }),
        new("Worklist", "GATEWAY_WORKLIST", "--worklist", "AE title of the Modality Worklist that is asked for priority and procedure codes, a destination of the AE registry; default none", (o, v) => o with { Worklist = ReadAeTitle(v) }),
        new("Roles", "GATEWAY_ROLES", "--roles", "what the process does: dicom,web,engine,reports; default all", (o, v) => o with { Roles = ReadRoles(v) }),
        new("PublicUrl", "GATEWAY_PUBLIC_URL", "--public-url", "URL by which others reach HTTP, for example https://pacs.example.org", (o, v) => o with { PublicUrl = ReadUrl(v) }),
        new("Callers", "GATEWAY_CALLERS", "--callers", "the calling AE titles that are let in, by commas; default all", (o, v) => o with { Callers = [.. ReadList(v).Select(ReadAeTitle)] }),
        new("Aes", "GATEWAY_AES", "--aes", "JSON file of the application entities: callers, destinations, forwarding rules; default aes.json in the data folder", (o, v) => o with { AesFile = Path.GetFullPath(v) }),
        new("DicomAssociations", "GATEWAY_DICOM_ASSOCIATIONS", null, "the most associations at once; default 500", (o, v) => o with { DicomAssociations = ReadNumber(v, 1, 100_000) }),
        new("DicomAssociationsPerPeer", "GATEWAY_DICOM_ASSOCIATIONS_PER_PEER", null, "the most associations at once of one calling AE title at one address; default 250", (o, v) => o with { DicomAssociationsPerPeer = ReadNumber(v, 1, 100_000) }),
        new("DicomOperations", "GATEWAY_DICOM_OPERATIONS", null, "the most operations at once on an association whose peer negotiates that; default 16", (o, v) => o with { DicomOperations = ReadNumber(v, 1, 1000) }),
        new("DicomIdle", "GATEWAY_DICOM_IDLE", null, "seconds of silence after which an association is aborted; default 60", (o, v) => o with { DicomIdle = ReadSeconds(v) }),
        new("DicomPduLength", "GATEWAY_DICOM_PDU_LENGTH", null, "the longest PDU that is received, 4096 to 1048576 bytes; default 131072", (o, v) => o with { DicomPduLength = ReadNumber(v, 4096, 1024 * 1024) }),
        new("DicomIdentity", "GATEWAY_DICOM_IDENTITY", "--dicom-identity", "what is asked of the user identity of associations: none, optional or required; default optional", (o, v) => o with { DicomIdentity = ReadEnum<DicomIdentity>(v) }),
        new("Users", "GATEWAY_USERS", "--users", "JSON file of users with passcodes, made by `gateway users`; default users.json in the data folder", (o, v) => o with { UsersFile = Path.GetFullPath(v) }),
        new("DicomTlsCertificate", "GATEWAY_DICOM_TLS_CERTIFICATE", "--dicom-tls-certificate", "PEM file of our certificate and those up to its authority: DICOM is served with TLS only", (o, v) => o with { DicomTlsCertificate = Path.GetFullPath(v) }),
        new("DicomTlsKey", "GATEWAY_DICOM_TLS_KEY", "--dicom-tls-key", "PEM file of its private key; default the file of the certificate", (o, v) => o with { DicomTlsKey = Path.GetFullPath(v) }),
        new("DicomTlsCa", "GATEWAY_DICOM_TLS_CA", "--dicom-tls-ca", "PEM file of authorities: only peers with a certificate of theirs are let in", (o, v) => o with { DicomTlsCa = Path.GetFullPath(v) }),
        new("AnyCalledAe", "GATEWAY_ANY_CALLED_AE", "--any-called-ae", "true to accept associations to any called AE title", (o, v) => o with { AcceptAnyCalledAe = ReadBoolean(v) }) { IsSwitch = true },
        new("UnknownSopClasses", "GATEWAY_UNKNOWN_SOP_CLASSES", "--unknown-sop-classes", "true to store instances of private SOP classes", (o, v) => o with { AcceptUnknownSopClasses = ReadBoolean(v) }) { IsSwitch = true },
        new("AllowUnauthenticated", "GATEWAY_ALLOW_UNAUTHENTICATED", "--allow-unauthenticated", "true to listen on public addresses without authentication", (o, v) => o with { AllowUnauthenticated = ReadBoolean(v) }) { IsSwitch = true },
        new("MaximumRequestLength", "GATEWAY_MAXIMUM_REQUEST_LENGTH", null, "the most bytes of one STOW-RS request; default no limit", (o, v) => o with { MaximumRequestLength = ReadLength(v) }),
        new("AllowedOrigins", "GATEWAY_ALLOWED_ORIGINS", null, "the origins of web pages that may use DICOMweb and FHIR from elsewhere, by commas, * for any", (o, v) => o with { AllowedOrigins = ReadList(v) }),
        new("AllowedHosts", "ALLOWED_HOSTS", null, "the host names that HTTP requests may be for, by commas or as a JSON array", (o, v) => o with { AllowedHosts = ReadList(v) }),
        new("JwtSecretKey", "JWT_SECRET_KEY", null, "the key, of at least 32 bytes, of the JSON web tokens (HS256) in the user identity of associations", (o, v) => o with { JwtSecretKey = ReadKey(v) }),
        new("RabbitMqUrl", "RABBITMQ_URL", null, "the message broker of the work queue, amqp://user:password@host:5672/vhost or amqps for TLS; default none: the queue is in the index", (o, v) => o with { RabbitMqUrl = ReadServiceUrl(v, "amqp", "amqps") }),
        new("QueuePrefix", "GATEWAY_QUEUE_PREFIX", null, "what the names of the queues at the message broker begin with; default medicalai", (o, v) => o with { QueuePrefix = ReadQueuePrefix(v) }),
        new("PostgresHost", "POSTGRES_HOST", null, "server of PostgreSQL, which then holds the index; default none: SQLite in the data folder", (o, v) => o with { UsesPostgres = true, Postgres = o.Postgres with { Host = v } }),
        new("PostgresPort", "POSTGRES_PORT", null, "its port; default 5432", (o, v) => o with { Postgres = o.Postgres with { Port = ReadNumber(v, 1, 65_535) } }),
        new("PostgresDb", "POSTGRES_DB", null, "the database; default medicalai", (o, v) => o with { Postgres = o.Postgres with { Database = v } }),
        new("PostgresUser", "POSTGRES_USER", null, "the user; default medicalai", (o, v) => o with { Postgres = o.Postgres with { User = v } }),
        new("PostgresPassword", "POSTGRES_PASSWORD", null, "the password", (o, v) => o with { Postgres = o.Postgres with { Password = v } }),
        new("PostgresSslMode", "POSTGRES_SSLMODE", null, "disable, prefer, require, verify-ca or verify-full; default prefer", (o, v) => o with { Postgres = o.Postgres with { SslMode = PostgresOptions.ReadSslMode(v) } }),
        new("PostgresSslRootCert", "POSTGRES_SSLROOTCERT", null, "PEM file of the authorities of the server's certificate; default those of the system", (o, v) => o with { Postgres = o.Postgres with { SslRootCertificate = Path.GetFullPath(v) } }),
        new("PostgresConnections", "POSTGRES_CONNECTIONS", null, "the most connections to PostgreSQL of this process; default 20", (o, v) => o with { Postgres = o.Postgres with { MaximumConnections = ReadNumber(v, 2, 1000) } }),
        new("PostgresTimeout", "POSTGRES_TIMEOUT", null, "seconds that a statement may take; default 20", (o, v) => o with { Postgres = o.Postgres with { StatementTimeout = ReadTimeout(v) } }),
        new("DatabaseUrl", "DATABASE_URL", null, "postgres://user:password@host:port/database?sslmode=…, over what POSTGRES_* say", (o, v) => o with { UsesPostgres = true, Postgres = PostgresOptions.Parse(v, o.Postgres) }),
        new("Migrate", "GATEWAY_MIGRATE", null, "false: serving does not bring the schema of the index up to date by itself", (o, v) => o with { Migrates = ReadBoolean(v) }),
        new("S3Endpoint", "MINIO_ENDPOINT", null, "HOST:PORT or URL of the S3 server (MinIO, Ceph, AWS) that keeps the objects; default none: files", (o, v) => o with { S3 = o.S3 with { Endpoint = v } }),
        new("S3AccessKey", "MINIO_ROOT_USER", null, "its access key", (o, v) => o with { S3 = o.S3 with { AccessKey = v } }),
        new("S3SecretKey", "MINIO_ROOT_PASSWORD", null, "its secret key", (o, v) => o with { S3 = o.S3 with { SecretKey = v } }),
        new("S3Bucket", "MINIO_BUCKET", null, "the bucket, made when it is missing; default medicalai", (o, v) => o with { S3 = o.S3 with { Bucket = S3Settings.ReadBucket(v) } }),
        new("S3Region", "MINIO_REGION", null, "the region for which requests are signed; default us-east-1", (o, v) => o with { S3 = o.S3 with { Region = v } }),
        new("S3Prefix", "MINIO_PREFIX", null, "what stands before the keys of all objects", (o, v) => o with { S3 = o.S3 with { Prefix = S3Settings.ReadPrefix(v) } }),
        new("S3Secure", "MINIO_SECURE", null, "true to speak TLS where the address is HOST:PORT", (o, v) => o with { S3 = o.S3 with { IsSecure = ReadBoolean(v) } }),
        new("S3Ca", "MINIO_CA", null, "PEM file of authorities that are trusted besides those of the system", (o, v) => o with { S3 = o.S3 with { AuthorityFile = Path.GetFullPath(v) } }),
        new("S3Encryption", "MINIO_ENCRYPTION", null, "encryption by the server: none, s3 (SSE-S3) or kms:KEY (SSE-KMS); default none", (o, v) => o with { S3 = o.S3 with { Encryption = S3Settings.ReadEncryption(v) } }),
        new("Environment", "ENVIRONMENT", null, "production makes the log JSON", (o, v) => o with { IsProduction = v.Equals("production", StringComparison.OrdinalIgnoreCase) }),
        new("Debug", "DEBUG", null, "true logs everything", (o, v) => o with { IsDebug = ReadBoolean(v) }),
    ];

    /// <summary>Variables of deployments that this version does not know what to do with; it says so instead of passing them over in silence.</summary>
    public static IReadOnlyList<string> NotYet { get; } =
    [
        "REDIS_URL", "JWT_ALGORITHM", "JWT_ACCESS_TOKEN_EXPIRE_MINUTES",
    ];

    private static EndpointAddress ReadEndpoint(string value) =>
        EndpointAddress.TryParse(value, out string? error, out EndpointAddress endpoint) ? endpoint : throw new FormatException(error);

    private static AeTitle ReadAeTitle(string value) =>
        AeTitle.TryParse(value, out AeTitle title) ? title : throw new FormatException($"'{value}' is no AE title: 1 to 16 printable characters, no backslash");

    private static TEnum ReadEnum<TEnum>(string value)
        where TEnum : struct, Enum =>
        Enum.TryParse(value, ignoreCase: true, out TEnum read) && Enum.IsDefined(read) && !char.IsDigit(value[0])
            ? read
            : throw new FormatException($"'{value}' is none of {string.Join(", ", Enum.GetNames<TEnum>()).ToLowerInvariant()}");

    private static TimeSpan ReadSeconds(string value)
    {
        string number = value.Trim();
        double factor = 1;
        if (number.EndsWith("ms", StringComparison.Ordinal))
        {
            (number, factor) = (number[..^2], 0.001);
        }
        else if (number.EndsWith('s'))
        {
            number = number[..^1];
        }

        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds * factor is >= 0 and <= 86_400
            ? TimeSpan.FromSeconds(seconds * factor)
            : throw new FormatException($"'{value}' is no time of 0 to 86400 seconds");
    }

    private static TimeSpan ReadTimeout(string value) =>
        ReadSeconds(value) is { TotalSeconds: >= 1 and <= 3600 } timeout ? timeout : throw new FormatException($"'{value}' is no time of 1 to 3600 seconds");

    private static GatewayRoles ReadRoles(string value)
    {
        GatewayRoles roles = GatewayRoles.None;
        foreach (string name in ReadList(value))
        {
            roles |= name.ToLowerInvariant() switch
            {
                "dicom" => GatewayRoles.Dicom,
                "web" => GatewayRoles.Web,
                "engine" => GatewayRoles.Engine,
                "reports" => GatewayRoles.Reports,
                "all" => GatewayRoles.All,
                _ => throw new FormatException($"'{name}' is no role: dicom, web, engine, reports"),
            };
        }

        return roles == GatewayRoles.None ? throw new FormatException("no role is named: dicom, web, engine, reports") : roles;
    }

    private static string ReadUrl(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" && url.Query.Length == 0 && url.Fragment.Length == 0
            ? value.TrimEnd('/')
            : throw new FormatException($"'{value}' is no http or https URL");

    // The value is not told: it holds a password.
    private static Uri ReadServiceUrl(string value, params string[] schemes) =>
        Uri.TryCreate(value, UriKind.Absolute, out Uri? url) && schemes.Contains(url.Scheme) && url.Host.Length > 0
            ? url
            : throw new FormatException($"it is no URL that begins with {string.Join(" or ", schemes.Select(scheme => scheme + "://"))}");

    private static string ReadQueuePrefix(string value) =>
        value.Length is > 0 and <= 100 && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') && !value.StartsWith("amq.", StringComparison.Ordinal)
            ? value
            : throw new FormatException($"'{value}' is not made of 1 to 100 letters, digits, '.', '-' and '_', or begins with 'amq.'");

    private static bool ReadBoolean(string value) => value.Trim().ToLowerInvariant() switch
    {
        "" or "true" or "1" or "yes" or "on" => true,
        "false" or "0" or "no" or "off" => false,
        _ => throw new FormatException($"'{value}' is neither true nor false"),
    };

    private static int ReadNumber(string value, int least, int most) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw new FormatException($"'{value}' is no number from {least} to {most}");

    private static long ReadLength(string value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long length) && length > 0 ? length : throw new FormatException($"'{value}' is no number of bytes");

    private static string ReadKey(string value) =>
        System.Text.Encoding.UTF8.GetByteCount(value) >= 32 ? value : throw new FormatException("the key is shorter than 32 bytes");

    private static string[] ReadList(string value)
    {
        if (value.TrimStart().StartsWith('['))
        {
            try
            {
                return JsonSerializer.Deserialize<string[]>(value) ?? [];
            }
            catch (JsonException)
            {
                throw new FormatException($"'{value}' is no JSON array of texts");
            }
        }

        return value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
