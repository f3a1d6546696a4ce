using Microsoft.Data.Sqlite;

namespace MedicalAi.Archive;

/// <summary>What every batch runs on the writer connection, prepared once for all batches.</summary>
/// <param name="connection">The writer connection.</param>
internal sealed class SqliteStatements(SqliteConnection connection) : IDisposable
{
    /// <summary>The digest of an instance: its UID.</summary>
    public SqliteStatement FindDigest { get; } = new(connection, "SELECT digest FROM instances WHERE sop_instance_uid = @0", 1);

    /// <summary>A study: its UID.</summary>
    public SqliteStatement FindStudy { get; } = new(connection, "SELECT id, patient_id, patient_name, patient_birth_date, modalities, sop_classes FROM studies WHERE study_uid = @0", 1);

    /// <summary>The number of a series: that of its study, its UID.</summary>
    public SqliteStatement FindSeries { get; } = new(connection, "SELECT id FROM series WHERE study_id = @0 AND series_uid = @1", 2);

    /// <summary>A new instance.</summary>
    public SqliteStatement AddInstance { get; } = new(
        connection,
        """
        INSERT INTO instances (series_id, sop_instance_uid, sop_class_uid, transfer_syntax_uid, digest, object_key, object_offset, object_length, data_set_offset,
            instance_number, number_of_frames, "rows", "columns", bits_allocated, content_date, content_time, metadata, bulk, warnings,
            received_at, protocol, calling_ae, called_ae, remote_address)
        VALUES (@0, @1, @2, @3, @4, @5, @6, @7, @8, @9, @10, @11, @12, @13, @14, @15, @16, @17, @18, @19, @20, @21, @22, @23)
        """,
        24);

    /// <summary>What a batch adds to a study: series, instances, modalities, SOP classes, when it is stable, now, its number.</summary>
    public SqliteStatement UpdateStudy { get; } = new(
        connection,
        """
        UPDATE studies SET number_of_series = number_of_series + @0, number_of_instances = number_of_instances + @1,
            modalities = @2, sop_classes = @3, revision = revision + @1, stable_at = @4, updated_at = @5
        WHERE id = @6
        """,
        7);

    /// <summary>What a batch adds to a series: instances, now, its number.</summary>
    public SqliteStatement UpdateSeries { get; } = new(connection, "UPDATE series SET number_of_instances = number_of_instances + @0, updated_at = @1 WHERE id = @2", 3);

    /// <summary>Whether a study is held, or instances of it were named that have not come: its UID.</summary>
    public SqliteStatement IsAwaited { get; } = new(
        connection, "SELECT EXISTS (SELECT 1 FROM study_holds WHERE study_uid = @0) OR EXISTS (SELECT 1 FROM study_expectations WHERE study_uid = @0)", 1);

    /// <summary>A row of the change log.</summary>
    public SqliteStatement AddChange { get; } = new(connection, "INSERT INTO change_log (kind, study_uid, series_uid, sop_instance_uid, task_id, at) VALUES (@0, @1, @2, @3, @4, @5)", 6);

    /// <inheritdoc />
    public void Dispose()
    {
        FindDigest.Dispose();
        FindStudy.Dispose();
        FindSeries.Dispose();
        AddInstance.Dispose();
        UpdateStudy.Dispose();
        UpdateSeries.Dispose();
        IsAwaited.Dispose();
        AddChange.Dispose();
    }
}
