namespace MedicalAi.Archive.Tests;

public sealed class GroupCommitTests
{
    [Fact]
    public async Task A_waiting_batch_of_small_instances_shares_one_barrier()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        Task<IngestResult>[] waiting = [.. Enumerable.Range(1, 20).Select(n => archive.IngestAsync(TestArchive.Identity(instance: $"1.2.1.1.{n}"), [(byte)n]))];
        await archive.Committer.StartAsync(TestContext.Current.CancellationToken);
        IngestResult[] results = await Task.WhenAll(waiting);
        Assert.All(results, result => Assert.Equal(IngestOutcome.Stored, result.Outcome));
        Assert.Equal(0, archive.Store.FileSyncs);

        // The committer may take the first of them before the others have come.
        Assert.InRange(archive.Store.JournalSyncs, 1, 2);
    }

    [Fact]
    public async Task The_same_instance_from_eight_senders_is_stored_once()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        await archive.Committer.StartAsync(TestContext.Current.CancellationToken);
        IngestResult[] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => archive.IngestAsync(TestArchive.Identity(), [1, 2, 3]))));
        Assert.Equal(1, results.Count(result => result.Outcome == IngestOutcome.Stored));
        Assert.Equal(7, results.Count(result => result.Outcome == IngestOutcome.AlreadyStored));
        Assert.Equal(new IndexCounts(1, 1, 1, 0), await archive.Studies.CountAllAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Other_content_under_the_same_uid_goes_to_quarantine_and_the_first_stays()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        await archive.Committer.StartAsync(TestContext.Current.CancellationToken);
        await archive.IngestAsync(TestArchive.Identity(), [1, 2, 3]);
        IngestResult second = await archive.IngestAsync(TestArchive.Identity(), [4, 5, 6]);
        Assert.Equal(IngestOutcome.Quarantined, second.Outcome);
        InstanceRow row = (await archive.Studies.FindInstanceAsync(TestArchive.Identity().SopInstance, TestContext.Current.CancellationToken))!;
        await using Stream stream = await new ArchiveReader(archive.Studies, archive.Store).OpenDataSetAsync(row, TestContext.Current.CancellationToken);
        byte[] bytes = new byte[3];
        await stream.ReadExactlyAsync(bytes, TestContext.Current.CancellationToken);
        Assert.Equal([1, 2, 3], bytes);
        Assert.Equal(new IndexCounts(1, 1, 1, 1), await archive.Studies.CountAllAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_instance_of_another_patient_in_the_same_study_is_stored_with_a_warning()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        await archive.Committer.StartAsync(TestContext.Current.CancellationToken);
        await archive.IngestAsync(TestArchive.Identity(), [1]);
        IngestResult second = await archive.IngestAsync(TestArchive.Identity(instance: "1.2.1.1.2"), [2], new InstanceColumns { PatientId = "P2" });
        Assert.Equal(IngestOutcome.Stored, second.Outcome);
        Assert.NotEmpty(second.Warnings);
        Assert.DoesNotContain(second.Warnings, warning => warning.Contains("P2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_is_left_staged_after_a_commit()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        await archive.Committer.StartAsync(TestContext.Current.CancellationToken);
        await archive.IngestAsync(TestArchive.Identity(), [1]);
        await archive.IngestAsync(TestArchive.Identity(), [1]);
        await archive.Committer.StopAsync(TestContext.Current.CancellationToken);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(archive.Options.DataFolder, "staging")));
    }
}
