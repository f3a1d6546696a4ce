using MedicalAi.Archive;

namespace MedicalAi.Gateway;

/// <summary>The settings of the S3 server that keeps the objects; without an endpoint they are files.</summary>
internal sealed record S3Settings
{
    /// <summary>The address: <c>host:port</c> or a URL; null for files.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The access key.</summary>
    public string? AccessKey { get; init; }

    /// <summary>The secret key.</summary>
    public string? SecretKey { get; init; }

    /// <summary>The bucket.</summary>
    public string Bucket { get; init; } = "medicalai";

    /// <summary>The region for which requests are signed.</summary>
    public string? Region { get; init; }

    /// <summary>What stands before every key.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Whether an address without a scheme is spoken to with TLS.</summary>
    public bool IsSecure { get; init; }

    /// <summary>The file of the authorities for TLS; null for those of the system.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>Encryption by the server, and the name of the key for <see cref="S3Encryption.Kms"/>.</summary>
    public (S3Encryption Kind, string? Key) Encryption { get; init; }

    /// <summary>What the archive is told; null for files.</summary>
    /// <exception cref="ConfigurationException">The settings do not fit together.</exception>
    public S3Options? ToOptions()
    {
        if (Endpoint is null)
        {
            return AccessKey is null && SecretKey is null ? null : throw new ConfigurationException("There are credentials for an object store (MINIO_ROOT_USER, MINIO_ROOT_PASSWORD) but no address: MINIO_ENDPOINT.");
        }

        if (AccessKey is null || SecretKey is null)
        {
            throw new ConfigurationException("The object store of MINIO_ENDPOINT needs MINIO_ROOT_USER and MINIO_ROOT_PASSWORD.");
        }

        S3Options options = new()
        {
            Endpoint = ReadEndpoint(Endpoint, IsSecure),
            AccessKey = AccessKey,
            SecretKey = SecretKey,
            Bucket = Bucket,
            Prefix = Prefix,
            AuthorityFile = AuthorityFile,
            Encryption = Encryption.Kind,
            EncryptionKey = Encryption.Key,
        };
        try
        {
            _ = options.LoadAuthorities();
        }
        catch (InvalidDataException e)
        {
            throw new ConfigurationException(e.Message);
        }

        return Region is null ? options : options with { Region = Region };
    }

    /// <summary>Reads a bucket's name by the rules that all servers share.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static string ReadBucket(string value) =>
        value.Length is >= 3 and <= 63 && value.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.') && char.IsAsciiLetterOrDigit(value[0]) && char.IsAsciiLetterOrDigit(value[^1]) && !value.Contains("..", StringComparison.Ordinal)
            ? value
            : throw new FormatException($"'{value}' is no name of a bucket: 3 to 63 small letters, digits, hyphens and dots");

    /// <summary>Reads a prefix.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static string ReadPrefix(string value) =>
        value.Trim('/') is { Length: > 0 and <= 100 } prefix && new ObjectKey(prefix).IsValid
            ? prefix
            : throw new FormatException($"'{value}' is no prefix: letters, digits, dots, hyphens and underscores, separated by slashes, 100 characters at most");

    /// <summary>Reads <c>none</c>, <c>s3</c> or <c>kms:</c> with the name of a key.</summary>
    /// <exception cref="FormatException">It is none of them.</exception>
    public static (S3Encryption Kind, string? Key) ReadEncryption(string value) => value switch
    {
        "none" => (S3Encryption.None, null),
        "s3" => (S3Encryption.S3, null),
        _ when value.StartsWith("kms:", StringComparison.Ordinal) && value.Length > 4 => (S3Encryption.Kms, value[4..]),
        _ => throw new FormatException($"'{value}' is none of none, s3, kms:KEY"),
    };

    private static Uri ReadEndpoint(string value, bool isSecure)
    {
        string url = value.Contains("://", StringComparison.Ordinal) ? value : $"{(isSecure ? "https" : "http")}://{value}";
        return Uri.TryCreate(url, UriKind.Absolute, out Uri? endpoint) && endpoint.Scheme is "http" or "https" && endpoint.PathAndQuery == "/" && endpoint.UserInfo.Length == 0 && endpoint.Fragment.Length == 0
            ? endpoint
            : throw new ConfigurationException($"MINIO_ENDPOINT: '{value}' is neither HOST:PORT nor a http or https URL without a path.");
    }
}
