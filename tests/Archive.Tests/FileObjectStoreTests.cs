namespace MedicalAi.Archive.Tests;

public sealed class FileObjectStoreTests : ObjectStoreContract
{
    [Fact]
    public async Task What_an_earlier_process_left_staged_is_removed_at_the_start()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        _ = await archive.Store.StageAsync([1, 2, 3]);
        using FileObjectStore next = new(archive.Options.DataFolder);
        await next.InitializeAsync(TestContext.Current.CancellationToken);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(archive.Options.DataFolder, "staging")));
    }

    [Fact]
    public async Task Folders_that_a_failed_batch_has_made_are_made_durable_by_the_next()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        ObjectKey taken = new("studies/1.1/taken.dcm");
        await archive.Store.PublishAsync([new Publication(await archive.Store.StageAsync([1]), taken)], TestContext.Current.CancellationToken);
        Publication[] failing = [new(await archive.Store.StageAsync([1, 2]), new ObjectKey("studies/1.2/3/4/new.dcm")), new(await archive.Store.StageAsync([1, 2]), taken)];
        await Assert.ThrowsAsync<IOException>(async () => await archive.Store.PublishAsync(failing, TestContext.Current.CancellationToken));
        long before = archive.Store.FolderSyncs;

        await archive.Store.PublishAsync([failing[0]], TestContext.Current.CancellationToken);

        // studies, 1.2, 1.2/3 and 1.2/3/4 have new names; objects/studies/1.1 was the first batch's.
        Assert.InRange(archive.Store.FolderSyncs - before, 4, 5);
    }

    protected override async Task<OpenedStore> OpenAsync()
    {
        TestArchive archive = await TestArchive.CreateAsync();
        return new OpenedStore(archive.Store, archive);
    }
}
