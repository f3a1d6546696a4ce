using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

/// <summary>What every index of tasks keeps to.</summary>
public abstract class TaskIndexContract
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);

    protected abstract Task<ISeams> OpenAsync();

    [Fact]
    public async Task A_study_that_changed_after_it_was_looked_at_is_looked_at_again()
    {
        await using ISeams archive = await OpenAsync();
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(), [1])], TestContext.Current.CancellationToken);
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(instance: "1.2.1.1.2"), [2])], TestContext.Current.CancellationToken);
        Assert.Null(await archive.Tasks.AddTasksAsync(new DicomUid("1.2.1"), 1, [new NewTask("model", "1", "digest", [])], TestContext.Current.CancellationToken));
        Assert.NotNull(await archive.Studies.FindNextStableTimeAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_study_that_two_found_stable_at_once_became_so_once()
    {
        await using ISeams archive = await OpenAsync();
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(), [1])], TestContext.Current.CancellationToken);
        int?[] added = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => await archive.Tasks.AddTasksAsync(new DicomUid("1.2.1"), 1, [new NewTask("model", "1", "digest", [])], TestContext.Current.CancellationToken)));
        Assert.Equal([0, 0, 0, 1], added.Order());
        Assert.Equal(["instance-stored", "study-stable", "task-queued"], (await archive.Studies.ReadChangesAsync(0, 10, TestContext.Current.CancellationToken)).Select(change => change.Kind));
    }

    [Fact]
    public async Task A_holder_whose_lease_has_ended_is_fenced_by_the_next()
    {
        await using ISeams archive = await OpenAsync();
        Guid id = await archive.AddTaskAsync();
        TaskClaim first = (await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "a", s_lease, TestContext.Current.CancellationToken)).Claim!;
        Assert.NotNull((await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "b", s_lease, TestContext.Current.CancellationToken)).RetryAt);
        archive.Clock.Advance(TimeSpan.FromSeconds(31));
        TaskClaim second = (await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "b", s_lease, TestContext.Current.CancellationToken)).Claim!;
        Assert.False(await archive.Tasks.HeartbeatAsync(first, s_lease, TestContext.Current.CancellationToken));
        Assert.False(await archive.Tasks.SaveFindingsAsync(first, new byte[] { 1 }, TestContext.Current.CancellationToken));
        Assert.True(await archive.Tasks.SaveFindingsAsync(second, new byte[] { 2 }, TestContext.Current.CancellationToken));
        Assert.Equal([2], (await archive.Tasks.ReadFindingsAsync(id, TestContext.Current.CancellationToken))!.Value.ToArray());
    }

    [Fact]
    public async Task A_task_that_fails_too_often_is_dead_and_people_can_retry_it()
    {
        await using ISeams archive = await OpenAsync();
        Guid id = await archive.AddTaskAsync();
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            TaskClaim claim = (await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "a", s_lease, TestContext.Current.CancellationToken)).Claim!;
            Assert.True(await archive.Tasks.FailAsync(claim, "out of memory", isTransient: true, TestContext.Current.CancellationToken));
            archive.Clock.Advance(TimeSpan.FromHours(1));
        }

        InferenceTask dead = (await archive.Tasks.FindTaskAsync(id, TestContext.Current.CancellationToken))!;
        Assert.Equal((InferenceTaskStatus.Failed, "out of memory", true), (dead.Status, dead.Error, dead.DeadLetteredAt is not null));
        Assert.True(await archive.Tasks.RetryAsync(id, TestContext.Current.CancellationToken));
        Assert.NotNull((await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "a", s_lease, TestContext.Current.CancellationToken)).Claim);
    }

    [Fact]
    public async Task Each_task_of_a_study_model_version_and_inputs_is_made_once_with_its_message()
    {
        await using ISeams archive = await OpenAsync();
        await archive.AddTaskAsync();
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(instance: "1.2.1.1.2"), [2])], TestContext.Current.CancellationToken);
        NewTask[] tasks = [new NewTask("model", "1", "digest", []), new NewTask("model", "2", "digest", []), new NewTask("model", "1", "other", []), new NewTask("other", "1", "digest", [])];

        Assert.Equal(3, await archive.Tasks.AddTasksAsync(new DicomUid("1.2.1"), 2, tasks, TestContext.Current.CancellationToken));

        Assert.Equal(4, (await archive.Tasks.ReadOutboxAsync(10, TestContext.Current.CancellationToken)).Select(message => message.Message.TaskId).Distinct().Count());
        Assert.Equal(4, (await archive.Tasks.CountTasksAsync(TestContext.Current.CancellationToken))[InferenceTaskStatus.Queued]);
    }

    [Fact]
    public async Task A_phase_can_be_claimed_only_when_it_is_its_turn()
    {
        await using ISeams archive = await OpenAsync();
        Guid id = await archive.AddTaskAsync();
        Assert.Equal(default, await archive.Tasks.ClaimAsync(id, WorkKind.Report, "a", s_lease, TestContext.Current.CancellationToken));
        TaskClaim claim = (await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "a", s_lease, TestContext.Current.CancellationToken)).Claim!;
        Assert.Null(await archive.Tasks.ReadFindingsAsync(claim.Task.Id, TestContext.Current.CancellationToken));
        Assert.True(await archive.Tasks.SaveFindingsAsync(claim, new byte[] { 1 }, TestContext.Current.CancellationToken));
        Assert.Equal(default, await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "a", s_lease, TestContext.Current.CancellationToken));
        Assert.NotNull((await archive.Tasks.ClaimAsync(id, WorkKind.Report, "a", s_lease, TestContext.Current.CancellationToken)).Claim);
        Assert.Equal(default, await archive.Tasks.ClaimAsync(Guid.NewGuid(), WorkKind.Infer, "a", s_lease, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_claim_that_is_given_back_counts_no_attempt_and_can_be_claimed_at_once()
    {
        await using ISeams archive = await OpenAsync();
        Guid id = await archive.AddTaskAsync();
        for (int round = 0; round < 10; round++)
        {
            TaskClaim claim = (await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "a", s_lease, TestContext.Current.CancellationToken)).Claim!;
            Assert.Equal(1, claim.Task.Attempts);
            Assert.True(await archive.Tasks.ReleaseAsync(claim, TestContext.Current.CancellationToken));
            Assert.False(await archive.Tasks.ReleaseAsync(claim, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task A_cancelled_task_refuses_the_writes_of_its_holder_and_can_be_queued_again()
    {
        await using ISeams archive = await OpenAsync();
        Guid id = await archive.AddTaskAsync();
        TaskClaim claim = (await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "a", s_lease, TestContext.Current.CancellationToken)).Claim!;
        Assert.True(await archive.Tasks.CancelAsync(id, TestContext.Current.CancellationToken));
        Assert.False(await archive.Tasks.CancelAsync(id, TestContext.Current.CancellationToken));
        Assert.False(await archive.Tasks.SaveFindingsAsync(claim, new byte[] { 1 }, TestContext.Current.CancellationToken));
        Assert.True(await archive.Tasks.RetryAsync(id, TestContext.Current.CancellationToken));
        Assert.False(await archive.Tasks.RetryAsync(id, TestContext.Current.CancellationToken));
        Assert.NotNull((await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "b", s_lease, TestContext.Current.CancellationToken)).Claim);
    }

    [Fact]
    public async Task A_heartbeat_keeps_the_claim()
    {
        await using ISeams archive = await OpenAsync();
        Guid id = await archive.AddTaskAsync();
        TaskClaim claim = (await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "a", s_lease, TestContext.Current.CancellationToken)).Claim!;
        for (int beat = 0; beat < 3; beat++)
        {
            archive.Clock.Advance(TimeSpan.FromSeconds(20));
            Assert.True(await archive.Tasks.HeartbeatAsync(claim, s_lease, TestContext.Current.CancellationToken));
            Assert.Null((await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "b", s_lease, TestContext.Current.CancellationToken)).Claim);
        }

        Assert.True(await archive.Tasks.SaveFindingsAsync(claim, new byte[] { 1 }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_task_whose_message_was_lost_is_put_into_the_outbox_again()
    {
        await using ISeams archive = await OpenAsync();
        Guid id = await archive.AddTaskAsync();
        await archive.Tasks.RemoveFromOutboxAsync(await archive.Tasks.ReadOutboxAsync(10, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        Assert.Equal(0, await archive.Tasks.RequeueLostAsync(archive.Clock.GetUtcNow(), TestContext.Current.CancellationToken));
        archive.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(1, await archive.Tasks.RequeueLostAsync(archive.Clock.GetUtcNow() - TimeSpan.FromMinutes(10), TestContext.Current.CancellationToken));
        Assert.Equal(id, Assert.Single(await archive.Tasks.ReadOutboxAsync(10, TestContext.Current.CancellationToken)).Message.TaskId);
    }

    [Fact]
    public async Task The_oldest_task_that_is_open_is_known()
    {
        await using ISeams archive = await OpenAsync();
        Assert.Null(await archive.Tasks.FindOldestOpenAsync(TestContext.Current.CancellationToken));
        Guid id = await archive.AddTaskAsync();
        Assert.Equal(archive.Clock.GetUtcNow(), await archive.Tasks.FindOldestOpenAsync(TestContext.Current.CancellationToken));
        await archive.Tasks.CancelAsync(id, TestContext.Current.CancellationToken);
        Assert.Null(await archive.Tasks.FindOldestOpenAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Every_change_that_fills_the_outbox_wakes_it()
    {
        await using ISeams archive = await OpenAsync();
        Guid id = await archive.AddTaskAsync();
        await AssertWokenAsync("added");
        TaskClaim claim = (await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "a", s_lease, TestContext.Current.CancellationToken)).Claim!;
        await archive.Tasks.FailAsync(claim, "out of memory", isTransient: true, TestContext.Current.CancellationToken);
        await AssertWokenAsync("failed");
        archive.Clock.Advance(TimeSpan.FromHours(1));
        await archive.Tasks.ReleaseAsync((await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "a", s_lease, TestContext.Current.CancellationToken)).Claim!, TestContext.Current.CancellationToken);
        await AssertWokenAsync("released");
        await archive.Tasks.SaveFindingsAsync((await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "a", s_lease, TestContext.Current.CancellationToken)).Claim!, new byte[] { 1 }, TestContext.Current.CancellationToken);
        await AssertWokenAsync("saved");
        await archive.Tasks.CancelAsync(id, TestContext.Current.CancellationToken);
        await archive.Tasks.RetryAsync(id, TestContext.Current.CancellationToken);
        await AssertWokenAsync("retried");

        async Task AssertWokenAsync(string change) => Assert.True(await archive.Signals.WaitForOutboxAsync(TimeSpan.Zero, TestContext.Current.CancellationToken), change);
    }
}
