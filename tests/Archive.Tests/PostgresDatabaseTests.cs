using System.Diagnostics;
using MedicalAi.Dicom;
using MedicalAi.Testing;

namespace MedicalAi.Archive.Tests;

/// <summary>What PostgreSQL has beyond the contracts: several processes at once, connections that are lost, schemas of other versions, texts that it cannot hold.</summary>
public sealed class PostgresDatabaseTests(PostgresServer server)
{
    private const int Processes = 3;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_instances_sent_to_several_processes_at_once_are_stored_once_each()
    {
        await using PostgresArchive archive = await PostgresArchive.CreateAsync(server);
        await using Gateways gateways = new(archive);
        InstanceRecord[] records = [.. Enumerable.Range(1, 60).Select(n => archive.Record(TestArchive.Identity($"1.2.{n % 3}", $"1.2.{n % 3}.{n % 6}", $"1.2.{n % 3}.{n % 6}.{n}"), BitConverter.GetBytes(n)))];
        CommitOutcome[] outcomes = [.. (await Task.WhenAll(gateways.All.SelectMany(one => records.Chunk(7).Select(async batch => await one.CommitAsync(batch, Cancel))))).SelectMany(of => of)];
        Assert.Equal(60, outcomes.Count(outcome => outcome.Outcome == IngestOutcome.Stored));
        Assert.Equal(60 * (Processes - 1), outcomes.Count(outcome => outcome.Outcome == IngestOutcome.AlreadyStored));
        Assert.Equal(new IndexCounts(3, 6, 60, 0), await archive.Studies.CountAllAsync(Cancel));
        Assert.Equal("60|60", await archive.QueryAsync("SELECT count(*), count(DISTINCT sop_instance_uid) FROM instances"));
        Assert.Equal(60, (await archive.Studies.ReadChangesAsync(0, 1000, Cancel)).Count);
        for (int study = 0; study < 3; study++)
        {
            Assert.Equal(20, (await archive.Studies.FindStudyAsync(new DicomUid($"1.2.{study}"), Cancel))!.Revision);
        }
    }

    [Fact]
    public async Task Of_several_contents_under_one_UID_sent_to_several_processes_one_is_stored_and_the_others_are_kept_aside()
    {
        await using PostgresArchive archive = await PostgresArchive.CreateAsync(server);
        await using Gateways gateways = new(archive);
        IReadOnlyList<CommitOutcome>[] outcomes = await Task.WhenAll(gateways.All.Select(async (one, n) => await one.CommitAsync([archive.Record(TestArchive.Identity(), [(byte)n])], Cancel)));
        Assert.Single(outcomes, outcome => outcome[0].Outcome == IngestOutcome.Stored);
        Assert.Equal(Processes - 1, outcomes.Count(outcome => outcome[0].Outcome == IngestOutcome.Quarantined));
        Assert.Equal(Processes - 1, (await archive.Studies.ListQuarantineAsync(10, 0, Cancel)).Count);
    }

    [Fact]
    public async Task Who_follows_the_change_log_while_several_processes_write_it_misses_nothing()
    {
        await using PostgresArchive archive = await PostgresArchive.CreateAsync(server);
        await using Gateways gateways = new(archive);
        const int Each = 150;
        Task writing = Task.WhenAll(gateways.All.Select((one, process) => Task.Run(
            async () =>
            {
                for (int n = 0; n < Each; n++)
                {
                    await one.CommitAsync([archive.Record(TestArchive.Identity($"1.{process}", $"1.{process}.1", $"1.{process}.1.{n}"), BitConverter.GetBytes(n))], Cancel);
                }
            },
            Cancel)));
        List<ChangeRow> read = [];
        bool isLast;
        do
        {
            isLast = writing.IsCompleted;
            read.AddRange(await archive.Studies.ReadChangesAsync(read.Count == 0 ? 0 : read[^1].Sequence, 20, Cancel));
        }
        while (!isLast || read.Count < Each * Processes);
        await writing;
        Assert.Equal(Each * Processes, read.Select(change => change.SopInstance).Distinct().Count());
        Assert.Empty(await archive.Studies.ReadChangesAsync(read[^1].Sequence, 10, Cancel));
    }

