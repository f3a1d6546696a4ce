using Microsoft.Extensions.Logging.Abstractions;

namespace MedicalAi.Archive.Tests;

/// <summary>What becomes of tasks, whatever the work queue does with their messages.</summary>
public abstract class TaskDeliveryContract
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A queue that puts messages aside after 3 deliveries.</summary>
    protected abstract Task<ISeams> OpenAsync();

    [Fact]
    public async Task Two_workers_that_get_the_same_message_make_one_set_of_results()
    {
        await using ISeams archive = await OpenAsync();
        WorkMessage message = await PublishTaskAsync(archive);
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource mayEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TimeSpan lease = TimeSpan.FromSeconds(1.5);
        using CountingWorker first = new(archive, 1, lease, async (_, _) =>
        {
            begun.TrySetResult();
            await mayEnd.Task;
        });
        WatchedTaskIndex index = new(archive.Tasks);
        using CountingWorker second = new(archive, 1, lease, tasks: index.Proxy);
        await first.StartAsync(Cancel);
        await begun.Task.WaitAsync(s_limit, Cancel);
        await archive.Queue.PublishAsync([message], Cancel);
        await second.StartAsync(Cancel);
        await index.Asked.WaitAsync(s_limit, Cancel);
        await archive.WaitForDepthAsync(WorkKind.Infer, new WorkQueueDepth(1, 1, 0)); // The second has given it back.
        mayEnd.SetResult();
        await archive.WaitForDepthAsync(WorkKind.Infer, new WorkQueueDepth(1, 0, 0));
        archive.Clock.Advance(TimeSpan.FromSeconds(10));
        await archive.WaitForDepthAsync(WorkKind.Infer, new WorkQueueDepth(0, 0, 0));

        Assert.Equal((1, 1, 0), (first.Runs, first.Saved, second.Runs));
        await first.StopAsync(Cancel);
        await second.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_worker_that_hangs_loses_its_claim_and_what_it_finds_afterwards_is_not_kept()
    {
        await using ISeams archive = await OpenAsync();
        WorkMessage message = await PublishTaskAsync(archive);
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource mayEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CountingWorker hanging = new(archive, 1, s_lease, async (_, _) =>
        {
            begun.TrySetResult();
            await mayEnd.Task;
        });
        using CountingWorker next = new(archive, 1, s_lease);
        await hanging.StartAsync(Cancel);
        await begun.Task.WaitAsync(s_limit, Cancel);
        archive.Clock.Advance(s_lease + TimeSpan.FromSeconds(1)); // No heartbeat in the meantime.
        await next.StartAsync(Cancel);
        await next.WaitForSavedAsync();
        Assert.Equal((1, 1), (next.Runs, next.Saved));

        mayEnd.SetResult();
        await hanging.StopAsync(Cancel);
        await next.StopAsync(Cancel);

        Assert.Equal((1, 0), (hanging.Runs, hanging.Saved));
        Assert.True((await archive.Tasks.FindTaskAsync(message.TaskId, Cancel))!.HasFindings);
        Assert.Single(await archive.Tasks.ReadOutboxAsync(10, Cancel), row => row.Message.Kind == WorkKind.Report);
    }

    [Fact]
    public async Task A_task_on_whose_message_workers_die_too_often_fails_with_the_reason_and_can_be_queued_again()
    {
        await using ISeams archive = await OpenAsync();
        WorkMessage message = await PublishTaskAsync(archive);
        using DeadLetterMonitor monitor = new(archive.Queue, archive.Tasks, archive.Clock, NullLogger<DeadLetterMonitor>.Instance);
        for (int delivery = 0; delivery < 3; delivery++)
        {
            Assert.Equal(0, await monitor.FailDeadAsync(Cancel));
            await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, Cancel);
            archive.Clock.Advance(s_lease + TimeSpan.FromSeconds(1));
        }

        Assert.Null(await archive.Queue.TryReceiveAsync(WorkKind.Infer, s_lease, Cancel));
        await archive.WaitForDepthAsync(WorkKind.Infer, new WorkQueueDepth(0, 0, 1));

        Assert.Equal(1, await monitor.FailDeadAsync(Cancel));

        InferenceTask task = (await archive.Tasks.FindTaskAsync(message.TaskId, Cancel))!;
        Assert.Equal((InferenceTaskStatus.Failed, "Its message was delivered 3 times, and nobody that took it gave an answer.", true), (task.Status, task.Error, task.DeadLetteredAt is not null));
        await archive.WaitForDepthAsync(WorkKind.Infer, new WorkQueueDepth(0, 0, 0));
        Assert.True(await archive.Tasks.RetryAsync(task.Id, Cancel));
        await DispatchAsync(archive);
        Assert.Equal(task.Id, (await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, Cancel)).Message.TaskId);
    }

    [Fact]
    public async Task A_task_that_somebody_works_on_does_not_fail_by_a_dead_message()
    {
        await using ISeams archive = await OpenAsync();
        WorkMessage message = await PublishTaskAsync(archive);
        for (int delivery = 0; delivery < 3; delivery++)
        {
            await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, Cancel);
            archive.Clock.Advance(s_lease + TimeSpan.FromSeconds(1));
        }

        Assert.Null(await archive.Queue.TryReceiveAsync(WorkKind.Infer, s_lease, Cancel));
        await archive.WaitForDepthAsync(WorkKind.Infer, new WorkQueueDepth(0, 0, 1));
        TaskClaim claim = (await archive.Tasks.ClaimAsync(message.TaskId, WorkKind.Infer, "worker", s_lease, Cancel)).Claim!;
        using DeadLetterMonitor monitor = new(archive.Queue, archive.Tasks, archive.Clock, NullLogger<DeadLetterMonitor>.Instance);

        Assert.Equal(0, await monitor.FailDeadAsync(Cancel));

        await archive.WaitForDepthAsync(WorkKind.Infer, new WorkQueueDepth(0, 0, 0));
        Assert.True(await archive.Tasks.SaveFindingsAsync(claim, new byte[] { 1 }, Cancel));
    }

    [Fact]
    public async Task A_message_that_the_queue_has_lost_is_published_again_and_one_that_only_waits_long_is_not()
    {
        await using ISeams archive = await OpenAsync();
        await PublishTaskAsync(archive);
        using OutboxDispatcher dispatcher = new(archive.Tasks, archive.Queue, archive.Signals, archive.Clock, NullLogger<OutboxDispatcher>.Instance);
        archive.Clock.Advance(TimeSpan.FromHours(5));
        await archive.WaitForDepthAsync(WorkKind.Infer, new WorkQueueDepth(1, 0, 0));
        Assert.Equal(0, await dispatcher.RequeueLostAsync(Cancel));
        await archive.Queue.AcknowledgeAsync(await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, Cancel), Cancel); // And its receiver dies.
        await archive.WaitForDepthAsync(WorkKind.Infer, new WorkQueueDepth(0, 0, 0));

        Assert.Equal(1, await dispatcher.RequeueLostAsync(Cancel));

        Assert.Equal(1, await dispatcher.RunOnceAsync(Cancel));
        await archive.WaitForDepthAsync(WorkKind.Infer, new WorkQueueDepth(1, 0, 0));
    }

    [Fact]
    public async Task A_message_that_comes_while_the_index_is_away_comes_again()
    {
        await using ISeams archive = await OpenAsync();
        await PublishTaskAsync(archive);
        WatchedTaskIndex index = new(archive.Tasks) { IsAway = true };
        using CountingWorker worker = new(archive, 1, TimeSpan.FromSeconds(1), tasks: index.Proxy);
        await worker.StartAsync(Cancel);
        await index.Asked.WaitAsync(s_limit, Cancel);
        index.IsAway = false;
        await archive.WaitForDepthAsync(WorkKind.Infer, new WorkQueueDepth(1, 0, 0));
        archive.Clock.Advance(TimeSpan.FromSeconds(2));
        await worker.WaitForSavedAsync();
        Assert.Equal((1, 1), (worker.Runs, worker.Saved));
        await worker.StopAsync(Cancel);
    }

    private static async Task<WorkMessage> PublishTaskAsync(ISeams archive)
    {
        Guid id = await archive.AddTaskAsync();
        await DispatchAsync(archive);
        return new WorkMessage(WorkKind.Infer, id, TaskPriority.Routine);
    }

    private static async Task DispatchAsync(ISeams archive)
    {
        using OutboxDispatcher dispatcher = new(archive.Tasks, archive.Queue, archive.Signals, archive.Clock, NullLogger<OutboxDispatcher>.Instance);
        Assert.Equal(1, await dispatcher.RunOnceAsync(Cancel));
    }
}
