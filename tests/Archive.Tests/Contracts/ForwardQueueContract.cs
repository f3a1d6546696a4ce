using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

/// <summary>What every forward queue keeps to.</summary>
public abstract partial class ForwardQueueContract
{
    private const string Pacs = "PACS";
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected abstract Task<ISeams> OpenAsync();

    [Fact]
    public async Task The_change_log_is_followed_from_where_following_began()
    {
        await using ISeams archive = await OpenAsync();
        await StoreAsync(archive, "1");
        long from = await archive.Forwarding.FollowAsync(Cancel);
        Assert.Empty(await archive.Forwarding.ReadChangesAsync(from, 10, Cancel));
        await StoreAsync(archive, "2");
        await StoreAsync(archive, "3");
        IReadOnlyList<ForwardChange> changes = await archive.Forwarding.ReadChangesAsync(from, 10, Cancel);
        Assert.Equal([Uid("2"), Uid("3")], changes.Select(change => change.Instance!.SopInstance));
        Assert.All(changes, change => Assert.Equal((UploadOrigin.Dimse, "SENDER", new DicomUid("1.2.1")), (change.Instance!.Protocol, change.Instance.CallingAe, change.Study)));
        Assert.Equal([Uid("2")], (await archive.Forwarding.ReadChangesAsync(from, 1, Cancel)).Select(change => change.Instance!.SopInstance));
        Assert.Equal([Uid("3")], (await archive.Forwarding.ReadChangesAsync(changes[0].Sequence, 10, Cancel)).Select(change => change.Instance!.SopInstance));
    }

    [Fact]
    public async Task Following_goes_on_where_it_was_until_it_is_ended()
    {
        await using ISeams archive = await OpenAsync();
        long from = await archive.Forwarding.FollowAsync(Cancel);
        await StoreAsync(archive, "1");
        Assert.Equal(from, await archive.Forwarding.FollowAsync(Cancel));
        Assert.NotNull(await archive.Forwarding.EnqueueAsync(from, from + 1, [], Cancel));
        Assert.Equal(from + 1, await archive.Forwarding.FollowAsync(Cancel));
        await archive.Forwarding.UnfollowAsync(Cancel);
        await StoreAsync(archive, "2");
        Assert.Empty(await archive.Forwarding.ReadChangesAsync(await archive.Forwarding.FollowAsync(Cancel), 10, Cancel));
    }

    [Fact]
    public async Task A_study_that_became_stable_is_told_with_what_came_since_it_was_stable_before()
    {
        await using ISeams archive = await OpenAsync();
        long from = await archive.Forwarding.FollowAsync(Cancel);
        await StoreAsync(archive, "1");
        await StoreAsync(archive, "2");
        await archive.Tasks.AddTasksAsync(new DicomUid("1.2.1"), 2, [], Cancel);
        await StoreAsync(archive, "3");
        await archive.Tasks.AddTasksAsync(new DicomUid("1.2.1"), 3, [], Cancel);
        ForwardChange[] stable = [.. (await archive.Forwarding.ReadChangesAsync(from, 10, Cancel)).Where(change => change.Instance is null)];
        Assert.Equal(2, stable.Length);
        IReadOnlyList<ArrivedInstance> first = await archive.Forwarding.ListArrivedAsync(stable[0], 0, 10, Cancel);
        Assert.Equal([Uid("1"), Uid("2")], first.Select(instance => instance.SopInstance));
        Assert.Equal([Uid("2")], (await archive.Forwarding.ListArrivedAsync(stable[0], first[0].Sequence, 10, Cancel)).Select(instance => instance.SopInstance));
        Assert.Equal([Uid("3")], (await archive.Forwarding.ListArrivedAsync(stable[1], 0, 10, Cancel)).Select(instance => instance.SopInstance));
    }

    [Fact]
    public async Task What_was_read_of_the_log_and_what_is_queued_for_it_are_one()
    {
        await using ISeams archive = await OpenAsync();
        long from = await archive.Forwarding.FollowAsync(Cancel);
        Assert.Single((await archive.Forwarding.EnqueueAsync(from, from + 5, [Item("1")], Cancel))!);
        Assert.Null(await archive.Forwarding.EnqueueAsync(from, from + 9, [Item("2")], Cancel));
        Assert.Equal([Uid("1")], (await archive.Forwarding.ListItemsAsync(new ForwardQuery(Pacs), Cancel)).Select(item => item.SopInstance));
        Assert.Equal(from + 5, await archive.Forwarding.FollowAsync(Cancel));
    }

