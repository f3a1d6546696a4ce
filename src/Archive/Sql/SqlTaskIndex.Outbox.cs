
namespace MedicalAi.Archive;

public sealed partial class SqlTaskIndex
{
    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<OutboxMessage>> ReadOutboxAsync(int limit, CancellationToken cancellationToken)
    {
        IEnumerable<(long Id, string Kind, string Task, int Priority, long? NotBefore)> rows = await database.ReadTuplesAsync<(long, string, string, int, long?)>(
            "SELECT id, kind, task_id, priority, not_before FROM outbox ORDER BY id LIMIT @limit", new { limit }, cancellationToken);
        return [.. rows.Select(row => new OutboxMessage(row.Id, new WorkMessage(Enum.Parse<WorkKind>(row.Kind, ignoreCase: true), Guid.Parse(row.Task), (TaskPriority)row.Priority, Timestamps.FromColumn(row.NotBefore))))];
    }

    /// <inheritdoc />
    public async ValueTask RemoveFromOutboxAsync(IReadOnlyList<OutboxMessage> messages, CancellationToken cancellationToken) =>
        await database.ExecuteAsync($"DELETE FROM outbox WHERE {database.Dialect.IsIn("id", "@ids")}", new { ids = database.Dialect.List([.. messages.Select(m => m.Id)]) }, cancellationToken);

    /// <inheritdoc />
    public ValueTask<int> RequeueLostAsync(DateTimeOffset unmovedSince, CancellationToken cancellationToken)
    {
        long now = Now();
        return WriteAndWakeAsync(
            async transaction =>
            {
                const string Lost = "status IN ('queued', 'running') AND updated_at < @since AND coalesce(lease_until, 0) < @now AND coalesce(next_attempt_at, 0) < @now";
                object parameters = new { since = unmovedSince.ToColumn(), now };
                await transaction.ExecuteAsync(
                    $"INSERT INTO outbox (kind, task_id, priority, created_at) SELECT CASE WHEN findings IS NULL THEN 'infer' ELSE 'report' END, id, priority, @now FROM ai_inference_tasks WHERE {Lost}",
                    parameters);
                return await transaction.ExecuteAsync($"UPDATE ai_inference_tasks SET updated_at = @now WHERE {Lost}", parameters);
            },
            cancellationToken);
    }

    private static Task<int> AddToOutboxAsync(IndexTransaction transaction, WorkKind kind, Guid task, int priority, long? notBefore, long now) => transaction.ExecuteAsync(
        "INSERT INTO outbox (kind, task_id, priority, not_before, created_at) VALUES (@kind, @task, @priority, @notBefore, @now)",
        new { kind = Text(kind), task = Text(task), priority, notBefore, now });

    /// <summary>A transaction that may fill the outbox, which is woken when it is durable.</summary>
    private async ValueTask<T> WriteAndWakeAsync<T>(Func<IndexTransaction, Task<T>> work, CancellationToken cancellationToken)
    {
        T result = await database.WriteAsync(work, cancellationToken);
        signals.OutboxFilled();
        return result;
    }
}
