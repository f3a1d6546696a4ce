using System.Data.Common;
using Dapper;
using MedicalAi.Dicom;
using Microsoft.Data.Sqlite;

namespace MedicalAi.Archive;

// How the queues are filled from the change log.
public sealed partial class SqliteForwardQueue
{
    /// <inheritdoc />
    public ValueTask<long> FollowAsync(CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) =>
        {
            connection.Execute("INSERT INTO forward_cursor (id, position) SELECT 1, coalesce(max(sequence), 0) FROM change_log WHERE true ON CONFLICT (id) DO NOTHING", transaction: transaction);
            return connection.ExecuteScalar<long>("SELECT position FROM forward_cursor", transaction: transaction);
        },
        cancellationToken);

    /// <inheritdoc />
    public async ValueTask UnfollowAsync(CancellationToken cancellationToken) =>
        await database.WriteAsync((connection, transaction) => connection.Execute("DELETE FROM forward_cursor", transaction: transaction), cancellationToken);

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<ForwardChange>> ReadChangesAsync(long after, int limit, CancellationToken cancellationToken)
    {
        using SqliteConnection connection = database.OpenReader();
        List<ForwardChange> changes = [];
        await using DbDataReader row = await connection.ExecuteReaderAsync(new CommandDefinition(
            """
            SELECT c.sequence, i.sop_instance_uid, i.protocol, i.calling_ae, c.study_uid
            FROM change_log c LEFT JOIN instances i ON c.kind = 'instance-stored' AND i.sop_instance_uid = c.sop_instance_uid
            WHERE c.sequence > @after AND (c.kind = 'study-stable' OR i.id IS NOT NULL) ORDER BY c.sequence LIMIT @limit
            """,
            new { after, limit },
            cancellationToken: cancellationToken));
        while (await row.ReadAsync(cancellationToken))
        {
            changes.Add(new ForwardChange(row.GetInt64(0), new DicomUid(row.GetString(4)), await row.IsDBNullAsync(1, cancellationToken) ? null : ReadArrived(row)));
        }

        return changes;
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<ArrivedInstance>> ListArrivedAsync(ForwardChange stable, long after, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stable);
        using SqliteConnection connection = database.OpenReader();
        List<ArrivedInstance> arrived = [];
        await using DbDataReader row = await connection.ExecuteReaderAsync(new CommandDefinition(
            """
            SELECT c.sequence, i.sop_instance_uid, i.protocol, i.calling_ae
            FROM change_log c JOIN instances i ON i.sop_instance_uid = c.sop_instance_uid
            WHERE c.study_uid = @study AND c.kind = 'instance-stored' AND c.sequence > @after AND c.sequence < @Sequence
                AND c.sequence > coalesce((SELECT max(sequence) FROM change_log WHERE study_uid = @study AND kind = 'study-stable' AND sequence < @Sequence), 0)
            ORDER BY c.sequence LIMIT @limit
            """,
            new { study = stable.Study.Value, stable.Sequence, after, limit },
            cancellationToken: cancellationToken));
        while (await row.ReadAsync(cancellationToken))
        {
            arrived.Add(ReadArrived(row));
        }

        return arrived;
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<NewForwardItem>?> EnqueueAsync(long from, long to, IReadOnlyList<NewForwardItem> items, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        long now = Now();
        return database.WriteAsync<IReadOnlyList<NewForwardItem>?>(
            (connection, transaction) =>
            {
                if (connection.Execute("UPDATE forward_cursor SET position = @to WHERE position = @from", new { from, to }, transaction) == 0)
                {
                    return null;
                }

                using SqliteStatement add = new(
                    connection,
                    transaction,
                    """
                    INSERT INTO forward_items (destination, rule, study_uid, sop_instance_uid, priority, state, available_at, queued_at)
                    VALUES (@0, @1, @2, @3, @4, 'queued', @5, @5) ON CONFLICT (destination, sop_instance_uid) DO NOTHING
                    """,
                    6);
                using SqliteStatement raise = new(connection, transaction, "UPDATE forward_items SET priority = @2 WHERE destination = @0 AND sop_instance_uid = @1 AND state = 'queued' AND priority < @2", 3);
                List<NewForwardItem> added = [];
                foreach (NewForwardItem item in items)
                {
                    if (add.Execute(item.Destination, item.Rule, item.Study.Value, item.SopInstance.Value, (int)item.Priority, now) > 0)
                    {
                        added.Add(item);
                    }
                    else
                    {
                        raise.Execute(item.Destination, item.SopInstance.Value, (int)item.Priority);
                    }
                }

                return added;
            },
            cancellationToken);
    }

    private static ArrivedInstance ReadArrived(DbDataReader row) =>
        new(row.GetInt64(0), new DicomUid(row.GetString(1)), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3));
}
