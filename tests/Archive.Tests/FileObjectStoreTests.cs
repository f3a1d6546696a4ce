namespace MedicalAi.Archive.Tests;

public sealed class FileObjectStoreTests
{
    [Fact]
    public async Task What_an_earlier_process_left_staged_is_removed_at_the_start()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        _ = await archive.StageAsync([1, 2, 3]);
        await new FileObjectStore(archive.Options.DataFolder).InitializeAsync(TestContext.Current.CancellationToken);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(archive.Options.DataFolder, "staging")));
    }

    [Fact]
    public async Task A_published_object_is_read_by_range()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        ObjectKey key = new("studies/1.2/object.dcm");
        await archive.Store.PublishAsync([new Publication(await archive.StageAsync([1, 2, 3, 4, 5]), key)], TestContext.Current.CancellationToken);
        await using Stream stream = await archive.Store.OpenReadAsync(new ObjectLocation(key, 1, 3), TestContext.Current.CancellationToken);
        MemoryStream copy = new();
        await stream.CopyToAsync(copy, TestContext.Current.CancellationToken);
        Assert.Equal([2, 3, 4], copy.ToArray());
    }

    [Fact]
    public async Task An_object_is_never_overwritten_by_one_of_another_length()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        ObjectKey key = new("studies/1.2/object.dcm");
        await archive.Store.PublishAsync([new Publication(await archive.StageAsync([1, 2]), key)], TestContext.Current.CancellationToken);
        StagedObject other = await archive.StageAsync([1, 2, 3]);
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
        await using TestArchive archive = await TestArchive.CreateAsync();
        await Assert.ThrowsAsync<ArgumentException>(async () => await archive.Store.FindAsync(new ObjectKey(key), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_object_without_a_row_is_found_and_removed_as_an_orphan()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        ObjectKey key = new("studies/1.2/orphan.dcm");
        await archive.Store.PublishAsync([new Publication(await archive.StageAsync([1, 2]), key)], TestContext.Current.CancellationToken);
        ArchiveVerifier verifier = new(archive.Studies, archive.Store, archive.Clock);
        List<VerificationFinding> findings = await verifier.CheckStoreAsync(remove: true, includeYoung: true, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal([new VerificationFinding(VerificationProblem.Orphan, key)], findings);
        Assert.Null(await archive.Store.FindAsync(key, TestContext.Current.CancellationToken));
    }
}
