using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

// Items to whose storage the destination has still to commit itself.
public abstract partial class ForwardQueueContract
{
    private static readonly DicomUid s_first = new("1.2.9.1");
    private static readonly DicomUid s_second = new("1.2.9.2");

    [Fact]
    public async Task What_is_to_be_committed_is_neither_sent_again_nor_counted_as_sent()
    {
        await using ISeams archive = await OpenAsync();
        await EnqueueAsync(archive, Item("1"), Item("2"));
        DateTimeOffset askAt = archive.Clock.GetUtcNow().AddSeconds(5);
        IReadOnlyList<ForwardClaim> claims = await ClaimAsync(archive);
        Assert.Equal(2, await archive.Forwarding.SettleAsync([.. claims.Select(claim => ForwardSettlement.Stored(claim, "stored with a warning", askAt))], Cancel));
        Assert.Equal(0, await archive.Forwarding.SettleAsync([ForwardSettlement.Sent(claims[0])], Cancel));
        Assert.Equal(new ForwardDepth(0, 0, 2, 0, null), (await archive.Forwarding.CountItemsAsync(Cancel))[Pacs]);
        Assert.All(
            await archive.Forwarding.ListItemsAsync(new ForwardQuery(Pacs), Cancel),
            item => Assert.Equal((ForwardState.Committing, 1, "stored with a warning", askAt, null), (item.State, item.Attempts, item.Error, item.AvailableAt, item.EndedAt)));
        Assert.Empty(await archive.Forwarding.ListItemsAsync(new ForwardQuery(Pacs) { State = ForwardState.Sent }, Cancel));
        Assert.Equal([Uid("2")], (await archive.Forwarding.ListItemsAsync(new ForwardQuery(Pacs) { State = ForwardState.Committing, Limit = 1 }, Cancel)).Select(item => item.SopInstance));
        archive.Clock.Advance(TimeSpan.FromDays(30));
        Assert.Empty(await EnqueueAsync(archive, Item("1")));
        Assert.Empty(await ClaimAsync(archive));
        Assert.Equal(0, await archive.Forwarding.ForgetSentAsync(archive.Clock.GetUtcNow(), Cancel));
        Assert.Equal(0, await archive.Forwarding.RetryAsync(Pacs, null, Cancel));
    }

    [Fact]
    public async Task Those_that_are_due_are_asked_for_and_the_word_of_the_destination_finds_them_by_the_transaction()
    {
        await using ISeams archive = await OpenAsync();
        await StoredAsync(archive, "1", "2", "3");
        await StoredAsync(archive, askIn: TimeSpan.FromSeconds(5), "4");
        IReadOnlyList<ForwardClaim> asked = (await AskAsync(archive, s_first)).Claims;
        Assert.Equal([Uid("1"), Uid("2"), Uid("3")], asked.Select(claim => claim.SopInstance));
        Assert.All(asked, claim => Assert.Equal((0, false, 1), (claim.Asked, claim.IsUnanswered, claim.Attempts)));
        DateTimeOffset until = archive.Clock.GetUtcNow().AddDays(1);
        Assert.Equal(3, await archive.Forwarding.SettleAsync([.. asked.Select(claim => ForwardSettlement.WasAsked(claim, s_first, until))], Cancel));
        ForwardClaims none = await AskAsync(archive, s_second);
        Assert.Empty(none.Claims);
        Assert.Equal(archive.Clock.GetUtcNow().AddSeconds(5), none.NextAt);

        ForwardTransaction told = (await archive.Forwarding.ClaimTransactionAsync(s_first, s_lease, Cancel))!;
        Assert.Equal((Pacs, 3), (told.Destination, told.Claims.Count));
        Assert.All(told.Claims, claim => Assert.Equal(1, claim.Asked));
        await archive.Forwarding.SettleAsync([.. told.Claims.Select(ForwardSettlement.Committed)], Cancel);
        Assert.Equal([Uid("3"), Uid("2"), Uid("1")], (await archive.Forwarding.ListItemsAsync(new ForwardQuery(Pacs) { State = ForwardState.Sent }, Cancel)).Select(item => item.SopInstance));
        Assert.Equal(1, (await archive.Forwarding.CountItemsAsync(Cancel))[Pacs].Committing);

        // It comes again, as its answer was lost; another one is not ours.
        Assert.Empty((await archive.Forwarding.ClaimTransactionAsync(s_first, s_lease, Cancel))!.Claims);
        Assert.Null(await archive.Forwarding.ClaimTransactionAsync(s_second, s_lease, Cancel));
        archive.Clock.Advance(TimeSpan.FromDays(8));
        Assert.Equal(3, await archive.Forwarding.ForgetSentAsync(archive.Clock.GetUtcNow() - TimeSpan.FromDays(7), Cancel));
    }

