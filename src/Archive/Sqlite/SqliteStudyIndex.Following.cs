using System.Data.Common;
using Dapper;
using MedicalAi.Dicom;
using Microsoft.Data.Sqlite;

namespace MedicalAi.Archive;

// What follows the instances: stability, the change log, quarantine, counts.
public sealed partial class SqliteStudyIndex
{
    /// <inheritdoc />
    public async ValueTask<StudySnapshot?> ReadSnapshotAsync(DicomUid study, CancellationToken cancellationToken)
    {
        long revision = 0;
        List<SeriesSnapshot> all = [];
        string statement = $"""
            SELECT st.revision, se.series_uid, se.modality, se.body_part_examined, se.series_description, {InstanceColumnList}, i.metadata
            FROM {InstanceJoin} WHERE st.study_uid = @uid ORDER BY {InstanceOrder}
            """;
        await foreach (DbDataReader row in ReadAsync(statement, new { uid = study.Value }, cancellationToken))
        {
            revision = row.GetInt64(0);
            DicomUid series = new(row.GetString(1));
            if (all.Count == 0 || all[^1].Series != series)
            {
                all.Add(new SeriesSnapshot(series, GetText(row, 2), GetText(row, 3), GetText(row, 4), new List<InstanceSnapshot>()));
            }

            ((List<InstanceSnapshot>)all[^1].Instances).Add(new InstanceSnapshot(ReadInstance(row, study, series, 5), (byte[])row.GetValue(21)));
        }

        if (all.Count == 0)
        {
            return null;
        }

        using SqliteConnection connection = database.OpenReader();
        return new StudySnapshot(study, revision, all) { Order = await SqliteProcedureIndex.FindOrderAsync(connection, study, cancellationToken) };
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<DicomUid>> FindStableStudiesAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        using SqliteConnection connection = database.OpenReader();
        IEnumerable<string> uids = await connection.QueryAsync<string>(new CommandDefinition("SELECT study_uid FROM studies WHERE stable_at <= @now ORDER BY stable_at LIMIT @limit", new { now = now.ToColumn(), limit }, cancellationToken: cancellationToken));
        return [.. uids.Select(uid => new DicomUid(uid))];
    }

    /// <inheritdoc />
    public async ValueTask<DateTimeOffset?> FindNextStableTimeAsync(CancellationToken cancellationToken)
    {
        using SqliteConnection connection = database.OpenReader();
        return Timestamps.FromColumn(await connection.ExecuteScalarAsync<long?>(new CommandDefinition("SELECT min(stable_at) FROM studies WHERE stable_at IS NOT NULL", cancellationToken: cancellationToken)));
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<ChangeRow>> ReadChangesAsync(long after, int limit, CancellationToken cancellationToken)
    {
        List<ChangeRow> rows = [];
        await foreach (DbDataReader row in ReadAsync("SELECT sequence, kind, study_uid, series_uid, sop_instance_uid, task_id, at FROM change_log WHERE sequence > @after ORDER BY sequence LIMIT @limit", new { after, limit }, cancellationToken))
        {
            rows.Add(new ChangeRow(
                row.GetInt64(0),
                row.GetString(1),
                new DicomUid(row.GetString(2)),
                GetText(row, 3) is { } series ? new DicomUid(series) : null,
                GetText(row, 4) is { } instance ? new DicomUid(instance) : null,
                GetText(row, 5) is { } task ? Guid.Parse(task) : null,
                Timestamps.FromColumn(row.GetInt64(6))));
        }

        return rows;
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<QuarantineRow>> ListQuarantineAsync(int limit, int offset, CancellationToken cancellationToken)
    {
        const string Statement = """
            SELECT id, sop_class_uid, study_uid, series_uid, sop_instance_uid, transfer_syntax_uid, digest, object_key, object_length, data_set_offset,
                received_at, protocol, calling_ae, called_ae, remote_address
            FROM quarantine ORDER BY id DESC LIMIT @limit OFFSET @offset
            """;
        List<QuarantineRow> rows = [];
        await foreach (DbDataReader row in ReadAsync(Statement, new { limit = Math.Clamp(limit, 0, 1000), offset = Math.Max(0, offset) }, cancellationToken))
        {
            rows.Add(new QuarantineRow(
                row.GetInt64(0),
                new InstanceIdentity(new DicomUid(row.GetString(1)), new DicomUid(row.GetString(2)), new DicomUid(row.GetString(3)), new DicomUid(row.GetString(4))),
                ReadSyntax(row, 5),
                (byte[])row.GetValue(6),
                new ObjectLocation(new ObjectKey(row.GetString(7)), 0, row.GetInt64(8)),
                row.GetInt64(9),
                Timestamps.FromColumn(row.GetInt64(10)),
                new UploadOrigin(row.GetString(11), GetText(row, 12), GetText(row, 13), GetText(row, 14))));
        }

        return rows;
    }

    /// <inheritdoc />
    public async ValueTask<bool> IsReferencedAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        using SqliteConnection connection = database.OpenReader();
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT 1 FROM instances WHERE object_key = @key) OR EXISTS (SELECT 1 FROM quarantine WHERE object_key = @key)", new { key = key.Value }, cancellationToken: cancellationToken));
    }

    /// <inheritdoc />
    public async ValueTask<IndexCounts> CountAllAsync(CancellationToken cancellationToken)
    {
        await foreach (DbDataReader row in ReadAsync("SELECT (SELECT count(*) FROM studies), (SELECT count(*) FROM series), (SELECT count(*) FROM instances), (SELECT count(*) FROM quarantine)", new { }, cancellationToken))
        {
            return new IndexCounts(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3));
        }

        return default;
    }
}
