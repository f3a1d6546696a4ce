using Dapper;
using Microsoft.Data.Sqlite;

namespace MedicalAi.Archive;

/// <summary>
/// Ends the leases that dead processes of this machine hold on tasks, messages, storage commitments and what is to be forwarded, so that after a crash work goes on at once and
/// not when they have run out. For the start, before this process takes work.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="time">The clock.</param>
internal sealed class SqliteLeases(SqliteDatabase database, TimeProvider time)
{
    /// <summary>Ends them; the number of tasks and instances to forward that are free again.</summary>
    public ValueTask<int> EndOfDeadProcessesAsync(CancellationToken cancellationToken)
    {
        long now = time.GetUtcNow().ToColumn();
        return database.WriteAsync((connection, transaction) => End(connection, transaction, now), cancellationToken);
    }

    private static int End(SqliteConnection connection, SqliteTransaction transaction, long now)
    {
        string[] dead =
        [
            .. connection.Query<string>("SELECT DISTINCT lease_owner FROM ai_inference_tasks WHERE lease_until > @now", new { now }, transaction).Where(OwnerMark.IsLeaseOfDeadProcess),
        ];
        int tasks = connection.Execute("UPDATE ai_inference_tasks SET lease_until = @now, updated_at = @now WHERE lease_until > @now AND lease_owner IN @dead", new { now, dead }, transaction);

        // Messages name no holder: all those whose task nobody holds. A message that comes twice changes nothing.
        connection.Execute(
            """
            UPDATE work_queue SET available_at = @now WHERE receipt IS NOT NULL AND dead_at IS NULL AND available_at > @now
                AND task_id NOT IN (SELECT id FROM ai_inference_tasks WHERE lease_until > @now)
            """,
            new { now },
            transaction);

        dead =
        [
            .. connection.Query<string>("SELECT DISTINCT lease_owner FROM commitments WHERE state IN ('checking', 'reporting') AND lease_owner IS NOT NULL", transaction: transaction).Where(OwnerMark.IsLeaseOfDeadProcess),
        ];
        connection.Execute("UPDATE commitments SET available_at = @now WHERE state IN ('checking', 'reporting') AND available_at > @now AND lease_owner IN @dead", new { now, dead }, transaction);
        dead =
        [
            .. connection.Query<string>("SELECT DISTINCT lease_owner FROM forward_items WHERE state <> 'sent' AND state = 'sending'", transaction: transaction).Where(OwnerMark.IsLeaseOfDeadProcess),
        ];
        return tasks + connection.Execute("UPDATE forward_items SET available_at = @now WHERE state <> 'sent' AND state = 'sending' AND lease_owner IN @dead", new { now, dead }, transaction);
    }
}
