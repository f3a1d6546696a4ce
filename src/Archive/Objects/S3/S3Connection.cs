using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Minio;
using Minio.DataModel;
using Minio.DataModel.Args;
using Minio.DataModel.Encryption;
using Minio.Exceptions;

namespace MedicalAi.Archive;

/// <summary>
/// Requests to one bucket. Buckets, listings, deletion and parts go by the Minio client. What moves the bytes of one object goes by
/// its presigned URLs over one HTTP client: the client's own GET fails at ranges, its PUT holds the object in memory, and both take
/// two to three times the processor.
/// </summary>
internal sealed partial class S3Connection : IDisposable
{
    private const int UrlLifetime = 3600; // seconds
    private const int MaximumErrorLength = 16 * 1024;
    private readonly S3Options _options;
    private readonly HttpClient _http;
    private readonly IMinioClient _minio;
    private readonly IServerSideEncryption? _encryption;

    public S3Connection(S3Options options)
    {
        _options = options;
        _http = new HttpClient(MakeHandler(options)) { Timeout = Timeout.InfiniteTimeSpan };
        _minio = new MinioClient()
            .WithEndpoint(options.Endpoint.Authority)
            .WithSSL(options.Endpoint.Scheme == Uri.UriSchemeHttps)
            .WithRegion(options.Region)
            .WithCredentials(options.AccessKey, options.SecretKey)
            .WithHttpClient(_http, disposeHttpClient: false)
            .Build();
        _encryption = options.Encryption switch
        {
            S3Encryption.S3 => new SSES3(),
            S3Encryption.Kms => new SSEKMS(options.EncryptionKey, new Dictionary<string, string>()),
            _ => null,
        };
        Retry = new S3Retry(options);
    }

    /// <summary>Tries again what fails in passing.</summary>
    public S3Retry Retry { get; }

    /// <summary>Whether objects are to be encrypted by the server.</summary>
    public bool Encrypts => _encryption is not null;

    /// <summary>The length of each part but the last of an object of up to 10,000 of them, as the client cuts it.</summary>
    public const int PartLength = 16 << 20;

    /// <inheritdoc />
    public void Dispose()
    {
        _minio.Dispose();
        _http.Dispose();
    }

    /// <summary>Whether the bucket is there.</summary>
    public Task<bool> BucketExistsAsync(CancellationToken cancellationToken) =>
        _minio.BucketExistsAsync(new BucketExistsArgs().WithBucket(_options.Bucket), cancellationToken);

    /// <summary>Makes the bucket.</summary>
    public Task MakeBucketAsync(CancellationToken cancellationToken) =>
        _minio.MakeBucketAsync(new MakeBucketArgs().WithBucket(_options.Bucket).WithLocation(_options.Region), cancellationToken);