    [Fact]
    public async Task An_instance_is_queued_once_for_a_destination_and_the_higher_priority_holds()
    {
        await using ISeams archive = await OpenAsync();
        await EnqueueAsync(archive, Item("1"), Item("2"), Item("2"), Item("2", destination: "OTHER"));
        Assert.Empty(await EnqueueAsync(archive, Item("2", TaskPriority.Stat), Item("1", TaskPriority.Low)));
        Assert.Equal([(Uid("2"), TaskPriority.Stat), (Uid("1"), TaskPriority.Routine)], (await ClaimAsync(archive)).Select(claim => (claim.SopInstance, claim.Priority)));
        Assert.Equal(1, (await archive.Forwarding.CountItemsAsync(Cancel))["OTHER"].Queued);
    }

    [Fact]
    public async Task Urgent_items_come_first_then_those_that_came_first()
    {
        await using ISeams archive = await OpenAsync();
        await EnqueueAsync(archive, Item("1"), Item("2", TaskPriority.Low), Item("3", TaskPriority.Stat), Item("4"));
        Assert.Equal([Uid("3"), Uid("1")], (await ClaimAsync(archive, limit: 2)).Select(claim => claim.SopInstance));
        Assert.Equal([Uid("4"), Uid("2")], (await ClaimAsync(archive)).Select(claim => claim.SopInstance));
        Assert.Empty(await ClaimAsync(archive));
    }

    [Fact]
    public async Task Items_of_a_closed_rule_wait()
    {
        await using ISeams archive = await OpenAsync();
        await EnqueueAsync(archive, Item("1", rule: "nightly"), Item("2"));
        ForwardRequest request = new(Pacs, 10, s_lease) { ClosedRules = ["nightly", "other"] };
        Assert.Equal([Uid("2")], (await archive.Forwarding.ClaimAsync(request, Cancel)).Claims.Select(claim => claim.SopInstance));
        Assert.Empty((await archive.Forwarding.ClaimAsync(request, Cancel)).Claims);
        Assert.Equal([Uid("1")], (await ClaimAsync(archive)).Select(claim => claim.SopInstance));
    }

    [Fact]
    public async Task What_was_sent_stays_sent_and_is_forgotten_after_its_time()
    {
        await using ISeams archive = await OpenAsync();
        await EnqueueAsync(archive, Item("1"));
        ForwardClaim claim = Assert.Single(await ClaimAsync(archive));
        Assert.Equal(1, await archive.Forwarding.SettleAsync([ForwardSettlement.Sent(claim, "stored with a warning")], Cancel));
        Assert.Equal(0, await archive.Forwarding.SettleAsync([ForwardSettlement.Dead(claim, "too late")], Cancel));
        ForwardItem item = Assert.Single(await archive.Forwarding.ListItemsAsync(new ForwardQuery(Pacs), Cancel));
        Assert.Equal((ForwardState.Sent, 1, "stored with a warning", archive.Clock.GetUtcNow()), (item.State, item.Attempts, item.Error, item.EndedAt));
        Assert.Empty(await EnqueueAsync(archive, Item("1")));
        Assert.Empty(await ClaimAsync(archive));
        Assert.Empty(await archive.Forwarding.CountItemsAsync(Cancel));
        archive.Clock.Advance(TimeSpan.FromDays(8));
        Assert.Equal(1, await archive.Forwarding.ForgetSentAsync(archive.Clock.GetUtcNow() - TimeSpan.FromDays(7), Cancel));
        Assert.Single(await EnqueueAsync(archive, Item("1")));
    }

