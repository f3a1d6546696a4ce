namespace MedicalAi.Archive.Tests;

/// <summary>What every work queue keeps to.</summary>
public abstract class WorkQueueContract
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);

    /// <summary>After how many deliveries the queues of these tests put a message aside.</summary>
    protected const int MaximumDeliveries = 3;

    /// <summary>A queue that puts messages aside after <see cref="MaximumDeliveries"/>.</summary>
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
        Assert.True(await archive.Queue.RejectAsync(last, TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken));
        Assert.Null(await archive.Queue.TryReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken));
        archive.Clock.Advance(TimeSpan.FromSeconds(2));
        WorkDelivery given = await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken);
        Assert.Equal((routine, 1), (given.Message.TaskId, given.Deliveries));
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
    public async Task A_message_that_is_published_again_is_delivered_all_the_same_and_acknowledging_each_empties_the_queue()
    {
        await using ISeams archive = await OpenAsync();
        WorkMessage message = new(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Routine);
        await archive.Queue.PublishAsync([message, message], TestContext.Current.CancellationToken);
        await archive.Queue.PublishAsync([message], TestContext.Current.CancellationToken);
        WorkDelivery first = await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken);
        Assert.Equal(1, (await archive.Queue.CountAsync(WorkKind.Infer, TestContext.Current.CancellationToken)).Leased);
        Assert.True(await archive.Queue.AcknowledgeAsync(first, TestContext.Current.CancellationToken));
        while (await archive.Queue.TryReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken) is { } again)
        {
            Assert.Equal(message.TaskId, again.Message.TaskId);
            Assert.True(await archive.Queue.AcknowledgeAsync(again, TestContext.Current.CancellationToken));
        }

        await archive.WaitForDepthAsync(WorkKind.Infer, new WorkQueueDepth(0, 0, 0));
    }

    [Fact]
    public async Task Messages_of_one_kind_are_counted_and_those_that_wait_for_their_time_with_them()
    {
        await using ISeams archive = await OpenAsync();
        await archive.Queue.PublishAsync(
            [
                new WorkMessage(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Stat),
                new WorkMessage(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Low),
                new WorkMessage(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Routine, archive.Clock.GetUtcNow().AddHours(1)),
                new WorkMessage(WorkKind.Report, Guid.NewGuid(), TaskPriority.High),
            ],
            TestContext.Current.CancellationToken);
        await archive.WaitForDepthAsync(WorkKind.Infer, new WorkQueueDepth(3, 0, 0));
        await archive.WaitForDepthAsync(WorkKind.Report, new WorkQueueDepth(1, 0, 0));
        WorkDelivery delivery = await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken);
        await archive.WaitForDepthAsync(WorkKind.Infer, new WorkQueueDepth(2, 1, 0));
        await archive.Queue.AcknowledgeAsync(delivery, TestContext.Current.CancellationToken);
        await archive.WaitForDepthAsync(WorkKind.Infer, new WorkQueueDepth(2, 0, 0));
    }

    [Fact]
    public async Task A_message_whose_receivers_end_without_a_word_too_often_is_put_aside_and_can_be_looked_at()
    {
        await using ISeams archive = await OpenAsync();
        Guid id = Guid.NewGuid();
        await archive.Queue.PublishAsync([new WorkMessage(WorkKind.Report, id, TaskPriority.High)], TestContext.Current.CancellationToken);
        for (int delivery = 1; delivery <= MaximumDeliveries; delivery++)
        {
            Assert.Equal(delivery, (await archive.Queue.ReceiveAsync(WorkKind.Report, s_lease, TestContext.Current.CancellationToken)).Deliveries);
            Assert.Null(await archive.Queue.TryReceiveDeadAsync(WorkKind.Report, s_lease, TestContext.Current.CancellationToken));
            archive.Clock.Advance(s_lease + TimeSpan.FromSeconds(1));
        }

        Assert.Null(await archive.Queue.TryReceiveAsync(WorkKind.Report, s_lease, TestContext.Current.CancellationToken));
        await archive.WaitForDepthAsync(WorkKind.Report, new WorkQueueDepth(0, 0, 1));
        WorkDelivery dead = (await archive.Queue.TryReceiveDeadAsync(WorkKind.Report, s_lease, TestContext.Current.CancellationToken))!;
        Assert.Equal((id, TaskPriority.High), (dead.Message.TaskId, dead.Message.Priority));
        Assert.Equal(MaximumDeliveries, dead.Deliveries);
        Assert.Null(await archive.Queue.TryReceiveDeadAsync(WorkKind.Report, s_lease, TestContext.Current.CancellationToken));
        Assert.True(await archive.Queue.AcknowledgeAsync(dead, TestContext.Current.CancellationToken));
        await archive.WaitForDepthAsync(WorkKind.Report, new WorkQueueDepth(0, 0, 0));
    }

    [Fact]
    public async Task A_message_that_is_given_back_however_often_is_never_put_aside()
    {
        await using ISeams archive = await OpenAsync();
        await archive.Queue.PublishAsync([new WorkMessage(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Routine)], TestContext.Current.CancellationToken);
        for (int round = 0; round < 3 * MaximumDeliveries; round++)
        {
            WorkDelivery delivery = await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken);
            Assert.Equal(1, delivery.Deliveries);
            Assert.True(await archive.Queue.RejectAsync(delivery, TimeSpan.Zero, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Every_message_comes_to_one_of_many_receivers()
    {
        await using ISeams archive = await OpenAsync();
        HashSet<Guid> published = [.. Enumerable.Range(0, 300).Select(_ => Guid.NewGuid())];
        await archive.Queue.PublishAsync([.. published.Select(id => new WorkMessage(WorkKind.Infer, id, TaskPriority.Routine))], TestContext.Current.CancellationToken);
        Guid[][] received = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            List<Guid> mine = [];
            while (await archive.Queue.TryReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken) is { } delivery)
            {
                mine.Add(delivery.Message.TaskId);
                Assert.True(await archive.Queue.AcknowledgeAsync(delivery, TestContext.Current.CancellationToken));
            }

            return mine.ToArray();
        }));
        Assert.Equal(published.Order(), received.SelectMany(ids => ids).Order());
    }

    [Fact]
    public async Task A_message_is_not_delivered_before_its_time()
    {
        await using ISeams archive = await OpenAsync();
        await archive.Queue.PublishAsync([new WorkMessage(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Routine, archive.Clock.GetUtcNow().AddSeconds(1))], TestContext.Current.CancellationToken);
        Assert.Null(await archive.Queue.TryReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken));
        archive.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken));
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
