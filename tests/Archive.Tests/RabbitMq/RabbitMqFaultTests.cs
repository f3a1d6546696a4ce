using MedicalAi.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;

namespace MedicalAi.Archive.Tests;

/// <summary>A broker that is killed, hangs, is full or loses its queues. Each test has a broker of its own.</summary>
public sealed class RabbitMqFaultTests : IAsyncDisposable
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private readonly RabbitMqBroker _broker = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task What_was_published_is_there_after_the_broker_was_killed_and_receivers_go_on_by_themselves()
    {
        await using RabbitMqSeams archive = await OpenAsync();
        HashSet<Guid> published = [.. Enumerable.Range(0, 50).Select(_ => Guid.NewGuid())];
        await archive.Queue.PublishAsync([.. published.Select(id => new WorkMessage(WorkKind.Infer, id, TaskPriority.Routine))], Cancel);
        WorkDelivery inHand = await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, Cancel);
        HashSet<Guid> received = [];
        Task receiving = ReceiveAllAsync();
        await _broker.KillAsync();
        await Assert.ThrowsAsync<ArchiveUnavailableException>(async () => await archive.Queue.CountAsync(WorkKind.Infer, Cancel));
        await Assert.ThrowsAsync<ArchiveUnavailableException>(async () => await archive.Queue.PublishAsync([new WorkMessage(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Routine)], Cancel));
        Assert.False(await archive.Queue.AcknowledgeAsync(inHand, Cancel));
        await _broker.StartAsync(Cancel);

        await receiving.WaitAsync(s_limit, Cancel);

        Assert.Equal(published.Order(), received.Order());
        await archive.WaitForDepthAsync(WorkKind.Infer, new WorkQueueDepth(0, 0, 0));

        async Task ReceiveAllAsync()
        {
            while (received.Count < published.Count)
            {
                WorkDelivery delivery = await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, Cancel);
                received.Add(delivery.Message.TaskId);
                await archive.Queue.AcknowledgeAsync(delivery, Cancel);
                await Task.Delay(10, Cancel);
            }
        }
    }

    [Fact]
    public async Task A_broker_that_hangs_is_found_out_within_the_time_limit_and_used_again_when_it_goes_on()
    {
        await using RabbitMqSeams archive = await OpenAsync();
        WorkMessage message = new(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Routine);
        await archive.Queue.PublishAsync([new WorkMessage(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Routine)], Cancel);
        WorkDelivery inHand = await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, Cancel);
        Task<WorkDelivery> waiting = archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, Cancel).AsTask();
        await _broker.PauseAsync();
        try
        {
            await Assert.ThrowsAsync<ArchiveUnavailableException>(async () => await archive.Queue.PublishAsync([message], Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancel));
            await Assert.ThrowsAsync<ArchiveUnavailableException>(async () => await archive.Queue.CountAsync(WorkKind.Infer, Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancel));
        }
        finally
        {
            await _broker.ResumeAsync();
        }

        await PublishUntilTakenAsync(archive, message);
        WorkDelivery next = await waiting.WaitAsync(s_limit, Cancel);
        Assert.Contains(next.Message.TaskId, new[] { message.TaskId, inHand.Message.TaskId }); // The one in hand comes again where the connection was lost.
    }

    [Fact]
    public async Task A_message_in_the_hands_of_a_process_that_ends_comes_to_another()
    {
        await using RabbitMqSeams archive = await OpenAsync();
        await archive.Queue.PublishAsync([new WorkMessage(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Routine)], Cancel);
        await using (RabbitMqWorkQueue other = new(Options with { Prefix = archive.Prefix }, TimeProvider.System, NullLogger<RabbitMqWorkQueue>.Instance))
        {
            Assert.NotNull(await other.ReceiveAsync(WorkKind.Infer, TimeSpan.FromHours(1), Cancel));
            Assert.Null(await archive.Queue.TryReceiveAsync(WorkKind.Infer, s_lease, Cancel));
        }

        Assert.Equal(2, (await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, Cancel).AsTask().WaitAsync(s_limit, Cancel)).Deliveries);
    }

    [Fact]
    public async Task A_queue_that_was_deleted_is_declared_again_by_whoever_needs_it()
    {
        await using RabbitMqSeams archive = await OpenAsync();
        Task<WorkDelivery> waiting = archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, Cancel).AsTask();
        await archive.Queue.PublishAsync([new WorkMessage(WorkKind.Report, Guid.NewGuid(), TaskPriority.Routine)], Cancel);
        await UntilAsync(async () => (await DeclaredAsync(archive.Prefix + ".infer.routine")) == 1);
        foreach (string queue in new[] { ".infer.routine", ".infer.stat", ".infer.delay.1s", ".report.routine" })
        {
            await UseBrokerAsync(channel => channel.QueueDeleteAsync(archive.Prefix + queue));
        }

        await UseBrokerAsync(async channel =>
        {
            await channel.ExchangeDeleteAsync(archive.Prefix + ".delay.1s");
            return true;
        });
        WorkMessage[] messages = [new WorkMessage(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Routine), new WorkMessage(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Stat, archive.Clock.GetUtcNow().AddSeconds(1))];
        await archive.Queue.PublishAsync(messages, Cancel);
        archive.Clock.Advance(TimeSpan.FromSeconds(2));

        // What was sent before it was found out that the other queue is missing comes twice.
        HashSet<Guid> received = [(await waiting.WaitAsync(s_limit, Cancel)).Message.TaskId];
        while (received.Count < messages.Length)
        {
            received.Add((await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, Cancel).AsTask().WaitAsync(s_limit, Cancel)).Message.TaskId);
        }

        Assert.Equal(messages.Select(message => message.TaskId).Order(), received.Order());
        Assert.Equal(new WorkQueueDepth(0, 0, 0), await archive.Queue.CountAsync(WorkKind.Report, Cancel));
    }

    [Fact]
    public async Task A_broker_that_is_full_refuses_within_the_time_limit_says_so_and_takes_messages_when_there_is_room()
    {
        await using RabbitMqSeams archive = await OpenAsync();
        await archive.Queue.PublishAsync([new WorkMessage(WorkKind.Report, Guid.NewGuid(), TaskPriority.Routine)], Cancel);
        await _broker.ControlAsync("set_vm_memory_high_watermark", "0");
        WorkMessage message = new(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Routine);
        await UntilAsync(async () =>
        {
            try
            {
                await archive.Queue.PublishAsync([message], Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancel);
                return false; // It was taken before the alarm.
            }
            catch (ArchiveUnavailableException)
            {
                return true;
            }
        });
        await Assert.ThrowsAsync<ArchiveUnavailableException>(async () => await archive.Queue.CountAsync(WorkKind.Infer, Cancel));

        // What is there is still given out.
        WorkDelivery delivery = await archive.Queue.ReceiveAsync(WorkKind.Report, s_lease, Cancel).AsTask().WaitAsync(s_limit, Cancel);
        Assert.True(await archive.Queue.AcknowledgeAsync(delivery, Cancel));

        await _broker.ControlAsync("set_vm_memory_high_watermark", "0.6");
        await PublishUntilTakenAsync(archive, message);
        Assert.Equal(message.TaskId, (await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, Cancel).AsTask().WaitAsync(s_limit, Cancel)).Message.TaskId);
        await archive.WaitForDepthAsync(WorkKind.Report, new WorkQueueDepth(0, 0, 0));
    }

    [Fact]
    public async Task A_message_that_is_none_of_ours_is_put_aside_and_hinders_nothing()
    {
        await using RabbitMqSeams archive = await OpenAsync();
        WorkMessage message = new(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Routine);
        Assert.Null(await archive.Queue.TryReceiveAsync(WorkKind.Infer, s_lease, Cancel));
        string[] bodies = ["", "{}", "not JSON", """{"kind":"Infer","taskId":"x","priority":"Stat"}""", """{"kind":"Report","taskId":"0190d7a0-0000-7000-8000-000000000000","priority":"Stat"}""", """{"kind":77,"taskId":"0190d7a0-0000-7000-8000-000000000000","priority":"Stat"}""", new string('[', 100_000)];
        foreach (string body in bodies)
        {
            await UseBrokerAsync(async channel =>
            {
                await channel.BasicPublishAsync("", archive.Prefix + ".infer.routine", System.Text.Encoding.UTF8.GetBytes(body));
                return true;
            });
        }

        await archive.Queue.PublishAsync([message], Cancel);

        Assert.Equal(message.TaskId, (await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, Cancel).AsTask().WaitAsync(s_limit, Cancel)).Message.TaskId);
        await UntilAsync(() => UseBrokerAsync(async channel => await channel.MessageCountAsync(archive.Prefix + ".unreadable") == bodies.Length));
        await archive.WaitForDepthAsync(WorkKind.Infer, new WorkQueueDepth(0, 1, 0));
    }

    [Fact]
    public async Task The_outbox_keeps_its_messages_while_the_broker_is_away_and_each_task_is_carried_out_once_when_it_is_back()
    {
        await using RabbitMqSeams archive = await OpenAsync();
        await archive.AddTaskAsync();
        using OutboxDispatcher dispatcher = new(archive.Tasks, archive.Queue, archive.Signals, TimeProvider.System, NullLogger<OutboxDispatcher>.Instance);
        await _broker.KillAsync();
        await Assert.ThrowsAsync<ArchiveUnavailableException>(() => dispatcher.RunOnceAsync(Cancel));
        Assert.Single(await archive.Tasks.ReadOutboxAsync(10, Cancel));

        await dispatcher.StartAsync(Cancel);
        await _broker.StartAsync(Cancel);
        using CountingWorker worker = new(archive, 4, s_lease);
        await worker.StartAsync(Cancel);

        await UntilAsync(async () => (await archive.Tasks.ListTasksAsync(new TaskQuery(), Cancel)).All(task => task.HasFindings));
        await UntilAsync(async () => (await archive.Tasks.ReadOutboxAsync(10, Cancel)).Count == 0);
        await worker.StopAsync(Cancel);
        await dispatcher.StopAsync(Cancel);
        Assert.Equal(1, worker.Runs);
    }

    private RabbitMqOptions Options => RabbitMqSeams.Options(_broker) with { Timeout = TimeSpan.FromSeconds(3), Heartbeat = TimeSpan.FromSeconds(2), Pause = TimeSpan.FromMilliseconds(200) };

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        long begin = Environment.TickCount64;
        while (!await condition())
        {
            Assert.True(Environment.TickCount64 - begin < s_limit.TotalMilliseconds, "The condition was not met in time.");
            await Task.Delay(50, Cancel);
        }
    }

    /// <summary>What the dispatcher does: again and again, until it is confirmed.</summary>
    private static Task PublishUntilTakenAsync(RabbitMqSeams archive, WorkMessage message) => UntilAsync(async () =>
    {
        try
        {
            await archive.Queue.PublishAsync([message], Cancel);
            return true;
        }
        catch (ArchiveUnavailableException)
        {
            return false;
        }
    });

    private async Task<RabbitMqSeams> OpenAsync()
    {
        await _broker.StartAsync(Cancel);
        return await RabbitMqSeams.CreateAsync(_broker, Options);
    }

    private Task<uint> DeclaredAsync(string queue) => UseBrokerAsync(channel => channel.ConsumerCountAsync(queue));

    /// <summary>Acts on the broker as somebody else.</summary>
    private async Task<T> UseBrokerAsync<T>(Func<IChannel, Task<T>> work)
    {
        await using IConnection connection = await new ConnectionFactory { Uri = _broker.Url }.CreateConnectionAsync(Cancel);
        await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        return await work(channel);
    }
}
