using Dapper;
using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

/// <summary>What a start finds of forwarding.</summary>
public sealed class ForwardingStartTests
{
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(10);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_dead_process_was_sending_is_free_at_once_and_what_a_living_one_sends_is_not()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        long at = await archive.Forwarding.FollowAsync(Cancel);
        await archive.Forwarding.EnqueueAsync(at, at, [Item("1"), Item("2")], Cancel);
        Assert.Equal(2, (await archive.Forwarding.ClaimAsync(new ForwardRequest("PACS", 10, s_lease), Cancel)).Claims.Count);

        // The first process of a machine lives; there is none of the other number.
        await archive.Database.WriteAsync(
            (connection, transaction) => connection.Execute(
                "UPDATE forward_items SET lease_owner = @machine || CASE sop_instance_uid WHEN '1.2.1' THEN '/99999999' ELSE '/1' END", new { machine = Environment.MachineName }, transaction),
            Cancel);
        Assert.Equal(1, await new SqlLeases(archive.Database, archive.Clock).EndOfDeadProcessesAsync(Cancel));
        ForwardClaim claim = Assert.Single((await archive.Forwarding.ClaimAsync(new ForwardRequest("PACS", 10, s_lease), Cancel)).Claims);
        Assert.Equal((new DicomUid("1.2.1"), 1), (claim.SopInstance, claim.Attempts));
    }

    [Fact]
    public async Task What_a_dead_process_was_asking_for_is_asked_for_at_once()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        long at = await archive.Forwarding.FollowAsync(Cancel);
        await archive.Forwarding.EnqueueAsync(at, at, [Item("1")], Cancel);
        ForwardClaim sent = Assert.Single((await archive.Forwarding.ClaimAsync(new ForwardRequest("PACS", 10, s_lease), Cancel)).Claims);
        await archive.Forwarding.SettleAsync([ForwardSettlement.Stored(sent, null, archive.Clock.GetUtcNow())], Cancel);
        ForwardRequest ask = new("PACS", 10, s_lease) { Transaction = new DicomUid("1.2.9") };
        Assert.Single((await archive.Forwarding.ClaimAsync(ask, Cancel)).Claims);
        await archive.Database.WriteAsync((connection, transaction) => connection.Execute("UPDATE forward_items SET lease_owner = @machine || '/99999999'", new { machine = Environment.MachineName }, transaction), Cancel);
        Assert.Empty((await archive.Forwarding.ClaimAsync(ask, Cancel)).Claims);
        Assert.Equal(1, await new SqlLeases(archive.Database, archive.Clock).EndOfDeadProcessesAsync(Cancel));
        ForwardClaim again = Assert.Single((await archive.Forwarding.ClaimAsync(ask, Cancel)).Claims);
        Assert.Equal((1, 0, false), (again.Attempts, again.Asked, again.IsUnanswered));
    }

    [Fact]
    public async Task A_study_that_was_stable_before_forwarding_was_known_sends_only_what_comes_later()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        await StoreAsync(archive, "1.2.1.1.1");
        await archive.Database.WriteAsync(
            (connection, transaction) => connection.Execute(
                """
                UPDATE studies SET stable_at = NULL;
                DROP TABLE forward_items; DROP TABLE forward_cursor; DROP INDEX change_log_study;
                """,
                transaction: transaction),
            Cancel);
        using StreamReader migration = new(typeof(SqliteDatabase).Assembly.GetManifestResourceStream("sqlite/0003.sql")!);
        using StreamReader later = new(typeof(SqliteDatabase).Assembly.GetManifestResourceStream("sqlite/0005.sql")!);
        string script = await migration.ReadToEndAsync(Cancel) + await later.ReadToEndAsync(Cancel);
        await archive.Database.WriteAsync((connection, transaction) => connection.Execute(script, transaction: transaction), Cancel);
        long from = await archive.Forwarding.FollowAsync(Cancel);
        await StoreAsync(archive, "1.2.1.1.2");
        await archive.Tasks.AddTasksAsync(new DicomUid("1.2.1"), 2, [], Cancel);
        ForwardChange stable = (await archive.Forwarding.ReadChangesAsync(from, 10, Cancel))[^1];
        Assert.Null(stable.Instance);
        Assert.Equal([new DicomUid("1.2.1.1.2")], (await archive.Forwarding.ListArrivedAsync(stable, 0, 10, Cancel)).Select(instance => instance.SopInstance));
    }

    private static NewForwardItem Item(string number) => new("PACS", "all", new DicomUid("1.2"), new DicomUid("1.2." + number), TaskPriority.Routine);

    private static async Task StoreAsync(TestArchive archive, string instance) =>
        Assert.Equal(IngestOutcome.Stored, (await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(instance: instance), [1])], Cancel))[0].Outcome);
}
