using System.Security.Cryptography;
using MedicalAi.Testing;

namespace MedicalAi.Archive.Tests;

public sealed class S3ObjectStoreTests(S3Server server) : ObjectStoreContract
{
    private static readonly ObjectKey s_key = new("studies/1.2/object.dcm");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bucket_that_is_missing_is_made_and_one_that_is_there_is_used()
    {
        S3Options options = await server.NewBucketAsync();
        await using TestBucket first = await TestBucket.OpenAsync(options);
        await first.Store.PublishAsync([new Publication(await first.Store.StageAsync([1, 2]), s_key)], Token);

        await using TestBucket second = await TestBucket.OpenAsync(options);

        Assert.Equal(2, (await second.Store.FindAsync(s_key, Token))!.Value.Length);
        await second.Store.CheckAsync(Token);
    }

    [Fact]
    public async Task Nothing_but_what_was_published_stands_in_a_new_bucket()
    {
        await using TestBucket bucket = await TestBucket.OpenAsync(await server.NewBucketAsync());
        Assert.Empty(await bucket.Store.ListAsync("", Token).ToListAsync(Token));
        Assert.Empty(Directory.EnumerateFiles(bucket.StagingFolder));
    }

    [Fact]
    public async Task Two_archives_with_prefixes_share_a_bucket_and_do_not_see_each_other()
    {
        S3Options options = await server.NewBucketAsync();
        await using TestBucket one = await TestBucket.OpenAsync(options with { Prefix = "north/ct" });
        await using TestBucket other = await TestBucket.OpenAsync(options with { Prefix = "north" });
        await using TestBucket whole = await TestBucket.OpenAsync(options);
        await one.Store.PublishAsync([new Publication(await one.Store.StageAsync([1]), s_key)], Token);

        Assert.Equal([s_key], await one.Store.ListAsync("", Token).Select(found => found.Key).ToListAsync(Token));
        Assert.Empty(await other.Store.ListAsync("studies", Token).ToListAsync(Token));
        Assert.Equal(["north/ct/studies/1.2/object.dcm"], await whole.Store.ListAsync("", Token).Select(found => found.Key.Value).ToListAsync(Token));
    }

    [Fact]
    public async Task A_large_object_goes_in_parts_and_comes_back_the_same()
    {
        await using TestBucket bucket = await TestBucket.OpenAsync(await server.NewBucketAsync() with { MultipartAbove = 17 << 20 });
        byte[] content = RandomNumberGenerator.GetBytes(37 << 20);
        await using StagedObject staged = await bucket.Store.StageAsync(content);

        await bucket.Store.PublishAsync([new Publication(staged, s_key)], Token);
        await bucket.Store.PublishAsync([new Publication(staged, s_key)], Token);

        Assert.Equal(SHA256.HashData(content), await DigestAsync(bucket.Store, new ObjectLocation(s_key, 0, content.Length)));
        Assert.Equal(SHA256.HashData(content.AsSpan(20_000_000, 1000)), await DigestAsync(bucket.Store, new ObjectLocation(s_key, 20_000_000, 1000)));
        Assert.Equal(0, await bucket.Store.RemoveUnfinishedAsync("", DateTimeOffset.MaxValue, Token));
    }

    [Fact]
    public async Task Many_objects_of_a_batch_are_there_when_it_is_published()
    {
        await using TestBucket bucket = await TestBucket.OpenAsync(await server.NewBucketAsync());
        List<Publication> batch = [];
        for (int i = 0; i < 200; i++)
        {
            batch.Add(new Publication(await bucket.Store.StageAsync(RandomNumberGenerator.GetBytes(1000 + i)), new ObjectKey($"studies/1.2.{i}/object.dcm")));
        }

        await bucket.Store.PublishAsync(batch, Token);

        Dictionary<ObjectKey, long> found = await bucket.Store.ListAsync("studies", Token).ToDictionaryAsync(info => info.Key, info => info.Length, cancellationToken: Token);
        Assert.Equal(batch.ToDictionary(publication => publication.Key, publication => publication.Object.Length), found);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(6_000_000)]
    public async Task Objects_are_encrypted_with_a_key_of_the_servers_key_management_where_that_is_configured(int length)
    {
        S3Options options = await server.NewBucketAsync() with { Encryption = S3Encryption.Kms, EncryptionKey = CephServer.EncryptionKey };
        await using TestBucket bucket = await TestBucket.OpenAsync(options);
        byte[] content = RandomNumberGenerator.GetBytes(length);

        await bucket.Store.PublishAsync([new Publication(await bucket.Store.StageAsync(content), s_key)], Token);

        using S3Connection connection = new(options);
        Assert.True(await connection.IsEncryptedAsync(s_key.Value, Token));
        Assert.Equal(SHA256.HashData(content), await DigestAsync(bucket.Store, new ObjectLocation(s_key, 0, content.Length)));
    }

