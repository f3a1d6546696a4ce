using System.Diagnostics;
using System.Globalization;
using MedicalAi.Dicom;
using Microsoft.Data.Sqlite;

namespace MedicalAi.Archive.Tests;

public sealed class FaultTests
{
    private static readonly UploadOrigin s_origin = new(UploadOrigin.Dimse);

    [Fact]
    public async Task An_instance_that_cannot_be_committed_does_not_take_the_others_of_its_batch_with_it()
    {
        FaultyStore? store = null;
        await using TestArchive archive = await TestArchive.CreateAsync(files => store = new FaultyStore(files));
        store!.Refuses = key => key.Value.Contains("/1.2.1.1.3.", StringComparison.Ordinal);
        Task<IngestResult>[] waiting = [.. Enumerable.Range(1, 5).Select(n => IngestAsync(archive, TestArchive.Identity(instance: $"1.2.1.1.{n}")))];

        await archive.Committer.StartAsync(TestContext.Current.CancellationToken);
        IngestResult[] results = await Task.WhenAll(waiting);

        Assert.Equal([IngestOutcome.Stored, IngestOutcome.Stored, IngestOutcome.OutOfResources, IngestOutcome.Stored, IngestOutcome.Stored], results.Select(result => result.Outcome));
        store.Refuses = _ => false;
        Assert.Equal(IngestOutcome.Stored, (await IngestAsync(archive, TestArchive.Identity(instance: "1.2.1.1.3"))).Outcome);
    }

    [Fact]
    public async Task In_a_batch_that_is_tried_again_the_second_content_of_a_uid_is_stored_where_the_first_cannot_be()
    {
        FaultyStore? store = null;
        await using TestArchive archive = await TestArchive.CreateAsync(files => store = new FaultyStore(files));
        store!.Refuses = key => key.Value.StartsWith("quarantine/", StringComparison.Ordinal);
        Task<IngestResult> first = IngestAsync(archive, TestArchive.Identity());
        Task<IngestResult> second = IngestAsync(archive, TestArchive.Identity(study: "1.2.9"));

        await archive.Committer.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal((IngestOutcome.Stored, IngestOutcome.OutOfResources), ((await first).Outcome, (await second).Outcome));
    }

    [Fact]
    public async Task A_disk_that_is_full_while_an_instance_comes_in_is_told_and_its_space_is_given_back()
    {
        FaultyStore? store = null;
        await using TestArchive archive = await TestArchive.StartAsync(files => store = new FaultyStore(files));
        store!.Free = 600;
        byte[] sent = DicomDataSetWriter.ToBytes(Samples.Image(), TransferSyntax.ExplicitVrLittleEndian);

        await using InstanceUpload upload = await archive.Ingest.BeginAsync(s_origin, TransferSyntax.ExplicitVrLittleEndian, InstanceExpectation.None, TestContext.Current.CancellationToken);
        await upload.WriteAsync(sent, 100);
        Assert.Empty(Directory.EnumerateFiles(archive.StagingFolder));
        IngestResult full = await upload.CompleteAsync(TestContext.Current.CancellationToken);
        store.Free = long.MaxValue;

        Assert.Equal(IngestOutcome.OutOfResources, full.Outcome);
        Assert.Equal(IngestOutcome.Stored, (await IngestAsync(archive, TestArchive.Identity())).Outcome);
    }

    [Fact]
    public async Task While_the_index_is_away_ingest_says_so_and_goes_on_by_itself_when_it_is_back()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        await IngestAsync(archive, TestArchive.Identity());
        string path = Path.Combine(archive.Options.DataFolder, "index", "gateway.db");
        await using (SqliteConnection other = new($"Data Source={path};Pooling=False"))
        {
            await other.OpenAsync(TestContext.Current.CancellationToken);
            await using SqliteCommand block = other.CreateCommand();
            block.CommandText = "BEGIN IMMEDIATE";
            await block.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

            IngestResult away = await IngestAsync(archive, TestArchive.Identity(instance: "1.2.1.1.2"));

            Assert.Equal(IngestOutcome.Unavailable, away.Outcome);
            Assert.False(await archive.Studies.IsAvailableAsync(TestContext.Current.CancellationToken));
            Assert.Equal(1, (await archive.Studies.CountAllAsync(TestContext.Current.CancellationToken)).Instances);
        }

