using System.Diagnostics;
using System.Security.Cryptography;
using MedicalAi.Testing;

namespace MedicalAi.Archive.Tests;

/// <summary>A real S3 server behind a proxy that does what networks and busy servers do.</summary>
public sealed class S3FaultTests(S3Server server)
{
    private static readonly ObjectKey s_key = new("studies/1.2/object.dcm");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(Fault.SlowDown))]
    [InlineData(nameof(Fault.InternalError))]
    [InlineData(nameof(Fault.CutRequest))]
    [InlineData(nameof(Fault.LoseAnswer))]
    [InlineData(nameof(Fault.ChangeRequest))]
    [InlineData(nameof(Fault.Hang))]
    public async Task An_object_is_stored_whole_although_the_first_two_attempts_fail(string fault)
    {
        await using FaultyBucket faulty = await FaultyBucket.OpenAsync(server);
        byte[] content = RandomNumberGenerator.GetBytes(500_000);
        faulty.Proxy.First(2, "PUT", Enum.Parse<Fault>(fault));

        await faulty.Store.PublishAsync([new Publication(await faulty.Store.StageAsync(content), s_key)], Token);

        Assert.Equal(content, await ReadAsync(faulty.Store, new ObjectLocation(s_key, 0, content.Length)));
        Assert.Equal([s_key], await faulty.Store.ListAsync("", Token).Select(found => found.Key).ToListAsync(Token));
    }

    [Theory]
    [InlineData(nameof(Fault.SlowDown))]
    [InlineData(nameof(Fault.CutAnswer))]
    [InlineData(nameof(Fault.LoseAnswer))]
    [InlineData(nameof(Fault.Hang))]
    public async Task An_object_is_read_whole_although_the_first_two_attempts_fail(string fault)
    {
        await using FaultyBucket faulty = await FaultyBucket.OpenAsync(server);
        byte[] content = RandomNumberGenerator.GetBytes(900_000);
        await faulty.Store.PublishAsync([new Publication(await faulty.Store.StageAsync(content), s_key)], Token);
        faulty.Proxy.First(2, "GET", Enum.Parse<Fault>(fault));

        Assert.Equal(content[5..], await ReadAsync(faulty.Store, new ObjectLocation(s_key, 5, content.Length - 5)));
    }

    [Theory]
    [InlineData(nameof(Fault.InternalError))]
    [InlineData(nameof(Fault.CutRequest))]
    [InlineData(nameof(Fault.LoseAnswer))]
    [InlineData(nameof(Fault.ChangeRequest))]
    public async Task An_object_in_parts_is_stored_whole_although_a_part_fails_and_leaves_none_behind(string fault)
    {
        await using FaultyBucket faulty = await FaultyBucket.OpenAsync(server, options => options with { MultipartAbove = 17 << 20, RequestTimeout = TimeSpan.FromSeconds(20) });
        byte[] content = RandomNumberGenerator.GetBytes(33 << 20);
        int parts = 0;
        faulty.Proxy.Choose = line => line.StartsWith("PUT", StringComparison.Ordinal) && Interlocked.Increment(ref parts) == 2 ? Enum.Parse<Fault>(fault) : Fault.None;

        await faulty.Store.PublishAsync([new Publication(await faulty.Store.StageAsync(content), s_key)], Token);

        Assert.Equal(SHA256.HashData(content), SHA256.HashData(await ReadAsync(faulty.Store, new ObjectLocation(s_key, 0, content.Length))));
        Assert.Equal(0, await faulty.Store.RemoveUnfinishedAsync("", DateTimeOffset.MaxValue, Token));
    }

    [Theory]
    [InlineData(nameof(Fault.SlowDown))]
    [InlineData(nameof(Fault.Hang))]
    [InlineData(nameof(Fault.CutRequest))]
    public async Task While_the_server_fails_ingest_says_so_in_bounded_time_and_goes_on_by_itself_when_it_is_back(string fault)
    {
        await using FaultyBucket faulty = await FaultyBucket.OpenAsync(server);
        await using TestArchive archive = await TestArchive.StartAsync(_ => faulty.Store);
        faulty.Proxy.Choose = _ => Enum.Parse<Fault>(fault);
        long startedAt = Stopwatch.GetTimestamp();

        IngestResult[] away = await Task.WhenAll(Enumerable.Range(1, 40).Select(n => IngestAsync(n)));

        Assert.All(away, result => Assert.Equal(IngestOutcome.Unavailable, result.Outcome));
        Assert.InRange(Stopwatch.GetElapsedTime(startedAt), TimeSpan.Zero, TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<ArchiveUnavailableException>(async () => await faulty.Store.CheckAsync(Token));
        Assert.Equal(0, (await archive.Studies.CountAllAsync(Token)).Instances);

        faulty.Proxy.Choose = _ => Fault.None;
        await faulty.Store.CheckAsync(Token);
        IngestResult[] back = await Task.WhenAll(Enumerable.Range(1, 40).Select(n => IngestAsync(n)));

        Assert.All(back, result => Assert.Equal(IngestOutcome.Stored, result.Outcome));
        ArchiveVerifier verifier = new(archive.Studies, faulty.Store, archive.Clock);
        Assert.Empty(await verifier.CheckIndexAsync(checkDigests: true, Token).ToListAsync(Token));
        Assert.Empty(await verifier.CheckStoreAsync(remove: false, includeYoung: true, Token).ToListAsync(Token));
        Assert.Empty(Directory.EnumerateFiles(faulty.Bucket.StagingFolder));

        async Task<IngestResult> IngestAsync(int n)
        {
            byte[] content = [(byte)n, 2, 3];
            InstanceIdentity identity = TestArchive.Identity(instance: $"1.2.1.1.{n}");
            return await archive.Committer.CommitAsync(await faulty.Store.StageAsync(content), archive.Record(identity, content), Token);
        }
    }

    [Fact]
    public async Task A_listing_that_fails_is_told_and_never_taken_for_its_end()
    {
        await using FaultyBucket faulty = await FaultyBucket.OpenAsync(server);
        await faulty.Store.PublishAsync([new Publication(await faulty.Store.StageAsync([1]), s_key)], Token);
        faulty.Proxy.Choose = _ => Fault.InternalError;
        await Assert.ThrowsAsync<ArchiveUnavailableException>(async () => await faulty.Store.ListAsync("", Token).ToListAsync(Token));
    }

    private static async Task<byte[]> ReadAsync(S3ObjectStore store, ObjectLocation location)
    {
        await using Stream stream = await store.OpenReadAsync(location, Token);
        MemoryStream copy = new();
        await stream.CopyToAsync(copy, Token);
        return copy.ToArray();
    }

    /// <summary>A bucket that is reached through a proxy, with short waits.</summary>
    private sealed class FaultyBucket(FaultProxy proxy, TestBucket bucket) : IAsyncDisposable
    {
        public FaultProxy Proxy => proxy;

        public TestBucket Bucket => bucket;

        public S3ObjectStore Store => bucket.Store;

        public static async Task<FaultyBucket> OpenAsync(S3Server server, Func<S3Options, S3Options>? change = null)
        {
            S3Options options = await server.NewBucketAsync();
            FaultProxy proxy = new(options.Endpoint);
            options = options with { Endpoint = proxy.Endpoint, RequestTimeout = TimeSpan.FromSeconds(2), BackOff = TimeSpan.FromMilliseconds(20), GiveUpAfter = TimeSpan.FromSeconds(8) };
            return new FaultyBucket(proxy, await TestBucket.OpenAsync(change?.Invoke(options) ?? options));
        }

        public async ValueTask DisposeAsync()
        {
            await bucket.DisposeAsync();
            await proxy.DisposeAsync();
        }
    }
}
