namespace MedicalAi.Archive.Tests;

/// <summary>What every work queue keeps to.</summary>
public abstract class WorkQueueContract
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);

    protected abstract Task<ISeams> OpenAsync();

    [Fact]
    public async Task Urgent_messages_come_first_and_unacknowledged_ones_come_again()
    {
        await using ISeams archive = await OpenAsync();
        Guid routine = Guid.NewGuid();
        Guid stat = Guid.NewGuid();
        await archive.Queue.PublishAsync([new WorkMessage(WorkKind.Infer, routine, TaskPriority.Routine), new WorkMessage(WorkKind.Infer, stat, TaskPriority.Stat)], TestContext.Current.CancellationToken);
        WorkDelivery first = await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken);
        Assert.Equal(stat, first.Message.TaskId);
        archive.Clock.Advance(TimeSpan.FromSeconds(31));
        WorkDelivery again = await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken);
        Assert.Equal((stat, 2), (again.Message.TaskId, again.Deliveries));
        Assert.False(await archive.Queue.AcknowledgeAsync(first, TestContext.Current.CancellationToken));
        Assert.True(await archive.Queue.AcknowledgeAsync(again, TestContext.Current.CancellationToken));
        WorkDelivery last = await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken);
        Assert.True(await archive.Queue.RejectAsync(last, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        Assert.Null(await archive.Queue.TryReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken));
        archive.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(routine, (await archive.Queue.TryReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken))!.Message.TaskId);
    }

    [Fact]
    public async Task A_receiver_that_waits_gets_what_is_published_later()
    {
        await using ISeams archive = await OpenAsync();
        ValueTask<WorkDelivery> waiting = archive.Queue.ReceiveAsync(WorkKind.Report, s_lease, TestContext.Current.CancellationToken);
        Guid id = Guid.NewGuid();
        await archive.Queue.PublishAsync([new WorkMessage(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Stat), new WorkMessage(WorkKind.Report, id, TaskPriority.Low)], TestContext.Current.CancellationToken);
        Assert.Equal(id, (await waiting).Message.TaskId);
    }

    [Fact]
    public async Task A_message_that_waits_is_not_queued_twice_and_one_in_hand_is()
    {
        await using ISeams archive = await OpenAsync();
        WorkMessage message = new(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Routine);
        await archive.Queue.PublishAsync([message, message], TestContext.Current.CancellationToken);
        await archive.Queue.PublishAsync([message], TestContext.Current.CancellationToken);
        Assert.Equal(new WorkQueueDepth(1, 0, 0), await archive.Queue.CountAsync(WorkKind.Infer, TestContext.Current.CancellationToken));
        Assert.NotNull(await archive.Queue.TryReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken));
        await archive.Queue.PublishAsync([message], TestContext.Current.CancellationToken);
        Assert.Equal(new WorkQueueDepth(1, 1, 0), await archive.Queue.CountAsync(WorkKind.Infer, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_message_is_not_delivered_before_its_time()
    {
        await using ISeams archive = await OpenAsync();
        await archive.Queue.PublishAsync([new WorkMessage(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Routine, archive.Clock.GetUtcNow().AddSeconds(5))], TestContext.Current.CancellationToken);
        Assert.Null(await archive.Queue.TryReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken));
        archive.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.NotNull(await archive.Queue.TryReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_renewed_lease_keeps_the_message()
    {
        await using ISeams archive = await OpenAsync();
        await archive.Queue.PublishAsync([new WorkMessage(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Routine)], TestContext.Current.CancellationToken);
        WorkDelivery delivery = await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken);
        archive.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.True(await archive.Queue.RenewAsync(delivery, s_lease, TestContext.Current.CancellationToken));
        archive.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Null(await archive.Queue.TryReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken));
        Assert.True(await archive.Queue.AcknowledgeAsync(delivery, TestContext.Current.CancellationToken));
        Assert.False(await archive.Queue.RenewAsync(delivery, s_lease, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_wait_for_a_message_ends_when_it_is_cancelled()
    {
        await using ISeams archive = await OpenAsync();
        using CancellationTokenSource stop = new();
        ValueTask<WorkDelivery> waiting = archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
    }
}
