namespace MedicalAi.Archive;

/// <summary>
/// Ends the leases that dead processes of this machine hold on tasks, messages, storage commitments and what is to be forwarded, so that after a crash work goes on at once and
/// not when they have run out. For the start, before this process takes work.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="time">The clock.</param>
internal sealed class SqlLeases(IndexDatabase database, TimeProvider time)
{
    /// <summary>Ends them; the number of tasks and instances to forward that are free again.</summary>
    public ValueTask<int> EndOfDeadProcessesAsync(CancellationToken cancellationToken)
    {
        long now = time.GetUtcNow().ToColumn();
        return database.WriteAsync(transaction => EndAsync(transaction, now), cancellationToken);
    }

    private async Task<int> EndAsync(IndexTransaction transaction, long now)
    {
        string isDead = database.Dialect.IsIn("lease_owner", "@dead");
        object dead = await FindDeadAsync("SELECT DISTINCT lease_owner FROM ai_inference_tasks WHERE lease_until > @now");
        int tasks = await transaction.ExecuteAsync($"UPDATE ai_inference_tasks SET lease_until = @now, updated_at = @now WHERE lease_until > @now AND {isDead}", new { now, dead });

        // Messages name no holder: all those whose task nobody holds. A message that comes twice changes nothing.
        await transaction.ExecuteAsync(
            """
            UPDATE work_queue SET available_at = @now WHERE receipt IS NOT NULL AND dead_at IS NULL AND available_at > @now
                AND task_id NOT IN (SELECT id FROM ai_inference_tasks WHERE lease_until > @now)
            """,
            new { now });
        dead = await FindDeadAsync("SELECT DISTINCT lease_owner FROM commitments WHERE state IN ('checking', 'reporting') AND lease_owner IS NOT NULL");
        await transaction.ExecuteAsync($"UPDATE commitments SET available_at = @now WHERE state IN ('checking', 'reporting') AND available_at > @now AND {isDead}", new { now, dead });
        dead = await FindDeadAsync("SELECT DISTINCT lease_owner FROM forward_items WHERE state <> 'sent' AND state = 'sending'");
        int items = await transaction.ExecuteAsync($"UPDATE forward_items SET available_at = @now WHERE state <> 'sent' AND state = 'sending' AND {isDead}", new { now, dead });

        // Those that a destination was being asked for to commit itself to (migration 5).
        dead = await FindDeadAsync("SELECT DISTINCT lease_owner FROM forward_items WHERE state = 'sent' AND ended_at IS NULL AND lease_owner IS NOT NULL");
        items += await transaction.ExecuteAsync($"UPDATE forward_items SET available_at = @now WHERE state = 'sent' AND ended_at IS NULL AND {isDead}", new { now, dead });
        return tasks + items;

        async Task<object> FindDeadAsync(string statement) =>
            database.Dialect.List([.. (await transaction.QueryAsync<string>(statement, new { now })).Where(OwnerMark.IsLeaseOfDeadProcess)]);
    }
}