    [Fact]
    public async Task A_server_that_passes_over_the_encryption_that_is_asked_for_is_not_used()
    {
        // This version of Ceph knows no SSE-S3, and says nothing.
        S3Options options = await server.NewBucketAsync() with { Encryption = S3Encryption.S3 };
        IOException refused = await Assert.ThrowsAsync<IOException>(() => TestBucket.OpenAsync(options));
        Assert.Contains("does not encrypt", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_that_are_refused_are_told_at_once()
    {
        S3Options options = await server.NewBucketAsync() with { SecretKey = "wrong" };
        ArchiveUnavailableException refused = await Assert.ThrowsAsync<ArchiveUnavailableException>(() => TestBucket.OpenAsync(options));
        Assert.Contains("credentials", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_ended_processes_left_staged_is_removed_at_the_start()
    {
        S3Options options = await server.NewBucketAsync();
        await using TestBucket bucket = await TestBucket.OpenAsync(options);
        _ = await bucket.Store.StageAsync([1, 2, 3]);
        using S3ObjectStore next = new(options, bucket.Folder.Path);
        await next.InitializeAsync(Token);
        Assert.Empty(Directory.EnumerateFiles(bucket.StagingFolder));
    }

    [Fact]
    public async Task Parts_of_uploads_that_were_never_completed_are_removed_when_they_are_old_enough()
    {
        S3Options options = await server.NewBucketAsync();
        await using TestBucket bucket = await TestBucket.OpenAsync(options);
        using (S3Connection connection = new(options))
        {
            await Assert.ThrowsAnyAsync<IOException>(() => connection.PutByClientAsync(s_key.Value, new BreakingStream(40 << 20, 20 << 20), Token));
        }

        Assert.Empty(await bucket.Store.ListAsync("", Token).ToListAsync(Token));
        Assert.Equal(0, await bucket.Store.RemoveUnfinishedAsync("", DateTimeOffset.UtcNow.AddHours(-1), Token));
        Assert.Equal(0, await bucket.Store.RemoveUnfinishedAsync("studies/1.3", DateTimeOffset.MaxValue, Token));
        Assert.Equal(1, await bucket.Store.RemoveUnfinishedAsync(s_key.Value, DateTimeOffset.MaxValue, Token));
        Assert.Equal(0, await bucket.Store.RemoveUnfinishedAsync("", DateTimeOffset.MaxValue, Token));
    }

    protected override async Task<OpenedStore> OpenAsync()
    {
        TestBucket bucket = await TestBucket.OpenAsync(await server.NewBucketAsync());
        return new OpenedStore(bucket.Store, bucket);
    }

    private static async Task<byte[]> DigestAsync(S3ObjectStore store, ObjectLocation location)
    {
        await using Stream stream = await store.OpenReadAsync(location, Token);
        return await SHA256.HashDataAsync(stream, Token);
    }

    /// <summary>Says that it is long, and fails on the way.</summary>
    private sealed class BreakingStream(int length, int breaksAt) : MemoryStream(new byte[length])
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position >= breaksAt ? throw new IOException("Broken by the test.") : base.ReadAsync(buffer[..Math.Min(buffer.Length, (int)(breaksAt - Position))], cancellationToken);
    }
}
