using Dapper;
using Microsoft.Data.Sqlite;

namespace MedicalAi.Archive;

/// <summary>
/// The embedded work queue. A receiver is woken by a publication in this process; the poll only finds messages whose delay or
/// lease has ended.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="options">The most deliveries.</param>
/// <param name="time">The clock.</param>
public sealed class SqliteWorkQueue(SqliteDatabase database, ArchiveOptions options, TimeProvider time) : IWorkQueue
{
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(1);
    private TaskCompletionSource _published = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc />
    public async ValueTask PublishAsync(IReadOnlyList<WorkMessage> messages, CancellationToken cancellationToken)
    {
        long now = Now();
        await database.WriteAsync(
            (connection, transaction) =>
            {
                foreach (WorkMessage message in messages)
                {
                    connection.Execute(
                        "INSERT INTO work_queue (kind, task_id, priority, available_at, enqueued_at) VALUES (@kind, @task, @priority, @at, @now) ON CONFLICT DO NOTHING",
                        new { kind = Text(message.Kind), task = message.TaskId.ToString("D"), priority = (int)message.Priority, at = message.NotBefore?.ToColumn() ?? now, now },
                        transaction);
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
        using (SqliteConnection reader = database.OpenReader())
        {
            // Most looks find nothing; they must not take the writer.
            if (!await reader.ExecuteScalarAsync<bool>(new CommandDefinition("SELECT EXISTS (SELECT 1 FROM work_queue WHERE kind = @kind AND dead_at IS NULL AND available_at <= @now)", new { kind = Text(kind), now }, cancellationToken: cancellationToken)))
            {
                return null;
            }
        }

        long until = (time.GetUtcNow() + lease).ToColumn();
        return await database.WriteAsync(
            (connection, transaction) =>
            {
                connection.Execute("UPDATE work_queue SET dead_at = @now WHERE kind = @kind AND dead_at IS NULL AND available_at <= @now AND deliveries >= @maximum", new { kind = Text(kind), now, maximum = options.MaximumDeliveries }, transaction);
                (long Id, string Task, int Priority, int Deliveries) row = connection.QueryFirstOrDefault<(long, string, int, int)>(
                    """
                    SELECT id, task_id, priority, deliveries FROM work_queue WHERE kind = @kind AND dead_at IS NULL AND available_at <= @now
                    ORDER BY priority DESC, id LIMIT 1
                    """,
                    new { kind = Text(kind), now },
                    transaction);
                if (row.Task is null)
                {
                    return null;
                }

                string receipt = Guid.NewGuid().ToString("N");
                connection.Execute("UPDATE work_queue SET receipt = @receipt, available_at = @until, deliveries = deliveries + 1 WHERE id = @Id", new { receipt, until, row.Id }, transaction);
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
            (connection, transaction) =>
            {
                (long Id, string Task, int Priority, int Deliveries) row = connection.QueryFirstOrDefault<(long, string, int, int)>(
                    "SELECT id, task_id, priority, deliveries FROM work_queue WHERE kind = @kind AND dead_at IS NOT NULL AND available_at <= @now ORDER BY id LIMIT 1",
                    new { kind = Text(kind), now },
                    transaction);
                if (row.Task is null)
                {
                    return null;
                }

                string receipt = Guid.NewGuid().ToString("N");
                connection.Execute("UPDATE work_queue SET receipt = @receipt, available_at = @until WHERE id = @Id", new { receipt, until, row.Id }, transaction);
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
        return ExecuteAsync("UPDATE OR REPLACE work_queue SET receipt = NULL, available_at = @at, deliveries = deliveries - 1 WHERE receipt = @Receipt", new { delivery.Receipt, at = (time.GetUtcNow() + delay).ToColumn() }, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<WorkQueueDepth> CountAsync(WorkKind kind, CancellationToken cancellationToken)
    {
        using SqliteConnection connection = database.OpenReader();
        (long Waiting, long Leased, long Dead) row = await connection.QueryFirstAsync<(long, long, long)>(new CommandDefinition(
            """
            SELECT coalesce(sum(dead_at IS NULL AND (receipt IS NULL OR available_at <= @now)), 0), coalesce(sum(dead_at IS NULL AND receipt IS NOT NULL AND available_at > @now), 0), coalesce(sum(dead_at IS NOT NULL), 0)
            FROM work_queue WHERE kind = @kind
            """,
            new { kind = Text(kind), now = Now() },
            cancellationToken: cancellationToken));
        return new WorkQueueDepth(row.Waiting, row.Leased, row.Dead);
    }

    private static string Text(WorkKind kind) => kind == WorkKind.Infer ? "infer" : "report";

    private long Now() => time.GetUtcNow().ToColumn();

    private ValueTask<bool> ExecuteAsync(string statement, object parameters, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.Execute(statement, parameters, transaction) > 0, cancellationToken);
}