    [Fact]
    public async Task What_failed_comes_again_when_its_time_has_come()
    {
        await using ISeams archive = await OpenAsync();
        await EnqueueAsync(archive, Item("1"));
        ForwardClaim claim = Assert.Single(await ClaimAsync(archive));
        DateTimeOffset next = archive.Clock.GetUtcNow().AddSeconds(10);
        await archive.Forwarding.SettleAsync([ForwardSettlement.Later(claim, "out of resources", next)], Cancel);
        ForwardClaims none = await archive.Forwarding.ClaimAsync(new ForwardRequest(Pacs, 10, s_lease), Cancel);
        Assert.Empty(none.Claims);
        Assert.Equal(next, none.NextAt);
        archive.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, Assert.Single(await ClaimAsync(archive)).Attempts);
        Assert.Equal("out of resources", Assert.Single(await archive.Forwarding.ListItemsAsync(new ForwardQuery(Pacs), Cancel)).Error);
    }

    [Fact]
    public async Task What_is_given_back_was_not_tried()
    {
        await using ISeams archive = await OpenAsync();
        await EnqueueAsync(archive, Item("1"));
        await archive.Forwarding.SettleAsync([ForwardSettlement.Released(Assert.Single(await ClaimAsync(archive)))], Cancel);
        Assert.Equal(0, Assert.Single(await ClaimAsync(archive)).Attempts);
    }

    [Fact]
    public async Task What_a_holder_was_never_heard_of_again_with_comes_again_and_counts_as_tried()
    {
        await using ISeams archive = await OpenAsync();
        await EnqueueAsync(archive, Item("1"));
        ForwardClaim lost = Assert.Single(await ClaimAsync(archive));
        archive.Clock.Advance(TimeSpan.FromSeconds(31));
        ForwardClaim again = Assert.Single(await ClaimAsync(archive));
        Assert.Equal((1, lost.Id), (again.Attempts, again.Id));
        Assert.Equal(0, await archive.Forwarding.SettleAsync([ForwardSettlement.Sent(lost)], Cancel));
        Assert.Equal(0, await archive.Forwarding.RenewAsync([lost], s_lease, Cancel));
        Assert.Equal(1, await archive.Forwarding.SettleAsync([ForwardSettlement.Sent(again)], Cancel));
    }

    [Fact]
    public async Task A_renewed_lease_keeps_the_claims()
    {
        await using ISeams archive = await OpenAsync();
        await EnqueueAsync(archive, Item("1"), Item("2"));
        IReadOnlyList<ForwardClaim> claims = await ClaimAsync(archive);
        archive.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(2, await archive.Forwarding.RenewAsync([.. claims], s_lease, Cancel));
        archive.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Empty(await ClaimAsync(archive));
    }

    [Fact]
    public async Task Dead_letters_are_kept_until_they_are_tried_again_or_dropped()
    {
        await using ISeams archive = await OpenAsync();
        await EnqueueAsync(archive, Item("1"), Item("2"), Item("3"), Item("4"));
        await archive.Forwarding.SettleAsync([.. (await ClaimAsync(archive, limit: 3)).Select(claim => ForwardSettlement.Dead(claim, "SOP class not supported"))], Cancel);
        IReadOnlyList<ForwardItem> dead = await archive.Forwarding.ListItemsAsync(new ForwardQuery(Pacs) { State = ForwardState.Dead }, Cancel);
        Assert.Equal([Uid("3"), Uid("2"), Uid("1")], dead.Select(item => item.SopInstance));
        Assert.All(dead, item => Assert.Equal("SOP class not supported", item.Error));
        Assert.Equal(0, await archive.Forwarding.RetryAsync("OTHER", dead[0].Id, Cancel));
        Assert.Equal(1, await archive.Forwarding.RetryAsync(Pacs, dead[0].Id, Cancel));
        Assert.Equal(1, await archive.Forwarding.DropAsync(Pacs, dead[1].Id, ForwardState.Dead, Cancel));
        Assert.Equal(new ForwardDepth(2, 0, 0, 1, archive.Clock.GetUtcNow()), (await archive.Forwarding.CountItemsAsync(Cancel))[Pacs]);
        Assert.Equal([(Uid("3"), 0), (Uid("4"), 0)], (await ClaimAsync(archive)).Select(claim => (claim.SopInstance, claim.Attempts)));
        Assert.Equal(1, await archive.Forwarding.RetryAsync(Pacs, null, Cancel));
    }

    [Fact]
    public async Task Items_that_wait_are_dropped_and_those_that_are_held_or_sent_are_not()
    {
        await using ISeams archive = await OpenAsync();
        await EnqueueAsync(archive, Item("1"), Item("2"), Item("3"));
        IReadOnlyList<ForwardClaim> claims = await ClaimAsync(archive, limit: 2);
        await archive.Forwarding.SettleAsync([ForwardSettlement.Sent(claims[0])], Cancel);
        Assert.Equal(1, await archive.Forwarding.DropAsync(Pacs, null, ForwardState.Queued, Cancel));
        Assert.Equal(0, await archive.Forwarding.DropAsync(Pacs, claims[1].Id, ForwardState.Dead, Cancel));
        Assert.Equal([Uid("2"), Uid("1")], (await archive.Forwarding.ListItemsAsync(new ForwardQuery(Pacs), Cancel)).Select(item => item.SopInstance));
    }

    [Fact]
    public async Task Items_that_wait_for_too_long_are_given_up()
    {
        await using ISeams archive = await OpenAsync();
        await EnqueueAsync(archive, Item("1"), Item("2", destination: "OTHER"));
        archive.Clock.Advance(TimeSpan.FromDays(2));
        await EnqueueAsync(archive, Item("3"));
        Assert.Equal(1, await archive.Forwarding.ExpireAsync(Pacs, ForwardState.Queued, archive.Clock.GetUtcNow() - TimeSpan.FromDays(1), "The destination was away for too long.", Cancel));
        Assert.Equal([Uid("3")], (await ClaimAsync(archive)).Select(claim => claim.SopInstance));
        Assert.Equal(0, (await archive.Forwarding.CountItemsAsync(Cancel))["OTHER"].Dead);
    }

    [Fact]
    public async Task Items_are_listed_by_page()
    {
        await using ISeams archive = await OpenAsync();
        await EnqueueAsync(archive, Item("1"), Item("2"), Item("3"));
        Assert.Equal([Uid("2")], (await archive.Forwarding.ListItemsAsync(new ForwardQuery(Pacs) { Limit = 1, Offset = 1 }, Cancel)).Select(item => item.SopInstance));
        Assert.Empty(await archive.Forwarding.ListItemsAsync(new ForwardQuery("OTHER"), Cancel));
    }

    [Fact]
    public async Task Claims_at_the_same_time_never_share_an_item()
    {
        await using ISeams archive = await OpenAsync();
        await EnqueueAsync(archive, [.. Enumerable.Range(1, 200).Select(i => Item($"{i}"))]);
        IReadOnlyList<ForwardClaim>[] all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => ClaimAsync(archive, limit: 25))));
        Assert.Equal(200, all.SelectMany(claims => claims).Select(claim => claim.Id).Distinct().Count());
    }

    [Fact]
    public async Task Who_comes_late_for_the_last_items_gets_none()
    {
        await using ISeams archive = await OpenAsync();
        for (int round = 0; round < 20; round++)
        {
            await EnqueueAsync(archive, Item($"{round}"));
            IReadOnlyList<ForwardClaim>[] all = await Task.WhenAll(Enumerable.Range(1, 8).Select(_ => Task.Run(() => ClaimAsync(archive))));
            Assert.Equal(Uid($"{round}"), Assert.Single(all.SelectMany(claims => claims)).SopInstance);
        }
    }

    private static DicomUid Uid(string instance) => new("1.2.1.1." + instance);

    private static NewForwardItem Item(string instance, TaskPriority priority = TaskPriority.Routine, string destination = Pacs, string rule = "all") =>
        new(destination, rule, new DicomUid("1.2.1"), Uid(instance), priority);

    private static async Task<IReadOnlyList<NewForwardItem>> EnqueueAsync(ISeams archive, params NewForwardItem[] items)
    {
        long at = await archive.Forwarding.FollowAsync(Cancel);
        return (await archive.Forwarding.EnqueueAsync(at, at, items, Cancel))!;
    }

    private static async Task<IReadOnlyList<ForwardClaim>> ClaimAsync(ISeams archive, int limit = 100) =>
        (await archive.Forwarding.ClaimAsync(new ForwardRequest(Pacs, limit, s_lease), Cancel)).Claims;

    private static async Task StoreAsync(ISeams archive, string instance) =>
        Assert.Equal(IngestOutcome.Stored, (await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(instance: Uid(instance).Value), [1])], Cancel))[0].Outcome);
}
