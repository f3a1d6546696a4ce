using System.Diagnostics;
using MedicalAi.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace MedicalAi.Archive.Tests;

public sealed class FileObjectStoreTests : ObjectStoreContract
{
    private const int Large = FileStagedObject.MaximumInMemory + 1;
    private static readonly ObjectKey s_key = new("studies/1.2/series/1.3/1.4.dcm");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_an_earlier_process_left_staged_is_removed_at_the_start()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        _ = await archive.Store.StageAsync(new byte[Large]);
        Assert.Single(Directory.EnumerateFiles(Path.Combine(archive.Options.DataFolder, "staging")));
        using FileObjectStore next = new(archive.Options.DataFolder);
        await next.InitializeAsync(Token);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(archive.Options.DataFolder, "staging")));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(Large)]
    public async Task What_a_power_cut_takes_of_a_published_object_comes_back_at_the_start(int length)
    {
        using TempFolder folder = new();
        byte[] content = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
        string path = Path.Combine(folder.Path, "objects", s_key.Value);
        using FileObjectStore store = new(folder.Path, NullLogger.Instance, quiet: TimeSpan.FromHours(1));
        await store.InitializeAsync(Token);
        StagedObject staged = await store.StageAsync(content);
        await store.PublishAsync([new Publication(staged, s_key)], Token);

        // As a disk is after a power cut: the journal and synchronised files are there, the names and contents that were not are gone.
        using TempFolder after = new();
        Copy(folder.Path, after.Path);
        await staged.DisposeAsync();
        Assert.Equal(content, await File.ReadAllBytesAsync(path, Token));
        File.Delete(Path.Combine(after.Path, "objects", s_key.Value));
        if (length < Large)
        {
            await File.WriteAllBytesAsync(Path.Combine(after.Path, "objects", s_key.Value), new byte[length], Token);
        }

        using FileObjectStore next = new(after.Path);
        await next.InitializeAsync(Token);

        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(after.Path, "objects", s_key.Value), Token));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(after.Path, "staging")));
    }

    [Fact]
    public async Task A_record_that_was_being_written_when_the_power_went_is_passed_over()
    {
        using TempFolder folder = new();
        using FileObjectStore store = new(folder.Path, NullLogger.Instance, quiet: TimeSpan.FromHours(1));
        await store.InitializeAsync(Token);
        ObjectKey torn = new("studies/1.2/series/1.3/1.5.dcm");
        await store.PublishAsync([new Publication(await store.StageAsync([1, 2, 3]), s_key)], Token);
        await store.PublishAsync([new Publication(await store.StageAsync([4, 5, 6]), torn)], Token);
        using TempFolder after = new();
        Copy(Path.Combine(folder.Path, "journal"), Path.Combine(after.Path, "journal"));
        string journal = Assert.Single(Directory.GetFiles(Path.Combine(after.Path, "journal")));
        byte[] bytes = await File.ReadAllBytesAsync(journal, Token);
        int last = bytes.AsSpan().LastIndexOf("1.5.dcm"u8) + "1.5.dcm".Length;
        Assert.Equal(4, bytes[last]);
        bytes[last + 2] = 0;
        await File.WriteAllBytesAsync(journal, bytes, Token);

        using FileObjectStore next = new(after.Path);
        await next.InitializeAsync(Token);

        Assert.NotNull(await next.FindAsync(s_key, Token));
        Assert.Null(await next.FindAsync(torn, Token));
    }

    [Fact]
    public async Task A_deleted_object_does_not_come_back_out_of_the_journal()
    {
        using TempFolder folder = new();
        using FileObjectStore store = new(folder.Path);
        await store.InitializeAsync(Token);
        await store.PublishAsync([new Publication(await store.StageAsync([1, 2, 3]), s_key)], Token);
        Assert.True(await store.DeleteAsync(s_key, Token));
        using TempFolder after = new();
        Copy(folder.Path, after.Path);
        using FileObjectStore next = new(after.Path);
        await next.InitializeAsync(Token);
        Assert.Null(await next.FindAsync(s_key, Token));
    }

    [Fact]
    public async Task More_than_the_journal_holds_is_published_and_comes_back_whole()
    {
        using TempFolder folder = new();
        const int Count = 3000; // 300 MB in batches: more than all segments.
        using (FileObjectStore store = new(folder.Path))
        {
            await store.InitializeAsync(Token);
            for (int i = 0; i < Count; i += 100)
            {
                List<Publication> batch = [];
                for (int j = i; j < i + 100; j++)
                {
                    byte[] content = new byte[100_000];
                    BitConverter.TryWriteBytes(content, j);
                    batch.Add(new Publication(await store.StageAsync(content), new ObjectKey($"studies/1/{j}.dcm")));
                }

                await store.PublishAsync(batch, Token);
                foreach (Publication published in batch)
                {
                    await published.Object.DisposeAsync();
                }
            }
        }

        Assert.InRange(Directory.EnumerateFiles(Path.Combine(folder.Path, "journal")).Sum(file => new FileInfo(file).Length), 1, 256 * 1024 * 1024);
        for (int j = 0; j < Count; j++)
        {
            byte[] content = await File.ReadAllBytesAsync(Path.Combine(folder.Path, "objects", $"studies/1/{j}.dcm"), Token);
            Assert.Equal(100_000, content.Length);
            Assert.Equal(j, BitConverter.ToInt32(content));
        }
    }

    [Fact]
    public async Task The_segments_of_a_living_store_are_left_alone_by_another()
    {
        using TempFolder folder = new();
        using FileObjectStore one = new(folder.Path);
        await one.InitializeAsync(Token);
        await one.PublishAsync([new Publication(await one.StageAsync([1]), s_key)], Token);
        using FileObjectStore other = new(folder.Path);
        await other.InitializeAsync(Token);
        ObjectKey second = new("studies/1.2/series/1.3/1.5.dcm");
        await other.PublishAsync([new Publication(await other.StageAsync([2]), second)], Token);
        Assert.Equal(2, Directory.EnumerateFiles(Path.Combine(folder.Path, "journal")).Count());
        Assert.Equal(2, await one.ListAsync("", Token).CountAsync(Token));
    }

    protected override async Task<OpenedStore> OpenAsync()
    {
        TestArchive archive = await TestArchive.CreateAsync();
        return new OpenedStore(archive.Store, archive);
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);

            // By a copy of its own: what .NET offers asks for the lock of the journal.
            using Process copying = Process.Start("cp", [file, target])!;
            copying.WaitForExit();
        }
    }
}