    [Fact]
    public async Task A_word_that_comes_before_the_asking_is_noted_holds()
    {
        await using ISeams archive = await OpenAsync();
        await StoredAsync(archive, "1");
        ForwardClaim asked = Assert.Single((await AskAsync(archive, s_first)).Claims);
        ForwardClaim told = Assert.Single((await archive.Forwarding.ClaimTransactionAsync(s_first, s_lease, Cancel))!.Claims);
        Assert.Equal(1, told.Asked);
        Assert.Equal(0, await archive.Forwarding.SettleAsync([ForwardSettlement.WasAsked(asked, s_first, archive.Clock.GetUtcNow().AddDays(1))], Cancel));
        Assert.Equal(1, await archive.Forwarding.SettleAsync([ForwardSettlement.Committed(told)], Cancel));
        Assert.Equal(ForwardState.Sent, Assert.Single(await archive.Forwarding.ListItemsAsync(new ForwardQuery(Pacs), Cancel)).State);
    }

    [Fact]
    public async Task Where_no_word_comes_in_time_it_is_to_be_asked_again_and_that_is_known()
    {
        await using ISeams archive = await OpenAsync();
        await StoredAsync(archive, "1");
        await archive.Forwarding.SettleAsync([ForwardSettlement.WasAsked(Assert.Single((await AskAsync(archive, s_first)).Claims), s_first, archive.Clock.GetUtcNow().AddDays(1))], Cancel);
        archive.Clock.Advance(TimeSpan.FromDays(1));
        ForwardClaim again = Assert.Single((await AskAsync(archive, s_second)).Claims);
        Assert.Equal((1, true), (again.Asked, again.IsUnanswered));
        Assert.Null(await archive.Forwarding.ClaimTransactionAsync(s_first, s_lease, Cancel));
        Assert.Single((await archive.Forwarding.ClaimTransactionAsync(s_second, s_lease, Cancel))!.Claims);
    }

    [Fact]
    public async Task Who_died_while_it_asked_and_who_could_not_ask_leave_it_to_be_asked_for()
    {
        await using ISeams archive = await OpenAsync();
        await StoredAsync(archive, "1");
        ForwardClaim lost = Assert.Single((await AskAsync(archive, s_first)).Claims);
        Assert.Empty((await AskAsync(archive, s_second)).Claims);
        archive.Clock.Advance(s_lease);
        ForwardClaim second = Assert.Single((await AskAsync(archive, s_second)).Claims);
        Assert.Equal((0, false, 1), (second.Asked, second.IsUnanswered, second.Attempts));
        Assert.Equal(0, await archive.Forwarding.SettleAsync([ForwardSettlement.NotAsked(lost)], Cancel));
        Assert.Equal(1, await archive.Forwarding.SettleAsync([ForwardSettlement.NotAsked(second)], Cancel));
        Assert.Null(await archive.Forwarding.ClaimTransactionAsync(s_second, s_lease, Cancel));
        Assert.Equal((0, false), (await AskAsync(archive, s_first)).Claims.Select(claim => (claim.Asked, claim.IsUnanswered)).Single());
    }

    [Fact]
    public async Task What_the_destination_lost_is_sent_again_and_what_it_cannot_commit_now_is_asked_for_later()
    {
        await using ISeams archive = await OpenAsync();
        await StoredAsync(archive, "1", "2", "3");
        await AskAsync(archive, s_first);
        IReadOnlyList<ForwardClaim> told = (await archive.Forwarding.ClaimTransactionAsync(s_first, s_lease, Cancel))!.Claims;
        DateTimeOffset later = archive.Clock.GetUtcNow().AddSeconds(10);
        await archive.Forwarding.SettleAsync([ForwardSettlement.SendAgain(told[0], "no such", later), ForwardSettlement.AskLater(told[1], "failure", later), ForwardSettlement.Uncommitted(told[2], "never")], Cancel);
        Assert.Equal(
            [(ForwardState.Dead, 1, "never"), (ForwardState.Committing, 1, "failure"), (ForwardState.Queued, 1, "no such")],
            (await archive.Forwarding.ListItemsAsync(new ForwardQuery(Pacs), Cancel)).Select(item => (item.State, item.Attempts, item.Error!)));
        archive.Clock.Advance(TimeSpan.FromSeconds(10));
        ForwardClaim sent = Assert.Single(await ClaimAsync(archive));
        Assert.Equal((Uid("1"), 1), (sent.SopInstance, sent.Attempts));
        await archive.Forwarding.SettleAsync([ForwardSettlement.Stored(sent, null, archive.Clock.GetUtcNow())], Cancel);
        Assert.Equal([(Uid("2"), 1, false), (Uid("1"), 0, false)], (await AskAsync(archive, s_second)).Claims.OrderBy(claim => claim.Attempts).Select(claim => (claim.SopInstance, claim.Asked, claim.IsUnanswered)));
        Assert.Equal(1, await archive.Forwarding.RetryAsync(Pacs, null, Cancel));
        Assert.Equal((Uid("3"), 0, 0), (await ClaimAsync(archive)).Select(claim => (claim.SopInstance, claim.Attempts, claim.Asked)).Single());
    }

