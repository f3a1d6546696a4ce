namespace MedicalAi.Archive.Tests;

/// <summary>What every object store keeps to.</summary>
public abstract class ObjectStoreContract
{
    /// <summary>An empty store that takes objects, in an archive of files or alone.</summary>
    protected abstract Task<OpenedStore> OpenAsync();

    [Fact]
    public async Task A_published_object_is_read_by_range()
    {
        await using OpenedStore archive = await OpenAsync();
        ObjectKey key = new("studies/1.2/object.dcm");
        await archive.Store.PublishAsync([new Publication(await archive.Store.StageAsync([1, 2, 3, 4, 5]), key)], TestContext.Current.CancellationToken);
        await using Stream stream = await archive.Store.OpenReadAsync(new ObjectLocation(key, 1, 3), TestContext.Current.CancellationToken);
        MemoryStream copy = new();
        await stream.CopyToAsync(copy, TestContext.Current.CancellationToken);
        Assert.Equal([2, 3, 4], copy.ToArray());
    }

    [Fact]
    public async Task An_object_is_never_overwritten_by_one_of_another_length()
    {
        await using OpenedStore archive = await OpenAsync();
        ObjectKey key = new("studies/1.2/object.dcm");
        await archive.Store.PublishAsync([new Publication(await archive.Store.StageAsync([1, 2]), key)], TestContext.Current.CancellationToken);
        StagedObject other = await archive.Store.StageAsync([1, 2, 3]);
        await Assert.ThrowsAsync<IOException>(async () => await archive.Store.PublishAsync([new Publication(other, key)], TestContext.Current.CancellationToken));
        Assert.Equal(2, (await archive.Store.FindAsync(key, TestContext.Current.CancellationToken))!.Value.Length);
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("studies/../../outside")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    [InlineData("a//b")]
    public async Task A_key_that_could_leave_the_store_is_refused(string key)
    {
        await using OpenedStore archive = await OpenAsync();
        await Assert.ThrowsAsync<ArgumentException>(async () => await archive.Store.FindAsync(new ObjectKey(key), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_staged_object_is_not_seen_and_is_gone_when_it_is_disposed()
    {
        await using OpenedStore archive = await OpenAsync();
        StagedObject staged = await archive.Store.StageAsync([1, 2]);
        Assert.Empty(await archive.Store.ListAsync("", TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
        await staged.DisposeAsync();
        await staged.DisposeAsync();
        Assert.Empty(await archive.Store.ListAsync("", TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_staged_object_can_be_published_again_until_it_is_disposed()
    {
        await using OpenedStore archive = await OpenAsync();
        StagedObject staged = await archive.Store.StageAsync([1, 2, 3]);
        foreach (string key in new[] { "studies/1.2/a.dcm", "studies/1.2/a.dcm", "quarantine/1.2/a.dcm" })
        {
            await archive.Store.PublishAsync([new Publication(staged, new ObjectKey(key))], TestContext.Current.CancellationToken);
        }

        await staged.DisposeAsync();
        List<ObjectInfo> found = await archive.Store.ListAsync("", TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["quarantine/1.2/a.dcm", "studies/1.2/a.dcm"], found.Select(info => info.Key.Value).Order(StringComparer.Ordinal));
        Assert.All(found, info => Assert.Equal(3, info.Length));
    }

    [Fact]
    public async Task A_listing_holds_what_is_under_its_path_and_no_more()
    {
        await using OpenedStore archive = await OpenAsync();
        await archive.Store.PublishAsync([.. await PublicationsAsync(archive, "studies/1.2/a.dcm", "studies/1.2/b/c.dcm", "studies/1.22/d.dcm")], TestContext.Current.CancellationToken);
        List<ObjectInfo> found = await archive.Store.ListAsync("studies/1.2", TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["studies/1.2/a.dcm", "studies/1.2/b/c.dcm"], found.Select(info => info.Key.Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_not_there_and_what_is_beyond_the_end_cannot_be_opened()
    {
        await using OpenedStore archive = await OpenAsync();
        ObjectKey key = new("studies/1.2/object.dcm");
        await Assert.ThrowsAsync<FileNotFoundException>(async () => await archive.Store.OpenReadAsync(new ObjectLocation(key, 0, 1), TestContext.Current.CancellationToken));
        await archive.Store.PublishAsync([new Publication(await archive.Store.StageAsync([1, 2]), key)], TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<EndOfStreamException>(async () => await archive.Store.OpenReadAsync(new ObjectLocation(key, 1, 2), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_object_is_deleted_once()
    {
        await using OpenedStore archive = await OpenAsync();
        ObjectKey key = new("studies/1.2/object.dcm");
        await archive.Store.PublishAsync([new Publication(await archive.Store.StageAsync([1, 2]), key)], TestContext.Current.CancellationToken);
        Assert.True(await archive.Store.DeleteAsync(key, TestContext.Current.CancellationToken));
        Assert.False(await archive.Store.DeleteAsync(key, TestContext.Current.CancellationToken));
        Assert.Null(await archive.Store.FindAsync(key, TestContext.Current.CancellationToken));
    }

    private static async Task<List<Publication>> PublicationsAsync(OpenedStore archive, params string[] keys)
    {
        List<Publication> publications = [];
        foreach (string key in keys)
        {
            publications.Add(new Publication(await archive.Store.StageAsync([1, 2]), new ObjectKey(key)));
        }

        return publications;
    }
}
