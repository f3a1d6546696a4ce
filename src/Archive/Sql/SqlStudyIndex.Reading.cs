using System.Data.Common;
using System.Text;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

public sealed partial class SqlStudyIndex
{
    private const string StudyColumns = "st.study_uid, st.number_of_series, st.number_of_instances, st.modalities, st.sop_classes, st.attributes, st.revision, st.updated_at";
    private const string SeriesColumns = "se.series_uid, se.modality, se.number_of_instances, se.attributes, se.updated_at";
    private const string InstanceColumnList = "i.id, i.sop_class_uid, i.sop_instance_uid, i.transfer_syntax_uid, i.digest, i.object_key, i.object_offset, i.object_length, i.data_set_offset, i.instance_number, i.number_of_frames, i.\"rows\", i.\"columns\", i.bits_allocated, i.received_at, i.protocol";
    private const string SeriesJoin = "studies st JOIN series se ON se.study_id = st.id";
    private const string InstanceJoin = SeriesJoin + " JOIN instances i ON i.series_id = se.id";
    private const string InstanceOrder = "se.id, i.instance_number NULLS FIRST, i.sop_instance_uid";
    private const string SelectInstances = "SELECT st.study_uid, se.series_uid, " + InstanceColumnList + " FROM " + InstanceJoin;

    /// <inheritdoc />
    public ValueTask<bool> IsAvailableAsync(CancellationToken cancellationToken) => database.IsAvailableAsync(cancellationToken);

    /// <inheritdoc />
    public async ValueTask<IReadOnlyDictionary<DicomUid, ReadOnlyMemory<byte>>> FindDigestsAsync(IReadOnlyCollection<DicomUid> sopInstances, CancellationToken cancellationToken)
    {
        object list = database.Dialect.List([.. sopInstances.Select(uid => uid.Value)]);
        List<(DicomUid Uid, byte[] Digest)> rows = await database.ReadRowsAsync(
            $"SELECT sop_instance_uid, digest FROM instances WHERE {database.Dialect.IsIn("sop_instance_uid", "@list")}", new { list }, row => (new DicomUid(row.GetString(0)), (byte[])row.GetValue(1)), cancellationToken);
        return rows.ToDictionary(row => row.Uid, row => new ReadOnlyMemory<byte>(row.Digest));
    }

    /// <inheritdoc />
    public async ValueTask<StudyRow?> FindStudyAsync(DicomUid study, CancellationToken cancellationToken) =>
        (await database.ReadRowsAsync($"SELECT {StudyColumns} FROM studies st WHERE st.study_uid = @uid", new { uid = study.Value }, ReadStudy, cancellationToken)).FirstOrDefault();

    /// <inheritdoc />
    public async ValueTask<InstanceRow?> FindInstanceAsync(DicomUid sopInstance, CancellationToken cancellationToken) =>
        (await database.ReadRowsAsync($"{SelectInstances} WHERE i.sop_instance_uid = @uid", new { uid = sopInstance.Value }, ReadListed, cancellationToken)).FirstOrDefault();

    /// <inheritdoc />
    public async ValueTask<BulkMap?> FindBulkMapAsync(DicomUid sopInstance, CancellationToken cancellationToken) =>
        await database.ReadScalarAsync<byte[]?>("SELECT bulk FROM instances WHERE sop_instance_uid = @uid", new { uid = sopInstance.Value }, cancellationToken) is { } bytes ? BulkMap.Read(bytes) : null;

    private static string? GetText(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static TransferSyntax ReadSyntax(DbDataReader row, int column) =>
        TransferSyntax.Find(new DicomUid(row.GetString(column))) ?? throw new InvalidDataException("The index names a transfer syntax that is not known.");

    private static StudyRow ReadStudy(DbDataReader row) => new(
        new DicomUid(row.GetString(0)),
        row.GetInt32(1),
        row.GetInt32(2),
        row.GetString(3).Split('\\', StringSplitOptions.RemoveEmptyEntries),
        row.GetString(4).Split('\\', StringSplitOptions.RemoveEmptyEntries),
        Encoding.UTF8.GetBytes(row.GetString(5)),
        row.GetInt64(6),
        Timestamps.FromColumn(row.GetInt64(7)));

    private static SeriesRow ReadSeries(DbDataReader row, DicomUid study, int at) => new(
        study,
        new DicomUid(row.GetString(at)),
        GetText(row, at + 1),
        row.GetInt32(at + 2),
        Encoding.UTF8.GetBytes(row.GetString(at + 3)),
        Timestamps.FromColumn(row.GetInt64(at + 4)));

    private static InstanceRow ReadInstance(DbDataReader row, DicomUid study, DicomUid series, int at) => new()
    {
        Id = row.GetInt64(at),
        Identity = new InstanceIdentity(new DicomUid(row.GetString(at + 1)), study, series, new DicomUid(row.GetString(at + 2))),
        TransferSyntax = ReadSyntax(row, at + 3),
        Digest = (byte[])row.GetValue(at + 4),
        File = new ObjectLocation(new ObjectKey(row.GetString(at + 5)), row.GetInt64(at + 6), row.GetInt64(at + 7)),
        DataSetOffset = row.GetInt64(at + 8),
        InstanceNumber = row.IsDBNull(at + 9) ? null : row.GetInt64(at + 9),
        NumberOfFrames = row.IsDBNull(at + 10) ? null : row.GetInt32(at + 10),
        Rows = row.IsDBNull(at + 11) ? null : row.GetInt32(at + 11),
        Columns = row.IsDBNull(at + 12) ? null : row.GetInt32(at + 12),
        BitsAllocated = row.IsDBNull(at + 13) ? null : row.GetInt32(at + 13),
        ReceivedAt = Timestamps.FromColumn(row.GetInt64(at + 14)),
        Protocol = row.GetString(at + 15),
    };
}