    [Fact]
    public async Task A_task_that_several_processes_claim_at_once_is_given_to_one()
    {
        await using PostgresArchive archive = await PostgresArchive.CreateAsync(server);
        Guid id = await archive.AddTaskAsync();
        TaskClaimResult[] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(async n => await archive.Tasks.ClaimAsync(id, WorkKind.Infer, $"worker {n}", TimeSpan.FromMinutes(1), Cancel)));
        Assert.Single(results, result => result.Claim is not null);
        Assert.Equal(7, results.Count(result => result.RetryAt is not null));
    }

    [Fact]
    public async Task Messages_that_several_processes_receive_at_once_are_given_once_each()
    {
        await using PostgresArchive archive = await PostgresArchive.CreateAsync(server);
        await archive.Queue.PublishAsync([.. Enumerable.Range(0, 40).Select(_ => new WorkMessage(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Routine))], Cancel);
        IEnumerable<Guid>[] received = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ReceiveAllAsync()));
        Assert.Equal(40, received.Sum(of => of.Count()));
        Assert.Equal(40, received.SelectMany(of => of).Distinct().Count());

        async Task<IEnumerable<Guid>> ReceiveAllAsync()
        {
            List<Guid> all = [];
            while ((await archive.Queue.CountAsync(WorkKind.Infer, Cancel)).Waiting > 0)
            {
                if (await archive.Queue.TryReceiveAsync(WorkKind.Infer, TimeSpan.FromMinutes(1), Cancel) is { } delivery)
                {
                    all.Add(delivery.Message.TaskId);
                }
            }

            return all;
        }
    }

    [Fact]
    public async Task Connections_that_were_lost_are_not_noticed()
    {
        await using PostgresArchive archive = await PostgresArchive.CreateAsync(server);
        for (int n = 0; n < 5; n++)
        {
            await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(instance: $"1.2.1.1.{n}"), [(byte)n])], Cancel);
            await archive.QueryAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
            Assert.Equal(n + 1, (await archive.Studies.CountAllAsync(Cancel)).Instances);
            await archive.QueryAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        }
    }

    [Fact]
    public async Task A_statement_that_takes_too_long_is_given_up_and_the_next_goes_through()
    {
        await using PostgresArchive archive = await PostgresArchive.CreateAsync(server);
        await using PostgresDatabase database = archive.Open(TimeSpan.FromSeconds(1));
        long start = Stopwatch.GetTimestamp();
        await Assert.ThrowsAsync<ArchiveUnavailableException>(async () => await database.ReadScalarAsync<int>("SELECT 1 FROM pg_sleep(60)", null, Cancel));
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(15));
        Assert.Equal(1, await database.ReadScalarAsync<int>("SELECT 1", null, Cancel));
    }

    [Fact]
    public async Task What_a_text_of_PostgreSQL_cannot_hold_is_stored_and_found_all_the_same()
    {
        await using PostgresArchive archive = await PostgresArchive.CreateAsync(server);
        string large = new('Ä', 100_000);
        InstanceColumns columns = new() { PatientId = "P\0" + large, PatientName = "A\0B^" + large, AccessionNumber = "\uD800" + large, StudyDescription = large, Modality = "CT\0" };
        CommitOutcome outcome = (await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(), [1], columns)], Cancel))[0];
        Assert.Equal(IngestOutcome.Stored, outcome.Outcome);
        Assert.Equal(1, await archive.Studies.CountAsync(new IndexQuery(IndexLevel.Study).With(DicomTags.AccessionNumber, "?" + new string('*', 3)), Cancel));
        Assert.Equal(1, await archive.Studies.CountAsync(new IndexQuery(IndexLevel.Study).With(DicomTags.StudyDescription, large), Cancel));
        Assert.Equal(1, await archive.Studies.CountAsync(new IndexQuery(IndexLevel.Study).With(DicomTags.PatientID, "P\uFFFD" + large), Cancel));
        Assert.Equal(0, await archive.Studies.CountAsync(new IndexQuery(IndexLevel.Study).With(DicomTags.PatientID, "P\uFFFD" + large + "x"), Cancel));
        Assert.Equal(0, await archive.Studies.CountAsync(new IndexQuery(IndexLevel.Study).With(DicomTags.PatientID, "\0\uDC00"), Cancel));
        Assert.Equal(1, await archive.Studies.CountAsync(new IndexQuery(IndexLevel.Study).With(DicomTags.PatientName, "A B^\0*"), Cancel));
    }

    [Fact]
    public async Task Processes_that_start_at_once_bring_an_empty_database_up_to_date_together()
    {
        PostgresOptions options = PostgresOptions.Parse(server.UrlOf(await server.CreateDatabaseAsync()));
        PostgresDatabase[] databases = [.. Enumerable.Range(0, 5).Select(_ => new PostgresDatabase(options))];
        IReadOnlyList<long>[] applied = await Task.WhenAll(databases.Select(async database => await database.MigrateAsync(Cancel)));
        Assert.Single(applied, versions => versions.Count > 0);
        SchemaStatus status = await databases[0].ReadSchemaAsync(Cancel);
        Assert.Empty(status.Pending);
        Assert.Equal(applied.SelectMany(versions => versions), status.Applied.Select(one => one.Version));
        await Task.WhenAll(databases.Select(async database => await database.DisposeAsync()));
    }

    [Fact]
    public async Task A_database_that_is_not_up_to_date_is_left_alone_when_serving_does_not_migrate()
    {
        await using PostgresDatabase database = new(PostgresOptions.Parse(server.UrlOf(await server.CreateDatabaseAsync()))) { MigratesByItself = false };
        ArchiveUnavailableException refused = await Assert.ThrowsAsync<ArchiveUnavailableException>(async () => await database.InitializeAsync(Cancel));
        Assert.Contains("gateway db migrate", refused.Message, StringComparison.Ordinal);
        Assert.Empty((await database.ReadSchemaAsync(Cancel)).Applied);
        await database.MigrateAsync(Cancel);
        await database.InitializeAsync(Cancel);
    }

    [Fact]
    public async Task A_schema_of_a_newer_program_is_served_when_that_says_it_can_be_and_refused_else()
    {
        PostgresOptions options = PostgresOptions.Parse(server.UrlOf(await server.CreateDatabaseAsync()));
        await using PostgresDatabase database = new(options);
        await database.InitializeAsync(Cancel);
        long known = (await database.ReadSchemaAsync(Cancel)).Version;
        await database.ExecuteAsync("INSERT INTO schema_version (version, needs) VALUES (@version, @known)", new { version = known + 1, known }, Cancel);
        await database.InitializeAsync(Cancel);
        await database.ExecuteAsync("INSERT INTO schema_version (version, needs) VALUES (@version, @version)", new { version = known + 2 }, Cancel);
        ArchiveUnavailableException refused = await Assert.ThrowsAsync<ArchiveUnavailableException>(async () => await database.InitializeAsync(Cancel));
        Assert.Contains("newer", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_dies_and_comes_back_loses_nothing_that_was_answered_and_is_used_again_by_itself()
    {
        await using PostgresServer own = new();
        await using PostgresArchive archive = await PostgresArchive.CreateAsync(own);
        List<string> stored = [];
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task writing = Task.Run(
            async () =>
            {
                for (int n = 0; !stop.IsCancellationRequested; n++)
                {
                    InstanceRecord record = archive.Record(TestArchive.Identity(instance: $"1.2.1.1.{n}"), BitConverter.GetBytes(n));
                    try
                    {
                        await archive.Studies.CommitAsync([record], CancellationToken.None);
                        lock (stored)
                        {
                            stored.Add(record.Identity.SopInstance.Value);
                        }
                    }
                    catch (ArchiveUnavailableException)
                    {
                        await Task.Delay(20, CancellationToken.None);
                    }
                }
            },
            Cancel);
        await UntilAsync(() => Count() > 50);
        await own.CrashAsync();
        await UntilAsync(async () => !await archive.Studies.IsAvailableAsync(Cancel));
        await Assert.ThrowsAsync<ArchiveUnavailableException>(async () => await archive.Studies.CountAllAsync(Cancel));
        int before = Count();
        await own.EnsureStartedAsync();
        await UntilAsync(() => Count() > before + 50);
        Assert.True(await archive.Studies.IsAvailableAsync(Cancel));
        await stop.CancelAsync();
        await writing;
        IReadOnlyDictionary<DicomUid, ReadOnlyMemory<byte>> found = await archive.Studies.FindDigestsAsync([.. stored.Select(uid => new DicomUid(uid))], Cancel);
        Assert.Equal(stored.Count, found.Count);

        int Count()
        {
            lock (stored)
            {
                return stored.Count;
            }
        }
    }

    [Fact]
    public async Task A_server_that_stands_still_is_waited_for_no_longer_than_a_statement_may_take()
    {
        await using PostgresServer own = new();
        await using PostgresArchive archive = await PostgresArchive.CreateAsync(own);
        await using PostgresDatabase database = archive.Open(TimeSpan.FromSeconds(2));
        SqlStudyIndex studies = new(database, TimeSpan.FromSeconds(3), archive.Clock);
        await studies.CommitAsync([archive.Record(TestArchive.Identity(), [1])], Cancel);
        await own.PauseAsync();
        try
        {
            // Once with a connection that is there, once more where a new one has to be made.
            for (int n = 0; n < 2; n++)
            {
                long start = Stopwatch.GetTimestamp();
                await Assert.ThrowsAsync<ArchiveUnavailableException>(async () => await studies.CommitAsync([archive.Record(TestArchive.Identity(instance: "1.2.1.1.2"), [2])], Cancel));
                Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20));
                Assert.False(await studies.IsAvailableAsync(Cancel));
            }
        }
        finally
        {
            await own.ResumeAsync();
        }

        await UntilAsync(async () => await studies.IsAvailableAsync(Cancel));
        Assert.Equal(IngestOutcome.Stored, (await studies.CommitAsync([archive.Record(TestArchive.Identity(instance: "1.2.1.1.2"), [2])], Cancel))[0].Outcome);
    }

    [Theory]
    [InlineData("postgres://me:p%40ss%2Fw@db.example.org:5433/archive?sslmode=verify-full", "PostgreSQL me@db.example.org:5433/archive", "p@ss/w", "verify-full")]
    [InlineData("postgresql://db", "PostgreSQL medicalai@db:5432/medicalai", null, "prefer")]
    [InlineData("postgres:///x?host=/run/postgresql", "PostgreSQL medicalai@/run/postgresql:5432/x", null, "prefer")]
    public void A_URL_says_where_the_database_is_and_its_password_is_not_told(string url, string description, string? password, string sslMode)
    {
        PostgresOptions options = PostgresOptions.Parse(url);
        Assert.Equal((description, password, sslMode), (options.ToString(), options.Password, options.SslMode));
    }

    [Theory]
    [InlineData("mysql://db/x")]
    [InlineData("Host=db;Database=x")]
    [InlineData("postgres://db/x?sslmode=perhaps")]
    [InlineData("postgres://db/x?pool=9")]
    public void A_URL_that_is_none_is_refused(string url) => Assert.Throws<FormatException>(() => PostgresOptions.Parse(url));

    private static Task UntilAsync(Func<bool> isSo) => UntilAsync(() => Task.FromResult(isSo()));

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (!await isSo())
        {
            await Task.Delay(20, limit.Token);
        }
    }

    /// <summary>The index as several processes have it.</summary>
    private sealed class Gateways(PostgresArchive archive) : IAsyncDisposable
    {
        private readonly PostgresDatabase[] _databases = [.. Enumerable.Range(0, Processes).Select(_ => archive.Open())];

        public IReadOnlyList<SqlStudyIndex> All => [.. _databases.Select(database => new SqlStudyIndex(database, archive.Options.StudyStability, archive.Clock))];

        public async ValueTask DisposeAsync()
        {
            foreach (PostgresDatabase database in _databases)
            {
                await database.DisposeAsync();
            }
        }
    }
}
