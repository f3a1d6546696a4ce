using Dapper;

namespace MedicalAi.Archive.Tests;

public sealed class SqliteDatabaseTests
{
    [Fact]
    public async Task A_commit_is_on_the_disk_before_it_returns()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        (long Synchronous, string? Journal) settings = await archive.Database.WriteAsync(
            (connection, transaction) => (connection.ExecuteScalar<long>("PRAGMA synchronous", transaction: transaction), connection.ExecuteScalar<string>("PRAGMA journal_mode", transaction: transaction)),
            TestContext.Current.CancellationToken);

        // FULL with a write-ahead log: the log is synchronised by every commit (NORMAL would wait for the checkpoint).
        Assert.Equal((2L, "wal"), settings);
    }

    [Fact]
    public async Task A_transaction_that_fails_leaves_nothing_and_the_next_goes_through()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await archive.Database.WriteAsync<int>(
            (connection, transaction) =>
            {
                connection.Execute("INSERT INTO change_log (kind, study_uid, at) VALUES ('test', '1.2', 0)", transaction: transaction);
                throw new InvalidOperationException();
            },
            TestContext.Current.CancellationToken));
        Assert.Empty(await archive.Studies.ReadChangesAsync(0, 10, TestContext.Current.CancellationToken));
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(), [1])], TestContext.Current.CancellationToken);
        Assert.Single(await archive.Studies.ReadChangesAsync(0, 10, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_index_of_a_newer_program_is_not_touched()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        await archive.Database.WriteAsync((connection, transaction) => connection.Execute("INSERT INTO schema_version VALUES (9999, 'later')", transaction: transaction), TestContext.Current.CancellationToken);
        ArchiveUnavailableException refused = await Assert.ThrowsAsync<ArchiveUnavailableException>(async () => await archive.Studies.InitializeAsync(TestContext.Current.CancellationToken));
        Assert.Contains("newer", refused.Message, StringComparison.Ordinal);
    }
}
