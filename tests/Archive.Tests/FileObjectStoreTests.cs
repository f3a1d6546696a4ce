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

    protected override async Task<ISeams> OpenAsync() => await TestArchive.CreateAsync();
}
