using System.Buffers;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using MedicalAi.Testing;
using Minio;
using Minio.DataModel.Args;

namespace MedicalAi.Bench.S3;

/// <summary>A client that puts objects into a bucket of its own and gets them, and does nothing else.</summary>
internal abstract class S3Client(CephServer server) : IDisposable
{
    protected string Bucket { get; } = $"bench-{Guid.NewGuid():N}";

    protected IMinioClient Minio { get; } = new MinioClient().WithEndpoint(server.Endpoint.Authority).WithCredentials(CephServer.AccessKey, CephServer.SecretKey).WithRegion("us-east-1").WithSSL(false).Build();

    public Task MakeBucketAsync(CancellationToken cancellationToken) => Minio.MakeBucketAsync(new MakeBucketArgs().WithBucket(Bucket), cancellationToken);

    public abstract Task PutAsync(string name, byte[] content, CancellationToken cancellationToken);

    public abstract Task GetAsync(string name, CancellationToken cancellationToken);

    public virtual void Dispose() => Minio.Dispose();

    /// <summary>Reads to the end.</summary>
    public static async Task DropAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        while (await stream.ReadAsync(buffer, cancellationToken) > 0)
        {
            // Dropped.
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>The checksum that goes with a request.</summary>
    protected static byte[] Md5(byte[] content)
    {
#pragma warning disable CA5351 // The protocol's own.
        return MD5.HashData(content);
#pragma warning restore CA5351
    }
}

/// <summary>The calls of the Minio client.</summary>
internal sealed class MinioOwnClient(CephServer server) : S3Client(server)
{
    public override Task PutAsync(string name, byte[] content, CancellationToken cancellationToken) =>
        Minio.PutObjectAsync(new PutObjectArgs().WithBucket(Bucket).WithObject(name).WithStreamData(new MemoryStream(content)).WithObjectSize(content.Length), cancellationToken);

    public override Task GetAsync(string name, CancellationToken cancellationToken) =>
        Minio.GetObjectAsync(new GetObjectArgs().WithBucket(Bucket).WithObject(name).WithCallbackStream(DropAsync), cancellationToken);
}

/// <summary>Presigned URLs of the Minio client over a HTTP client.</summary>
internal sealed class PresignedClient(CephServer server) : S3Client(server)
{
    private readonly HttpClient _http = new();

    public override async Task PutAsync(string name, byte[] content, CancellationToken cancellationToken)
    {
        string url = await Minio.PresignedPutObjectAsync(new PresignedPutObjectArgs().WithBucket(Bucket).WithObject(name).WithExpiry(600));
        using ByteArrayContent body = new(content);
        body.Headers.ContentMD5 = Md5(content);
        using HttpResponseMessage response = await _http.PutAsync(url, body, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    public override async Task GetAsync(string name, CancellationToken cancellationToken)
    {
        string url = await Minio.PresignedGetObjectAsync(new PresignedGetObjectArgs().WithBucket(Bucket).WithObject(name).WithExpiry(600));
        await using Stream stream = await _http.GetStreamAsync(url, cancellationToken);
        await DropAsync(stream, cancellationToken);
    }

    public override void Dispose()
    {
        _http.Dispose();
        base.Dispose();
    }
}

/// <summary>The calls of AWSSDK.S3.</summary>
internal sealed class AwsClient(CephServer server) : S3Client(server)
{
    private readonly AmazonS3Client _client = new(
        new BasicAWSCredentials(CephServer.AccessKey, CephServer.SecretKey),
        new AmazonS3Config
        {
            ServiceURL = server.Endpoint.ToString(),
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });

    public override Task PutAsync(string name, byte[] content, CancellationToken cancellationToken) =>
        _client.PutObjectAsync(new PutObjectRequest { BucketName = Bucket, Key = name, InputStream = new MemoryStream(content), UseChunkEncoding = false, MD5Digest = Convert.ToBase64String(Md5(content)) }, cancellationToken);

    public override async Task GetAsync(string name, CancellationToken cancellationToken)
    {
        using GetObjectResponse response = await _client.GetObjectAsync(Bucket, name, cancellationToken);
        await DropAsync(response.ResponseStream, cancellationToken);
    }

    public override void Dispose()
    {
        _client.Dispose();
        base.Dispose();
    }
}
