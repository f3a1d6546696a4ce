using Dapper;
using MedicalAi.Dicom;
using Microsoft.Data.Sqlite;

namespace MedicalAi.Archive;

/// <summary>One batch in one transaction. Studies and series are looked up once, their counts changed by one update each.</summary>
internal sealed class SqliteBatch : IDisposable
{
    private readonly IndexTransaction _running;
    private readonly SqliteConnection _connection;
    private readonly SqliteTransaction _transaction;
    private readonly long _now;
    private readonly long _stableAt;
    private readonly SqliteStatement _findDigest;
    private readonly SqliteStatement _addInstance;
    private readonly Dictionary<DicomUid, StudyState> _studies = [];

    /// <summary>Begins a batch; what is done once an instance is prepared once a batch.</summary>
    public SqliteBatch(IndexTransaction running, TimeSpan stability, DateTimeOffset now)
    {
        _running = running;
        SqliteConnection connection = _connection = (SqliteConnection)running.Connection;
        SqliteTransaction transaction = _transaction = (SqliteTransaction)running.Transaction;
        _now = now.ToColumn();
        _stableAt = (now + stability).ToColumn();
        _findDigest = new SqliteStatement(connection, transaction, "SELECT digest FROM instances WHERE sop_instance_uid = @0", 1);
        _addInstance = new SqliteStatement(
            connection,
            transaction,
            """
            INSERT INTO instances (series_id, sop_instance_uid, sop_class_uid, transfer_syntax_uid, digest, object_key, object_offset, object_length, data_set_offset,
                instance_number, number_of_frames, "rows", "columns", bits_allocated, content_date, content_time, metadata, bulk, warnings,
                received_at, protocol, calling_ae, called_ae, remote_address)
            VALUES (@0, @1, @2, @3, @4, @5, @6, @7, @8, @9, @10, @11, @12, @13, @14, @15, @16, @17, @18, @19, @20, @21, @22, @23)
            """,
            24);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _findDigest.Dispose();
        _addInstance.Dispose();
    }

    /// <summary>Enters the records in order.</summary>
    public async Task<CommitOutcome[]> RunAsync(IReadOnlyList<InstanceRecord> batch)
    {
        CommitOutcome[] outcomes = new CommitOutcome[batch.Count];
        for (int i = 0; i < batch.Count; i++)
        {
            outcomes[i] = Enter(batch[i]);
        }

        foreach ((DicomUid uid, StudyState study) in _studies)
        {
            _connection.Execute(
                """
                UPDATE studies SET number_of_series = number_of_series + @NewSeries, number_of_instances = number_of_instances + @NewInstances,
                    modalities = @Modalities, sop_classes = @SopClasses, revision = revision + @NewInstances, stable_at = @_stableAt, updated_at = @_now
                WHERE id = @Id
                """,
                new { study.NewSeries, study.NewInstances, study.Modalities, study.SopClasses, _stableAt, _now, study.Id },
                _transaction);
            foreach (SeriesState series in study.Series.Values)
            {
                _connection.Execute(
                    "UPDATE series SET number_of_instances = number_of_instances + @NewInstances, updated_at = @_now WHERE id = @Id",
                    new { series.NewInstances, _now, series.Id },
                    _transaction);
            }

            await StudyCompletion.InstancesCameAsync(_running, uid.Value, _now);
        }

        return outcomes;
    }