    [Fact]
    public async Task The_warning_with_which_it_was_taken_stays_when_it_is_committed_and_a_failure_that_is_over_does_not()
    {
        await using ISeams archive = await OpenAsync();
        await StoredAsync(archive, "1", "2");
        await AskAsync(archive, s_first);
        IReadOnlyList<ForwardClaim> told = (await archive.Forwarding.ClaimTransactionAsync(s_first, s_lease, Cancel))!.Claims;
        await archive.Forwarding.SettleAsync([ForwardSettlement.Committed(told[0]), ForwardSettlement.AskLater(told[1], "failure", archive.Clock.GetUtcNow())], Cancel);
        await AskAsync(archive, s_second);
        await archive.Forwarding.SettleAsync([.. (await archive.Forwarding.ClaimTransactionAsync(s_second, s_lease, Cancel))!.Claims.Select(ForwardSettlement.Committed)], Cancel);
        Assert.Equal([(Uid("2"), null), (Uid("1"), "warning 1")], (await archive.Forwarding.ListItemsAsync(new ForwardQuery(Pacs), Cancel)).Select(item => (item.SopInstance, item.Error)));
    }

    [Fact]
    public async Task Those_that_were_not_asked_for_in_time_are_given_up_and_those_that_were_wait()
    {
        await using ISeams archive = await OpenAsync();
        await StoredAsync(archive, "1");
        await archive.Forwarding.SettleAsync([ForwardSettlement.WasAsked(Assert.Single((await AskAsync(archive, s_first)).Claims), s_first, archive.Clock.GetUtcNow().AddDays(9))], Cancel);
        await StoredAsync(archive, "2");
        await EnqueueAsync(archive, Item("3"));
        archive.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal(1, await archive.Forwarding.ExpireAsync(Pacs, ForwardState.Committing, archive.Clock.GetUtcNow() - TimeSpan.FromDays(1), "It could not be asked.", Cancel));
        Assert.Equal(
            [(Uid("3"), ForwardState.Queued, null), (Uid("2"), ForwardState.Dead, "It could not be asked."), (Uid("1"), ForwardState.Committing, "warning 1")],
            (await archive.Forwarding.ListItemsAsync(new ForwardQuery(Pacs), Cancel)).Select(item => (item.SopInstance, item.State, item.Error)));
    }

    [Fact]
    public async Task Those_whose_word_is_not_waited_for_any_more_are_dropped()
    {
        await using ISeams archive = await OpenAsync();
        await StoredAsync(archive, "1", "2", "3");
        await AskAsync(archive, s_first);
        Assert.Equal(0, await archive.Forwarding.DropAsync(Pacs, null, ForwardState.Queued, Cancel));
        Assert.Equal(1, await archive.Forwarding.DropAsync(Pacs, (await archive.Forwarding.ListItemsAsync(new ForwardQuery(Pacs), Cancel))[0].Id, ForwardState.Dead, Cancel));
        Assert.Equal(2, (await archive.Forwarding.ClaimTransactionAsync(s_first, s_lease, Cancel))!.Claims.Count);
        Assert.Equal(2, await archive.Forwarding.DropAsync(Pacs, null, ForwardState.Committing, Cancel));
        Assert.Null(await archive.Forwarding.ClaimTransactionAsync(s_first, s_lease, Cancel));
        Assert.Single(await EnqueueAsync(archive, Item("1")));
    }

    [Fact]
    public async Task Each_is_asked_for_by_one_asker_only()
    {
        await using ISeams archive = await OpenAsync();
        await StoredAsync(archive, [.. Enumerable.Range(1, 200).Select(i => $"{i}")]);
        ForwardClaims[] all = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => Task.Run(() => AskAsync(archive, new DicomUid($"1.2.9.{i}"), limit: 25))));
        Assert.Equal(200, all.SelectMany(claims => claims.Claims).Select(claim => claim.Id).Distinct().Count());
        ForwardTransaction?[] told = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => archive.Forwarding.ClaimTransactionAsync(new DicomUid($"1.2.9.{i}"), s_lease, Cancel).AsTask()));
        Assert.All(told, transaction => Assert.Equal(25, transaction!.Claims.Count));
    }

    private static Task StoredAsync(ISeams archive, params string[] instances) => StoredAsync(archive, TimeSpan.Zero, instances);

    private static async Task StoredAsync(ISeams archive, TimeSpan askIn, params string[] instances)
    {
        await EnqueueAsync(archive, [.. instances.Select(instance => Item(instance))]);
        IReadOnlyList<ForwardClaim> claims = await ClaimAsync(archive, limit: 1000);
        await archive.Forwarding.SettleAsync([.. claims.Select(claim => ForwardSettlement.Stored(claim, $"warning {claim.SopInstance.Value[^1]}", archive.Clock.GetUtcNow() + askIn))], Cancel);
    }

    private static async Task<ForwardClaims> AskAsync(ISeams archive, DicomUid transaction, int limit = 100) =>
        await archive.Forwarding.ClaimAsync(new ForwardRequest(Pacs, limit, s_lease) { Transaction = transaction }, Cancel);
}
