using MedicalAi.Testing;

[assembly: AssemblyFixture(typeof(MedicalAi.Archive.Tests.S3Server))]

namespace MedicalAi.Archive.Tests;

/// <summary>The S3 server of all tests, started by the first that needs it.</summary>
public sealed class S3Server : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1);
    private CephServer? _server;

    /// <summary>How to reach a new bucket of it.</summary>
    public async Task<S3Options> NewBucketAsync()
    {
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            _server ??= await CephServer.StartAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            _starting.Release();
        }

        return new S3Options
        {
            Endpoint = _server.Endpoint,
            AccessKey = CephServer.AccessKey,
            SecretKey = CephServer.SecretKey,
            Bucket = $"test-{Guid.NewGuid():N}",
        };
    }

    public async ValueTask DisposeAsync()
    {
        _starting.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}

/// <summary>A store in a bucket of its own, with its folder.</summary>
internal sealed class TestBucket : IAsyncDisposable
{
    private TestBucket(S3Options options)
    {
        Options = options;
        Store = new S3ObjectStore(options, Folder.Path);
    }

    public S3Options Options { get; }

    public TempFolder Folder { get; } = new();

    public S3ObjectStore Store { get; }

    public string StagingFolder => Folder.File("staging");

    public static async Task<TestBucket> OpenAsync(S3Options options)
    {
        TestBucket bucket = new(options);
        await bucket.Store.InitializeAsync(TestContext.Current.CancellationToken);
        return bucket;
    }

    public ValueTask DisposeAsync()
    {
        Store.Dispose();
        Folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
