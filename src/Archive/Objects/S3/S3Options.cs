using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MedicalAi.Archive;

/// <summary>Where an S3 server (MinIO, Ceph, AWS) is and how objects are kept in it.</summary>
public sealed record S3Options
{
    /// <summary>The address of the server: scheme, host and port. Buckets are addressed by path, on amazonaws.com by host name.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The access key.</summary>
    public required string AccessKey { get; init; }

    /// <summary>The secret key.</summary>
    public required string SecretKey { get; init; }

    /// <summary>The bucket; made when it is missing. What stands in it under <see cref="Prefix"/> belongs to the archive alone.</summary>
    public required string Bucket { get; init; }

    /// <summary>The region for which requests are signed.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>What stands before every key, without a slash at its end; empty for nothing.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>A PEM file of authorities that are trusted for TLS besides those of the system; null for none.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>How the server encrypts objects.</summary>
    public S3Encryption Encryption { get; init; }

    /// <summary>The name of the key in the server's key management, for <see cref="S3Encryption.Kms"/>.</summary>
    public string? EncryptionKey { get; init; }

    /// <summary>The most objects that are being sent at once.</summary>
    public int ParallelUploads { get; init; } = 32;

    /// <summary>Objects longer than this, in bytes, are sent in parts.</summary>
    public long MultipartAbove { get; init; } = 64L << 20;

    /// <summary>How long one attempt of a request may take; what carries an object may take a second longer for each MiB.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a request is tried that failed for reasons that may pass.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>The wait after the first failure; it doubles with each, and half of it is random.</summary>
    public TimeSpan BackOff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>No attempt begins later than this after the first; what carries an object may take a second longer for each MiB.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Reads the authorities; null when there are none of our own.</summary>
    /// <exception cref="InvalidDataException">The file cannot be used.</exception>
    public X509Certificate2Collection? LoadAuthorities()
    {
        if (AuthorityFile is null)
        {
            return null;
        }

        X509Certificate2Collection authorities = [];
        try
        {
            authorities.ImportFromPemFile(AuthorityFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidDataException($"The authorities of the object store cannot be read: {e.Message}", e);
        }

        return authorities.Count > 0 ? authorities : throw new InvalidDataException($"{AuthorityFile} holds no certificate.");
    }
}

/// <summary>How an S3 server encrypts objects.</summary>
public enum S3Encryption
{
    /// <summary>As its own settings say.</summary>
    None,

    /// <summary>With keys that the server holds (SSE-S3).</summary>
    S3,

    /// <summary>With a named key of its key management (SSE-KMS).</summary>
    Kms,
}
