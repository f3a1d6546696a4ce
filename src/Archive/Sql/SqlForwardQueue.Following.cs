using System.Data;
using System.Data.Common;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

// How the queues are filled from the change log.
public sealed partial class SqlForwardQueue
{
    /// <inheritdoc />
    public ValueTask<long> FollowAsync(CancellationToken cancellationToken) => database.WriteAsync(
        async transaction =>
        {
            await transaction.ExecuteAsync("INSERT INTO forward_cursor (id, position) SELECT 1, coalesce(max(sequence), 0) FROM change_log WHERE true ON CONFLICT (id) DO NOTHING");
            return await transaction.ScalarAsync<long>("SELECT position FROM forward_cursor");
        },
        cancellationToken);

    /// <inheritdoc />
    public async ValueTask UnfollowAsync(CancellationToken cancellationToken) =>
        await database.WriteAsync(async transaction => await transaction.ExecuteAsync("DELETE FROM forward_cursor"), cancellationToken);

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<ForwardChange>> ReadChangesAsync(long after, int limit, CancellationToken cancellationToken)
    {
        return await database.ReadRowsAsync(
            """
            SELECT c.sequence, i.sop_instance_uid, i.protocol, i.calling_ae, c.study_uid
            FROM change_log c LEFT JOIN instances i ON c.kind = 'instance-stored' AND i.sop_instance_uid = c.sop_instance_uid
            WHERE c.sequence > @after AND (c.kind = 'study-stable' OR i.id IS NOT NULL) ORDER BY c.sequence LIMIT @limit
            """,
            new { after, limit },
            row => new ForwardChange(row.GetInt64(0), new DicomUid(row.GetString(4)), row.IsDBNull(1) ? null : ReadArrived(row)),
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<ArrivedInstance>> ListArrivedAsync(ForwardChange stable, long after, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stable);
        return await database.ReadRowsAsync(
            """
            SELECT c.sequence, i.sop_instance_uid, i.protocol, i.calling_ae
            FROM change_log c JOIN instances i ON i.sop_instance_uid = c.sop_instance_uid
            WHERE c.study_uid = @study AND c.kind = 'instance-stored' AND c.sequence > @after AND c.sequence < @Sequence
                AND c.sequence > coalesce((SELECT max(sequence) FROM change_log WHERE study_uid = @study AND kind = 'study-stable' AND sequence < @Sequence), 0)
            ORDER BY c.sequence LIMIT @limit
            """,
            new { study = stable.Study.Value, stable.Sequence, after, limit },
            ReadArrived,
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<NewForwardItem>?> EnqueueAsync(long from, long to, IReadOnlyList<NewForwardItem> items, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        long now = Now();
        return database.WriteAsync<IReadOnlyList<NewForwardItem>?>(
            async transaction =>
            {
                if (await transaction.ExecuteAsync("UPDATE forward_cursor SET position = @to WHERE position = @from", new { from, to }) == 0)
                {
                    return null;
                }

                using SqlStatement add = new(
                    transaction,
                    """
                    INSERT INTO forward_items (destination, rule, study_uid, sop_instance_uid, priority, state, available_at, queued_at)
                    VALUES (@p0, @p1, @p2, @p3, @p4, 'queued', @p5, @p5) ON CONFLICT (destination, sop_instance_uid) DO NOTHING
                    """,
                    DbType.String, DbType.String, DbType.String, DbType.String, DbType.Int64, DbType.Int64);
                using SqlStatement raise = new(
                    transaction,
                    "UPDATE forward_items SET priority = @p2 WHERE destination = @p0 AND sop_instance_uid = @p1 AND state = 'queued' AND priority < @p2",
                    DbType.String, DbType.String, DbType.Int64);
                List<NewForwardItem> added = [];
                foreach (NewForwardItem item in items)
                {
                    if (await add.ExecuteAsync(item.Destination, item.Rule, item.Study.Value, item.SopInstance.Value, (long)item.Priority, now) > 0)
                    {
                        added.Add(item);
                    }
                    else
                    {
                        await raise.ExecuteAsync(item.Destination, item.SopInstance.Value, (long)item.Priority);
                    }
                }

                return added;
            },
            cancellationToken);
    }

    private static ArrivedInstance ReadArrived(DbDataReader row) =>
        new(row.GetInt64(0), new DicomUid(row.GetString(1)), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3));
}
