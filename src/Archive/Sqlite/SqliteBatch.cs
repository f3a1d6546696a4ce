using Dapper;
using MedicalAi.Dicom;
using Microsoft.Data.Sqlite;

namespace MedicalAi.Archive;

/// <summary>One batch in one transaction. Studies and series are looked up once, their counts changed by one update each.</summary>
internal sealed class SqliteBatch
{
    private readonly IndexTransaction _running;
    private readonly SqliteConnection _connection;
    private readonly SqliteTransaction _transaction;
    private readonly long _now;
    private readonly long _stableAt;
    private readonly SqliteStatements _statements;
    private readonly Dictionary<DicomUid, StudyState> _studies = [];

    /// <summary>Begins a batch.</summary>
    public SqliteBatch(IndexTransaction running, SqliteStatements statements, TimeSpan stability, DateTimeOffset now)
    {
        _running = running;
        _statements = statements;
        _connection = (SqliteConnection)running.Connection;
        _transaction = (SqliteTransaction)running.Transaction;
        _now = now.ToColumn();
        _stableAt = (now + stability).ToColumn();
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
            _statements.UpdateStudy.Execute(_transaction, study.NewSeries, study.NewInstances, study.Modalities, study.SopClasses, _stableAt, _now, study.Id);
            foreach (SeriesState series in study.Series.Values)
            {
                _statements.UpdateSeries.Execute(_transaction, series.NewInstances, _now, series.Id);
            }

            if (_statements.IsAwaited.ExecuteScalar(_transaction, uid.Value) is 1L)
            {
                await StudyCompletion.InstancesCameAsync(_running, uid.Value, _now);
            }
        }

        return outcomes;
    }

    private CommitOutcome Enter(InstanceRecord record)
    {
        string uid = record.Identity.SopInstance.Value;
        if (_statements.FindDigest.ExecuteScalar(_transaction, uid) is byte[] digest)
        {
            return record.Digest.Span.SequenceEqual(digest) ? new CommitOutcome(IngestOutcome.AlreadyStored, []) : Quarantine(record);
        }

        StudyState study = FindOrAddStudy(record);
        SeriesState series = FindOrAddSeries(study, record);
        List<string> warnings = study.Compare(record.Columns);
        InstanceColumns columns = record.Columns;
        UploadOrigin origin = record.Origin;
        _statements.AddInstance.Execute(
            _transaction,
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

        StudyState? study = FindStudy(uid);
        if (study is null)
        {
            AddStudy(record);
            study = FindStudy(uid)!;
            AddWords(study.Id, DicomTags.PatientName, record.Columns.PatientName);
            AddWords(study.Id, DicomTags.ReferringPhysicianName, record.Columns.ReferringPhysicianName);
        }

        _studies.Add(uid, study);
        return study;
    }

    private StudyState? FindStudy(DicomUid uid) => _statements.FindStudy.ExecuteRow(
        _transaction,
        row => new StudyState(row.GetInt64(0), Text(row, 1), Text(row, 2), Text(row, 3), row.GetString(4), row.GetString(5)),
        uid.Value);

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

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
        long? id = (long?)_statements.FindSeries.ExecuteScalar(_transaction, study.Id, uid.Value);
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
