using System.Data.Common;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

// What follows the instances: stability, the change log, quarantine, counts.
public sealed partial class SqlStudyIndex
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
        foreach ((long at, SeriesSnapshot of, InstanceSnapshot instance) in await database.ReadRowsAsync(statement, new { uid = study.Value }, Read, cancellationToken))
        {
            revision = at;
            if (all.Count == 0 || all[^1].Series != of.Series)
            {
                all.Add(of with { Instances = new List<InstanceSnapshot>() });
            }

            ((List<InstanceSnapshot>)all[^1].Instances).Add(instance);
        }

        if (all.Count == 0)
        {
            return null;
        }

        return new StudySnapshot(study, revision, all) { Order = await SqlProcedureIndex.FindOrderAsync(database, study, cancellationToken) };

        (long Revision, SeriesSnapshot Series, InstanceSnapshot Instance) Read(DbDataReader row)
        {
            DicomUid series = new(row.GetString(1));
            return (row.GetInt64(0), new SeriesSnapshot(series, GetText(row, 2), GetText(row, 3), GetText(row, 4), []), new InstanceSnapshot(ReadInstance(row, study, series, 5), (byte[])row.GetValue(21)));
        }
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<DicomUid>> FindStableStudiesAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        IEnumerable<string> uids = await database.ReadTuplesAsync<string>("SELECT study_uid FROM studies WHERE stable_at <= @now ORDER BY stable_at LIMIT @limit", new { now = now.ToColumn(), limit }, cancellationToken);
        return [.. uids.Select(uid => new DicomUid(uid))];
    }

    /// <inheritdoc />
    public async ValueTask<DateTimeOffset?> FindNextStableTimeAsync(CancellationToken cancellationToken) =>
        Timestamps.FromColumn(await database.ReadScalarAsync<long?>("SELECT min(stable_at) FROM studies WHERE stable_at IS NOT NULL", null, cancellationToken));

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<ChangeRow>> ReadChangesAsync(long after, int limit, CancellationToken cancellationToken)
    {
        const string Statement = "SELECT sequence, kind, study_uid, series_uid, sop_instance_uid, task_id, at FROM change_log WHERE sequence > @after ORDER BY sequence LIMIT @limit";
        return await database.ReadRowsAsync(
            Statement,
            new { after, limit },
            row => new ChangeRow(
                row.GetInt64(0),
                row.GetString(1),
                new DicomUid(row.GetString(2)),
                GetText(row, 3) is { } series ? new DicomUid(series) : null,
                GetText(row, 4) is { } instance ? new DicomUid(instance) : null,
                GetText(row, 5) is { } task ? Guid.Parse(task) : null,
                Timestamps.FromColumn(row.GetInt64(6))),
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<long> FindLastChangeAsync(CancellationToken cancellationToken) =>
        await database.ReadScalarAsync<long?>("SELECT max(sequence) FROM change_log", null, cancellationToken) ?? 0;

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<QuarantineRow>> ListQuarantineAsync(int limit, int offset, CancellationToken cancellationToken)
    {
        const string Statement = """
            SELECT id, sop_class_uid, study_uid, series_uid, sop_instance_uid, transfer_syntax_uid, digest, object_key, object_length, data_set_offset,
                received_at, protocol, calling_ae, called_ae, remote_address
            FROM quarantine ORDER BY id DESC LIMIT @limit OFFSET @offset
            """;
        return await database.ReadRowsAsync(
            Statement,
            new { limit = Math.Clamp(limit, 0, 1000), offset = Math.Max(0, offset) },
            row => new QuarantineRow(
                row.GetInt64(0),
                new InstanceIdentity(new DicomUid(row.GetString(1)), new DicomUid(row.GetString(2)), new DicomUid(row.GetString(3)), new DicomUid(row.GetString(4))),
                ReadSyntax(row, 5),
                (byte[])row.GetValue(6),
                new ObjectLocation(new ObjectKey(row.GetString(7)), 0, row.GetInt64(8)),
                row.GetInt64(9),
                Timestamps.FromColumn(row.GetInt64(10)),
                new UploadOrigin(row.GetString(11), GetText(row, 12), GetText(row, 13), GetText(row, 14))),
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<bool> IsReferencedAsync(ObjectKey key, CancellationToken cancellationToken) => database.ReadScalarAsync<bool>(
        "SELECT EXISTS (SELECT 1 FROM instances WHERE object_key = @key) OR EXISTS (SELECT 1 FROM quarantine WHERE object_key = @key)", new { key = key.Value }, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<IndexCounts> CountAllAsync(CancellationToken cancellationToken)
    {
        // By the counts that are kept with the studies: counting instances one by one takes long where there are many.
        const string Statement = """
            SELECT count(*), CAST(coalesce(sum(number_of_series), 0) AS BIGINT), CAST(coalesce(sum(number_of_instances), 0) AS BIGINT), (SELECT count(*) FROM quarantine) FROM studies
            """;
        return (await database.ReadRowsAsync(Statement, null, row => new IndexCounts(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)), cancellationToken))[0];
    }
}
