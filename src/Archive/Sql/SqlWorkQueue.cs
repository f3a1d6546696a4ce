namespace MedicalAi.Archive;

/// <summary>
/// The work queue in the database of the index, for where there is no broker. A receiver is woken by a publication in this process; the poll only finds messages whose delay or
/// lease has ended.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="options">The most deliveries.</param>
/// <param name="time">The clock.</param>
public sealed class SqlWorkQueue(IndexDatabase database, ArchiveOptions options, TimeProvider time) : IWorkQueue
{
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(1);
    private TaskCompletionSource _published = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc />
    public async ValueTask PublishAsync(IReadOnlyList<WorkMessage> messages, CancellationToken cancellationToken)
    {
        long now = Now();
        await database.WriteAsync(
            async transaction =>
            {
                foreach (WorkMessage message in messages)
                {
                    await transaction.ExecuteAsync(
                        "INSERT INTO work_queue (kind, task_id, priority, available_at, enqueued_at) VALUES (@kind, @task, @priority, @at, @now) ON CONFLICT DO NOTHING",
                        new { kind = Text(message.Kind), task = message.TaskId.ToString("D"), priority = (int)message.Priority, at = message.NotBefore?.ToColumn() ?? now, now });
                }

                return messages.Count;
            },
            cancellationToken);
        Interlocked.Exchange(ref _published, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <inheritdoc />
    public async ValueTask<WorkDelivery> ReceiveAsync(WorkKind kind, TimeSpan lease, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task published = Volatile.Read(ref _published).Task; // Before looking, so that nothing published meanwhile is missed.
            if (await TryReceiveAsync(kind, lease, cancellationToken) is { } delivery)
            {
                return delivery;
            }

            using CancellationTokenSource poll = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(published, Task.Delay(s_poll, time, poll.Token));
            await poll.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc />
    public async ValueTask<WorkDelivery?> TryReceiveAsync(WorkKind kind, TimeSpan lease, CancellationToken cancellationToken)
    {
        long now = Now();

        // Most looks find nothing; they must not write.
        if (!await database.ReadScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM work_queue WHERE kind = @kind AND dead_at IS NULL AND available_at <= @now)", new { kind = Text(kind), now }, cancellationToken))
        {
            return null;
        }

        long until = (time.GetUtcNow() + lease).ToColumn();
        return await database.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync("UPDATE work_queue SET dead_at = @now WHERE kind = @kind AND dead_at IS NULL AND available_at <= @now AND deliveries >= @maximum", new { kind = Text(kind), now, maximum = options.MaximumDeliveries });
                (long Id, string Task, int Priority, int Deliveries) row = await transaction.FirstAsync<(long, string, int, int)>(
                    $"""
                    SELECT id, task_id, priority, deliveries FROM work_queue WHERE kind = @kind AND dead_at IS NULL AND available_at <= @now
                    ORDER BY priority DESC, id LIMIT 1{database.Dialect.SkipLocked}
                    """,
                    new { kind = Text(kind), now });
                if (row.Task is null)
                {
                    return null;
                }

                string receipt = Guid.NewGuid().ToString("N");
                await transaction.ExecuteAsync("UPDATE work_queue SET receipt = @receipt, available_at = @until, deliveries = deliveries + 1 WHERE id = @Id", new { receipt, until, row.Id });
                return new WorkDelivery(new WorkMessage(kind, Guid.Parse(row.Task), (TaskPriority)row.Priority), receipt, row.Deliveries + 1, Timestamps.FromColumn(until));
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<WorkDelivery?> TryReceiveDeadAsync(WorkKind kind, TimeSpan lease, CancellationToken cancellationToken)
    {
        if ((await CountAsync(kind, cancellationToken)).Dead == 0)
        {
            return null;
        }

        long now = Now();
        long until = (time.GetUtcNow() + lease).ToColumn();
        return await database.WriteAsync(
            async transaction =>
            {
                (long Id, string Task, int Priority, int Deliveries) row = await transaction.FirstAsync<(long, string, int, int)>(
                    $"SELECT id, task_id, priority, deliveries FROM work_queue WHERE kind = @kind AND dead_at IS NOT NULL AND available_at <= @now ORDER BY id LIMIT 1{database.Dialect.SkipLocked}",
                    new { kind = Text(kind), now });
                if (row.Task is null)
                {
                    return null;
                }

                string receipt = Guid.NewGuid().ToString("N");
                await transaction.ExecuteAsync("UPDATE work_queue SET receipt = @receipt, available_at = @until WHERE id = @Id", new { receipt, until, row.Id });
                return new WorkDelivery(new WorkMessage(kind, Guid.Parse(row.Task), (TaskPriority)row.Priority), receipt, row.Deliveries, Timestamps.FromColumn(until));
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<bool> RenewAsync(WorkDelivery delivery, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        return ExecuteAsync("UPDATE work_queue SET available_at = @at WHERE receipt = @Receipt", new { delivery.Receipt, at = (time.GetUtcNow() + lease).ToColumn() }, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<bool> AcknowledgeAsync(WorkDelivery delivery, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        return ExecuteAsync("DELETE FROM work_queue WHERE receipt = @Receipt", new { delivery.Receipt }, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<bool> RejectAsync(WorkDelivery delivery, TimeSpan delay, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delivery);

        // A message of the same task that was published meanwhile is replaced by this one, which counts the deliveries.
        return database.WriteAsync(
            async transaction =>
            {
                object parameters = new { delivery.Receipt, at = (time.GetUtcNow() + delay).ToColumn(), kind = Text(delivery.Message.Kind), task = delivery.Message.TaskId.ToString("D") };
                if (!await transaction.ScalarAsync<bool>($"SELECT EXISTS (SELECT 1 FROM work_queue WHERE receipt = @Receipt)", parameters))
                {
                    return false;
                }

                await transaction.ExecuteAsync("DELETE FROM work_queue WHERE kind = @kind AND task_id = @task AND receipt IS NULL AND dead_at IS NULL", parameters);
                return await transaction.ExecuteAsync("UPDATE work_queue SET receipt = NULL, available_at = @at, deliveries = deliveries - 1 WHERE receipt = @Receipt", parameters) > 0;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<WorkQueueDepth> CountAsync(WorkKind kind, CancellationToken cancellationToken)
    {
        (long Waiting, long Leased, long Dead) row = (await database.ReadTuplesAsync<(long, long, long)>(
            """
            SELECT count(*) FILTER (WHERE dead_at IS NULL AND (receipt IS NULL OR available_at <= @now)), count(*) FILTER (WHERE dead_at IS NULL AND receipt IS NOT NULL AND available_at > @now),
                count(*) FILTER (WHERE dead_at IS NOT NULL)
            FROM work_queue WHERE kind = @kind
            """,
            new { kind = Text(kind), now = Now() },
            cancellationToken)).First();
        return new WorkQueueDepth(row.Waiting, row.Leased, row.Dead);
    }

    private static string Text(WorkKind kind) => kind == WorkKind.Infer ? "infer" : "report";

    private long Now() => time.GetUtcNow().ToColumn();

    private ValueTask<bool> ExecuteAsync(string statement, object parameters, CancellationToken cancellationToken) =>
        database.WriteAsync(async transaction => await transaction.ExecuteAsync(statement, parameters) > 0, cancellationToken);
}