    private CommitOutcome Enter(InstanceRecord record)
    {
        string uid = record.Identity.SopInstance.Value;
        if (_findDigest.ExecuteScalar(uid) is byte[] digest)
        {
            return record.Digest.Span.SequenceEqual(digest) ? new CommitOutcome(IngestOutcome.AlreadyStored, []) : Quarantine(record);
        }

        StudyState study = FindOrAddStudy(record);
        SeriesState series = FindOrAddSeries(study, record);
        List<string> warnings = study.Compare(record.Columns);
        InstanceColumns columns = record.Columns;
        UploadOrigin origin = record.Origin;
        _addInstance.Execute(
            series.Id,
            uid,
            record.Identity.SopClass.Value,
            record.TransferSyntax.Uid.Value,
            record.Digest.ToArray(),
            record.File.Key.Value,
            record.File.Offset,
            record.File.Length,
            record.DataSetOffset,
            columns.InstanceNumber,
            columns.NumberOfFrames,
            columns.Rows,
            columns.Columns,
            columns.BitsAllocated,
            columns.ContentDate,
            columns.ContentTime,
            record.Metadata.ToArray(),
            record.Bulk.ToArray(),
            warnings.Count == 0 ? null : string.Join('\n', warnings),
            record.ReceivedAt.ToColumn(),
            origin.Protocol,
            origin.CallingAe,
            origin.CalledAe,
            origin.RemoteAddress);
        study.Add(record);
        series.NewInstances++;
        Log("instance-stored", record.Identity);
        return new CommitOutcome(IngestOutcome.Stored, warnings);
    }

    private CommitOutcome Quarantine(InstanceRecord record)
    {
        int added = _connection.Execute(
            """
            INSERT INTO quarantine (sop_instance_uid, study_uid, series_uid, sop_class_uid, transfer_syntax_uid, digest, object_key, object_length, data_set_offset,
                received_at, protocol, calling_ae, called_ae, remote_address)
            VALUES (@uid, @study, @series, @sopClass, @syntax, @digest, @key, @length, @DataSetOffset, @receivedAt, @Protocol, @CallingAe, @CalledAe, @RemoteAddress)
            ON CONFLICT (sop_instance_uid, digest) DO NOTHING
            """,
            new
            {
                uid = record.Identity.SopInstance.Value,
                study = record.Identity.Study.Value,
                series = record.Identity.Series.Value,
                sopClass = record.Identity.SopClass.Value,
                syntax = record.TransferSyntax.Uid.Value,
                digest = record.Digest.ToArray(),
                key = record.File.Key.Value,
                length = record.File.Length,
                record.DataSetOffset,
                receivedAt = record.ReceivedAt.ToColumn(),
                record.Origin.Protocol,
                record.Origin.CallingAe,
                record.Origin.CalledAe,
                record.Origin.RemoteAddress,
            },
            _transaction);
        if (added > 0)
        {
            Log("instance-quarantined", record.Identity);
        }

        return new CommitOutcome(IngestOutcome.Quarantined, []);
    }

    private StudyState FindOrAddStudy(InstanceRecord record)
    {
        DicomUid uid = record.Identity.Study;
        if (_studies.TryGetValue(uid, out StudyState? known))
        {
            return known;
        }

        const string Find = "SELECT id, patient_id, patient_name, patient_birth_date, modalities, sop_classes FROM studies WHERE study_uid = @uid";
        StudyState? study = _connection.QueryFirstOrDefault<StudyState>(Find, new { uid = uid.Value }, _transaction);
        if (study is null)
        {
            AddStudy(record);
            study = _connection.QueryFirst<StudyState>(Find, new { uid = uid.Value }, _transaction);
            AddWords(study.Id, DicomTags.PatientName, record.Columns.PatientName);
            AddWords(study.Id, DicomTags.ReferringPhysicianName, record.Columns.ReferringPhysicianName);
        }

        _studies.Add(uid, study);
        return study;
    }