        Assert.True(await archive.Studies.IsAvailableAsync(TestContext.Current.CancellationToken));
        Assert.Equal(IngestOutcome.Stored, (await IngestAsync(archive, TestArchive.Identity(instance: "1.2.1.1.2"))).Outcome);
    }

    [Fact]
    public async Task An_index_whose_disk_is_full_takes_nothing_and_goes_on_when_there_is_room()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        await SetMaximumPagesAsync(1); // Less than there are: not one more.
        IngestResult[] full = await Task.WhenAll(Enumerable.Range(1, 40).Select(n => IngestAsync(archive, TestArchive.Identity(study: $"1.2.{n}", instance: $"1.2.1.1.{n}"))));
        long stored = (await archive.Studies.CountAllAsync(TestContext.Current.CancellationToken)).Instances;
        await SetMaximumPagesAsync(int.MaxValue);

        Assert.Contains(full, result => result.Outcome == IngestOutcome.OutOfResources);
        Assert.Equal(full.Count(result => result.Outcome == IngestOutcome.Stored), stored);
        Assert.Equal(IngestOutcome.Stored, (await IngestAsync(archive, TestArchive.Identity(instance: "1.2.1.1.99"))).Outcome);

        async Task SetMaximumPagesAsync(int pages) => await archive.Database.WriteAsync(
            (connection, transaction) =>
            {
                using SqliteCommand command = connection.CreateCommand();
                command.Transaction = transaction;
                command.CommandText = string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {pages}");
                return command.ExecuteNonQuery();
            },
            TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Objects_that_a_crash_left_without_a_row_are_removed_at_the_next_start()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        await IngestAsync(archive, TestArchive.Identity());
        ObjectKey stored = (await archive.Studies.FindInstanceAsync(TestArchive.Identity().SopInstance, TestContext.Current.CancellationToken))!.File.Key;
        ObjectKey orphan = new("studies/1.2.1/series/1.2.1.1/1.2.1.1.2.0123456789abcdef.dcm");
        archive.Journal.Begin([stored, orphan]);
        await archive.Store.PublishAsync([new Publication(await archive.Store.StageAsync([1]), orphan)], TestContext.Current.CancellationToken); // And the process dies.

        using PublicationJournal next = new(Path.Combine(archive.Options.DataFolder, "index", "publishing"));

        Assert.Equal(1, await next.RecoverAsync(archive.Store, archive.Studies, TestContext.Current.CancellationToken));
        Assert.Equal([stored], await archive.Store.ListAsync("", TestContext.Current.CancellationToken).Select(found => found.Key).ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Work_in_the_hands_of_a_process_that_died_is_free_at_the_next_start_and_that_of_a_living_one_is_not()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        Guid id = await archive.AddTaskAsync();
        await archive.Queue.PublishAsync([new WorkMessage(WorkKind.Infer, id, TaskPriority.Routine)], TestContext.Current.CancellationToken);
        TimeSpan lease = TimeSpan.FromHours(1);
        SqlLeases leases = new(archive.Database, archive.Clock);
        using Process other = Process.Start(new ProcessStartInfo("sleep", "600"))!;
        try
        {
            await archive.Queue.ReceiveAsync(WorkKind.Infer, lease, TestContext.Current.CancellationToken);
            Assert.NotNull((await archive.Tasks.ClaimAsync(id, WorkKind.Infer, $"{Environment.MachineName}/{other.Id}", lease, TestContext.Current.CancellationToken)).Claim);
            Assert.Equal(0, await leases.EndOfDeadProcessesAsync(TestContext.Current.CancellationToken));
            Assert.Null(await archive.Queue.TryReceiveAsync(WorkKind.Infer, lease, TestContext.Current.CancellationToken));
        }
        finally
        {
            other.Kill();
            await other.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(1, await leases.EndOfDeadProcessesAsync(TestContext.Current.CancellationToken));
        Assert.NotNull(await archive.Queue.TryReceiveAsync(WorkKind.Infer, lease, TestContext.Current.CancellationToken));
        Assert.NotNull((await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "next", lease, TestContext.Current.CancellationToken)).Claim);
    }

    [Fact]
    public async Task What_is_ingested_after_the_stop_is_refused_and_what_came_before_is_answered()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        Task<IngestResult>[] before = [.. Enumerable.Range(1, 50).Select(n => IngestAsync(archive, TestArchive.Identity(instance: $"1.2.1.1.{n}")))];
        await archive.Committer.StopAsync(TestContext.Current.CancellationToken);

        IngestResult after = await IngestAsync(archive, TestArchive.Identity(instance: "1.2.1.1.99"));

        Assert.Equal(IngestOutcome.Unavailable, after.Outcome);
        int stored = (await Task.WhenAll(before)).Count(result => result.Outcome == IngestOutcome.Stored);
        Assert.Equal(stored, (await archive.Studies.CountAllAsync(TestContext.Current.CancellationToken)).Instances);
        Assert.Empty(Directory.EnumerateFiles(archive.StagingFolder));
    }

    private static async Task<IngestResult> IngestAsync(TestArchive archive, InstanceIdentity identity) =>
        await archive.Ingest.IngestAsync(Samples.Image(identity), TransferSyntax.ExplicitVrLittleEndian, s_origin, TestContext.Current.CancellationToken);
}