    /// <summary>Sends an object in one request, under a name that must be free.</summary>
    /// <returns>The entity tag; null when the name is taken.</returns>
    public async Task<string?> PutAsync(string name, Stream content, byte[] md5, CancellationToken cancellationToken)
    {
        string url = await _minio.PresignedPutObjectAsync(new PresignedPutObjectArgs().WithBucket(_options.Bucket).WithObject(name).WithExpiry(UrlLifetime));
        using HttpRequestMessage request = new(HttpMethod.Put, url) { Content = new StreamContent(content, 128 * 1024) };
        request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Any);
        request.Content.Headers.ContentLength = content.Length;
        request.Content.Headers.ContentMD5 = md5;
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode == HttpStatusCode.PreconditionFailed)
        {
            return null;
        }

        return response.IsSuccessStatusCode ? response.Headers.ETag?.Tag.Trim('"') ?? "" : throw await ReadErrorAsync(response, cancellationToken);
    }

    /// <summary>Sends an object by the client, in parts when it is longer than 5 MiB, encrypted when that is configured.</summary>
    public Task PutByClientAsync(string name, Stream content, CancellationToken cancellationToken)
    {
        PutObjectArgs args = new PutObjectArgs().WithBucket(_options.Bucket).WithObject(name).WithStreamData(content).WithObjectSize(content.Length);
        return _minio.PutObjectAsync(_encryption is null ? args : args.WithServerSideEncryption(_encryption), cancellationToken);
    }

    /// <summary>Asks for a range of an object.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="offset">The first byte.</param>
    /// <param name="length">The number of bytes, at least one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The answer, whose body follows and has at most that many bytes.</returns>
    public async Task<HttpResponseMessage> GetAsync(string name, long offset, long length, CancellationToken cancellationToken)
    {
        string url = await _minio.PresignedGetObjectAsync(new PresignedGetObjectArgs().WithBucket(_options.Bucket).WithObject(name).WithExpiry(UrlLifetime));
        using HttpRequestMessage request = new(HttpMethod.Get, url);
        request.Headers.Range = new RangeHeaderValue(offset, offset + length - 1);
        HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode == HttpStatusCode.PartialContent)
        {
            return response;
        }

        using (response)
        {
            // A server that passes over the range would send the object from its beginning.
            throw response.IsSuccessStatusCode ? new S3ErrorException(response.StatusCode, "NoRange") : await ReadErrorAsync(response, cancellationToken);
        }
    }

    /// <summary>Whether the server says that it keeps an object, of at least one byte, encrypted.</summary>
    public async Task<bool> IsEncryptedAsync(string name, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await GetAsync(name, 0, 1, cancellationToken);
        return response.Headers.Contains("x-amz-server-side-encryption");
    }

    /// <summary>What is known of an object; null when there is none.</summary>
    public async Task<ObjectStat?> FindAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await _minio.StatObjectAsync(new StatObjectArgs().WithBucket(_options.Bucket).WithObject(name), cancellationToken);
        }
        catch (ObjectNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Removes an object; nothing to do when there is none.</summary>
    public Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        _minio.RemoveObjectAsync(new RemoveObjectArgs().WithBucket(_options.Bucket).WithObject(name), cancellationToken);

    /// <summary>The objects whose names begin so; streamed, a page a request.</summary>
    public IAsyncEnumerable<Item> ListAsync(string prefix, CancellationToken cancellationToken) =>
        _minio.ListObjectsEnumAsync(new ListObjectsArgs().WithBucket(_options.Bucket).WithPrefix(prefix).WithRecursive(true), cancellationToken);

    /// <summary>The uploads in parts that were never completed, whose names begin so.</summary>
    public IAsyncEnumerable<Upload> ListUnfinishedAsync(string prefix, CancellationToken cancellationToken) =>
        _minio.ListIncompleteUploadsEnumAsync(new ListIncompleteUploadsArgs().WithBucket(_options.Bucket).WithPrefix(prefix).WithRecursive(true), cancellationToken);

    /// <summary>Removes the parts of uploads that were never completed.</summary>
    public Task DeleteUnfinishedAsync(string name, CancellationToken cancellationToken) =>
        _minio.RemoveIncompleteUploadAsync(new RemoveIncompleteUploadArgs().WithBucket(_options.Bucket).WithObject(name), cancellationToken);

    private static SocketsHttpHandler MakeHandler(S3Options options)
    {
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // Names may get other addresses.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        };
        if (options.LoadAuthorities() is { } authorities)
        {
            handler.SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, errors) => errors == SslPolicyErrors.None || (errors == SslPolicyErrors.RemoteCertificateChainErrors && IsTrusted(certificate, authorities)),
            };
        }

        return handler;
    }

    private static bool IsTrusted(X509Certificate? certificate, X509Certificate2Collection authorities)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return certificate is X509Certificate2 shown && chain.Build(shown);
    }

    private static async Task<S3ErrorException> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] text = new byte[MaximumErrorLength];
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        int length = await body.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, cancellationToken);
        Match code = ErrorCode().Match(System.Text.Encoding.UTF8.GetString(text, 0, length));
        return new S3ErrorException(response.StatusCode, code.Success ? code.Groups[1].Value : null);
    }

    [GeneratedRegex("<Code>([A-Za-z0-9]{1,64})</Code>")]
    private static partial Regex ErrorCode();
}