    private void AddStudy(InstanceRecord record)
    {
        InstanceColumns c = record.Columns;
        NormalizedName name = NormalizedName.Parse(c.PatientName);
        NormalizedName referring = NormalizedName.Parse(c.ReferringPhysicianName);
        _connection.Execute(
            """
            INSERT INTO studies (study_uid, patient_key, patient_id, issuer_of_patient_id, patient_name, patient_name_alphabetic, patient_name_ideographic, patient_name_phonetic,
                patient_birth_date, patient_sex, study_date, study_time, accession_number, study_id, study_description, referring_physician_name,
                referring_physician_name_alphabetic, referring_physician_name_ideographic, referring_physician_name_phonetic, attributes, created_at, updated_at)
            VALUES (@uid, @patient, @PatientId, @IssuerOfPatientId, @PatientName, @alphabetic, @ideographic, @phonetic,
                @PatientBirthDate, @PatientSex, @StudyDate, @StudyTime, @AccessionNumber, @StudyId, @StudyDescription, @ReferringPhysicianName,
                @referringAlphabetic, @referringIdeographic, @referringPhonetic, @attributes, @_now, @_now)
            """,
            new
            {
                uid = record.Identity.Study.Value,
                patient = PatientKey.Of(c.PatientId, c.IssuerOfPatientId, c.PatientName, c.PatientBirthDate, c.PatientSex),
                c.PatientId,
                c.IssuerOfPatientId,
                c.PatientName,
                alphabetic = name.Alphabetic,
                ideographic = name.Ideographic,
                phonetic = name.Phonetic,
                c.PatientBirthDate,
                c.PatientSex,
                c.StudyDate,
                c.StudyTime,
                c.AccessionNumber,
                c.StudyId,
                c.StudyDescription,
                c.ReferringPhysicianName,
                referringAlphabetic = referring.Alphabetic,
                referringIdeographic = referring.Ideographic,
                referringPhonetic = referring.Phonetic,
                attributes = System.Text.Encoding.UTF8.GetString(record.StudyAttributes.Span),
                _now,
            },
            _transaction);
    }

    private void AddWords(long study, DicomTag attribute, string? name) => _connection.Execute(
        "INSERT INTO name_words (word, attribute, study_id) VALUES (@word, @attribute, @study)",
        NormalizedName.Parse(name).Words.Select(word => new { word, attribute = attribute.ToHex(), study }),
        _transaction);

    private SeriesState FindOrAddSeries(StudyState study, InstanceRecord record)
    {
        DicomUid uid = record.Identity.Series;
        if (study.Series.TryGetValue(uid, out SeriesState? known))
        {
            return known;
        }

        InstanceColumns c = record.Columns;
        long? id = _connection.ExecuteScalar<long?>("SELECT id FROM series WHERE study_id = @Id AND series_uid = @uid", new { study.Id, uid = uid.Value }, _transaction);
        if (id is null)
        {
            id = _connection.ExecuteScalar<long>(
                """
                INSERT INTO series (study_id, series_uid, modality, series_number, series_description, body_part_examined,
                    series_date, series_time, pps_start_date, pps_start_time, attributes, created_at, updated_at)
                VALUES (@Id, @uid, @Modality, @SeriesNumber, @SeriesDescription, @BodyPartExamined,
                    @SeriesDate, @SeriesTime, @PerformedProcedureStepStartDate, @PerformedProcedureStepStartTime, @attributes, @_now, @_now)
                RETURNING id
                """,
                new
                {
                    study.Id,
                    uid = uid.Value,
                    c.Modality,
                    c.SeriesNumber,
                    c.SeriesDescription,
                    c.BodyPartExamined,
                    c.SeriesDate,
                    c.SeriesTime,
                    c.PerformedProcedureStepStartDate,
                    c.PerformedProcedureStepStartTime,
                    attributes = System.Text.Encoding.UTF8.GetString(record.SeriesAttributes.Span),
                    _now,
                },
                _transaction);
            study.NewSeries++;
        }

        SeriesState series = new(id.Value);
        study.Series.Add(uid, series);
        return series;
    }

    private void Log(string kind, InstanceIdentity identity) =>
        _running.Log(new IndexTransaction.Change(kind, identity.Study.Value, _now, identity.Series.Value, identity.SopInstance.Value));

    private sealed class SeriesState(long id)
    {
        public long Id { get; } = id;

        public int NewInstances { get; set; }
    }

    private sealed class StudyState(long id, string? patient_id, string? patient_name, string? patient_birth_date, string modalities, string sop_classes)
        : StudyGathering(patient_id, patient_name, patient_birth_date, modalities, sop_classes)
    {
        public long Id { get; } = id;

        public Dictionary<DicomUid, SeriesState> Series { get; } = [];
    }
}
