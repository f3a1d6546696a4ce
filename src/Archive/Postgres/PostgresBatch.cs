using System.Security.Cryptography;
using System.Text;
using MedicalAi.Dicom;
using Npgsql;
using NpgsqlTypes;

namespace MedicalAi.Archive;

/// <summary>
/// One batch in one transaction, in as few turns as there are levels: what is there is looked up at once for all records, and what is new of a level goes in by one statement
/// whose parameters are arrays. The studies are locked from the beginning; where another process has entered the same first, the unique keys say so, and the batch is
/// done again from the beginning.
/// </summary>
internal sealed class PostgresBatch(IndexTransaction running, TimeSpan stability, DateTimeOffset now)
{
    private const int LongestWord = 128;
    private const int LongestKey = 256;
    private readonly NpgsqlConnection _connection = (NpgsqlConnection)running.Connection;
    private readonly NpgsqlTransaction _transaction = (NpgsqlTransaction)running.Transaction;
    private readonly long _now = now.ToColumn();
    private readonly long _stableAt = (now + stability).ToColumn();
    private readonly Dictionary<string, byte[]> _digests = [];
    private readonly Dictionary<string, Study> _studies = [];
    private readonly HashSet<string> _expecting = [];
    private readonly Dictionary<string, long> _holds = [];

    /// <summary>Enters the records in order.</summary>
    public async Task<CommitOutcome[]> RunAsync(IReadOnlyList<InstanceRecord> batch)
    {
        await FindAsync(batch);
        CommitOutcome[] outcomes = new CommitOutcome[batch.Count];
        List<Instance> instances = [];
        List<InstanceRecord> aside = [];
        for (int i = 0; i < batch.Count; i++)
        {
            InstanceRecord record = batch[i];
            if (_digests.TryGetValue(record.Identity.SopInstance.Value, out byte[]? digest))
            {
                bool isSame = record.Digest.Span.SequenceEqual(digest);
                outcomes[i] = new CommitOutcome(isSame ? IngestOutcome.AlreadyStored : IngestOutcome.Quarantined, []);
                if (!isSame)
                {
                    aside.Add(record);
                }
            }
            else
            {
                _digests.Add(record.Identity.SopInstance.Value, record.Digest.ToArray());
                instances.Add(Place(record));
                outcomes[i] = new CommitOutcome(IngestOutcome.Stored, instances[^1].Warnings);
            }
        }

        await AddStudiesAsync([.. _studies.Values.Where(study => study.Id == 0)]);
        await AddSeriesAsync([.. _studies.Values.SelectMany(study => study.Series.Values).Where(series => series.Id == 0)]);
        HashSet<(string Uid, string Digest)> added = await AddInstancesAsync(instances, aside);

        // The log tells in the order of the batch.
        foreach ((InstanceRecord record, IngestOutcome outcome) in batch.Zip(outcomes, (record, outcome) => (record, outcome.Outcome)))
        {
            if (outcome == IngestOutcome.Stored || (outcome == IngestOutcome.Quarantined && added.Remove((record.Identity.SopInstance.Value, Convert.ToHexString(record.Digest.Span)))))
            {
                InstanceIdentity identity = record.Identity;
                running.Log(new IndexTransaction.Change(outcome == IngestOutcome.Stored ? "instance-stored" : "instance-quarantined", identity.Study.Value, _now, identity.Series.Value, identity.SopInstance.Value));
            }
        }

        foreach (string study in _expecting)
        {
            await StudyCompletion.InstancesCameAsync(running, study, _now);
        }

        return outcomes;
    }

    /// <summary>What is there of the batch: instances, their studies, which are locked, and series; and what else holds or awaits the studies.</summary>
    private async Task FindAsync(IReadOnlyList<InstanceRecord> batch)
    {
        string[] studies = [.. batch.Select(record => record.Identity.Study.Value).Distinct()];
        await using NpgsqlBatch finding = new(_connection, _transaction);
        Add(finding, "SELECT id, study_uid, patient_id, patient_name, patient_birth_date, modalities, sop_classes FROM studies WHERE study_uid = ANY($1) ORDER BY study_uid FOR NO KEY UPDATE", Texts(studies));
        Add(
            finding,
            "SELECT st.study_uid, se.series_uid, se.id FROM studies st JOIN series se ON se.study_id = st.id WHERE st.study_uid = ANY($1) AND se.series_uid = ANY($2)",
            Texts(studies),
            Texts([.. batch.Select(record => record.Identity.Series.Value).Distinct()]));
        Add(finding, "SELECT sop_instance_uid, digest FROM instances WHERE sop_instance_uid = ANY($1)", Texts([.. batch.Select(record => record.Identity.SopInstance.Value).Distinct()]));
        Add(finding, "SELECT study_uid, max(until) FROM study_holds WHERE study_uid = ANY($1) AND until > $2 GROUP BY study_uid", Texts(studies), Number(_now));
        Add(finding, "SELECT DISTINCT study_uid FROM study_expectations WHERE study_uid = ANY($1)", Texts(studies));
        await using NpgsqlDataReader row = await finding.ExecuteReaderAsync();
        while (await row.ReadAsync())
        {
            _studies.Add(row.GetString(1), new Study(row.GetInt64(0), row.GetString(1), Text(row, 2), Text(row, 3), Text(row, 4), row.GetString(5), row.GetString(6)));
        }

        await row.NextResultAsync();
        while (await row.ReadAsync())
        {
            // A study that has become visible only since the first statement cannot be entered, and then all is done again.
            if (_studies.TryGetValue(row.GetString(0), out Study? study))
            {
                study.Series.Add(row.GetString(1), new Series(study, row.GetInt64(2), row.GetString(1)));
            }
        }

        await row.NextResultAsync();
        while (await row.ReadAsync())
        {
            _digests.Add(row.GetString(0), (byte[])row.GetValue(1));
        }

        await row.NextResultAsync();
        while (await row.ReadAsync())
        {
            _holds.Add(row.GetString(0), row.GetInt64(1));
        }

        await row.NextResultAsync();
        while (await row.ReadAsync())
        {
            _expecting.Add(row.GetString(0));
        }
    }

    /// <summary>Finds or makes the study and series of a new instance, and counts it.</summary>
    private Instance Place(InstanceRecord record)
    {
        InstanceColumns c = record.Columns;
        if (!_studies.TryGetValue(record.Identity.Study.Value, out Study? study))
        {
            study = new Study(0, record.Identity.Study.Value, Text(c.PatientId), Text(c.PatientName), Text(c.PatientBirthDate), "", "") { First = record };
            _studies.Add(study.Uid, study);
        }

        if (!study.Series.TryGetValue(record.Identity.Series.Value, out Series? series))
        {
            series = new Series(study, 0, record.Identity.Series.Value) { First = record };
            study.Series.Add(series.Uid, series);
            study.NewSeries++;
        }

        study.Add(record);
        series.NewInstances++;
        return new Instance(record, series, study.Compare(c));
    }

    private async Task AddStudiesAsync(Study[] studies)
    {
        if (studies.Length == 0)
        {
            return;
        }

        InstanceColumns[] c = [.. studies.Select(study => study.First!.Columns)];
        NormalizedName[] names = [.. c.Select(one => NormalizedName.Parse(one.PatientName))];
        NormalizedName[] referring = [.. c.Select(one => NormalizedName.Parse(one.ReferringPhysicianName))];
        await using NpgsqlBatch adding = new(_connection, _transaction);
        Add(
            adding,
            """
            INSERT INTO studies (study_uid, patient_key, patient_id, issuer_of_patient_id, patient_name, patient_name_alphabetic, patient_name_ideographic, patient_name_phonetic,
                patient_birth_date, patient_sex, study_date, study_time, accession_number, study_id, study_description, referring_physician_name,
                referring_physician_name_alphabetic, referring_physician_name_ideographic, referring_physician_name_phonetic, attributes,
                modalities, sop_classes, number_of_series, number_of_instances, revision, stable_at, created_at, updated_at)
            SELECT s.*, $26, $26
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $24, $25) AS s
            RETURNING id, study_uid
            """,
            Texts(studies.Select(study => study.Uid)),
            Texts(c.Select(one => Key(PatientKey.Of(one.PatientId, one.IssuerOfPatientId, one.PatientName, one.PatientBirthDate, one.PatientSex)))),
            Texts(c.Select(one => one.PatientId)),
            Texts(c.Select(one => one.IssuerOfPatientId)),
            Texts(c.Select(one => one.PatientName)),
            Texts(names.Select(name => name.Alphabetic)),
            Texts(names.Select(name => name.Ideographic)),
            Texts(names.Select(name => name.Phonetic)),
            Texts(c.Select(one => one.PatientBirthDate)),
            Texts(c.Select(one => one.PatientSex)),
            Texts(c.Select(one => one.StudyDate)),
            Texts(c.Select(one => one.StudyTime)),
            Texts(c.Select(one => one.AccessionNumber)),
            Texts(c.Select(one => one.StudyId)),
            Texts(c.Select(one => one.StudyDescription)),
            Texts(c.Select(one => one.ReferringPhysicianName)),
            Texts(referring.Select(name => name.Alphabetic)),
            Texts(referring.Select(name => name.Ideographic)),
            Texts(referring.Select(name => name.Phonetic)),
            Texts(studies.Select(study => Encoding.UTF8.GetString(study.First!.StudyAttributes.Span))),
            Texts(studies.Select(study => study.Modalities)),
            Texts(studies.Select(study => study.SopClasses)),
            Numbers(studies.Select(study => (long?)study.NewSeries)),
            Numbers(studies.Select(study => (long?)study.NewInstances)),
            Numbers(studies.Select(study => (long?)StableAt(study))),
            Number(_now));
        await using (NpgsqlDataReader row = await adding.ExecuteReaderAsync())
        {
            while (await row.ReadAsync())
            {
                _studies[row.GetString(1)].Id = row.GetInt64(0);
            }
        }

        (string Word, string Attribute, long Study)[] words =
        [
            .. studies.Zip(names).SelectMany(one => Words(one.First, DicomTags.PatientName, one.Second)),
            .. studies.Zip(referring).SelectMany(one => Words(one.First, DicomTags.ReferringPhysicianName, one.Second)),
        ];
        if (words.Length > 0)
        {
            await using NpgsqlBatch naming = new(_connection, _transaction);
            Add(naming, "INSERT INTO name_words (word, attribute, study_id) SELECT * FROM unnest($1, $2, $3)", Texts(words.Select(word => word.Word)), Texts(words.Select(word => word.Attribute)), Numbers(words.Select(word => (long?)word.Study)));
            await naming.ExecuteNonQueryAsync();
        }
    }

    private async Task AddSeriesAsync(Series[] series)
    {
        if (series.Length == 0)
        {
            return;
        }

        InstanceColumns[] c = [.. series.Select(one => one.First!.Columns)];
        await using NpgsqlBatch adding = new(_connection, _transaction);
        Add(
            adding,
            """
            INSERT INTO series (study_id, series_uid, modality, series_number, series_description, body_part_examined,
                series_date, series_time, pps_start_date, pps_start_time, number_of_instances, attributes, created_at, updated_at)
            SELECT s.*, $13, $13 FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) AS s
            RETURNING id, study_id, series_uid
            """,
            Numbers(series.Select(one => (long?)one.Study.Id)),
            Texts(series.Select(one => one.Uid)),
            Texts(c.Select(one => one.Modality)),
            Numbers(c.Select(one => one.SeriesNumber)),
            Texts(c.Select(one => one.SeriesDescription)),
            Texts(c.Select(one => one.BodyPartExamined)),
            Texts(c.Select(one => one.SeriesDate)),
            Texts(c.Select(one => one.SeriesTime)),
            Texts(c.Select(one => one.PerformedProcedureStepStartDate)),
            Texts(c.Select(one => one.PerformedProcedureStepStartTime)),
            Numbers(series.Select(one => (long?)one.NewInstances)),
            Texts(series.Select(one => Encoding.UTF8.GetString(one.First!.SeriesAttributes.Span))),
            Number(_now));
        Dictionary<(long, string), Series> byKey = series.ToDictionary(one => (one.Study.Id, one.Uid));
        await using NpgsqlDataReader row = await adding.ExecuteReaderAsync();
        while (await row.ReadAsync())
        {
            byKey[(row.GetInt64(1), row.GetString(2))].Id = row.GetInt64(0);
        }
    }

    /// <summary>Enters the instances and those that are kept aside, and the new counts of what was there before; which of the latter were not known yet.</summary>
    private async Task<HashSet<(string Uid, string Digest)>> AddInstancesAsync(List<Instance> instances, List<InstanceRecord> aside)
    {
        HashSet<(string, string)> added = [];
        if (instances.Count + aside.Count == 0)
        {
            return added;
        }

        await using NpgsqlBatch adding = new(_connection, _transaction);
        if (aside.Count > 0)
        {
            Add(
                adding,
                """
                INSERT INTO quarantine (sop_instance_uid, study_uid, series_uid, sop_class_uid, transfer_syntax_uid, digest, object_key, object_length, data_set_offset,
                    received_at, protocol, calling_ae, called_ae, remote_address)
                SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
                ON CONFLICT (sop_instance_uid, digest) DO NOTHING RETURNING sop_instance_uid, digest
                """,
                Texts(aside.Select(record => record.Identity.SopInstance.Value)),
                Texts(aside.Select(record => record.Identity.Study.Value)),
                Texts(aside.Select(record => record.Identity.Series.Value)),
                Texts(aside.Select(record => record.Identity.SopClass.Value)),
                Texts(aside.Select(record => record.TransferSyntax.Uid.Value)),
                Bytes(aside.Select(record => record.Digest)),
                Texts(aside.Select(record => record.File.Key.Value)),
                Numbers(aside.Select(record => (long?)record.File.Length)),
                Numbers(aside.Select(record => (long?)record.DataSetOffset)),
                Numbers(aside.Select(record => (long?)record.ReceivedAt.ToColumn())),
                Texts(aside.Select(record => record.Origin.Protocol)),
                Texts(aside.Select(record => record.Origin.CallingAe)),
                Texts(aside.Select(record => record.Origin.CalledAe)),
                Texts(aside.Select(record => record.Origin.RemoteAddress)));
        }

        if (instances.Count > 0)
        {
            AddInstances(adding, instances);
        }

        AddCounts(adding);
        await using NpgsqlDataReader row = await adding.ExecuteReaderAsync();
        do
        {
            while (await row.ReadAsync())
            {
                added.Add((row.GetString(0), Convert.ToHexString((byte[])row.GetValue(1))));
            }
        }
        while (await row.NextResultAsync());
        return added;
    }

    private static void AddInstances(NpgsqlBatch adding, List<Instance> instances)
    {
        InstanceRecord[] records = [.. instances.Select(instance => instance.Record)];
        InstanceColumns[] c = [.. records.Select(record => record.Columns)];
        Add(
            adding,
            """
            INSERT INTO instances (series_id, sop_instance_uid, sop_class_uid, transfer_syntax_uid, digest, object_key, object_offset, object_length, data_set_offset,
                instance_number, number_of_frames, "rows", "columns", bits_allocated, content_date, content_time, metadata, bulk, warnings,
                received_at, protocol, calling_ae, called_ae, remote_address)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
            """,
            Numbers(instances.Select(instance => (long?)instance.Series.Id)),
            Texts(records.Select(record => record.Identity.SopInstance.Value)),
            Texts(records.Select(record => record.Identity.SopClass.Value)),
            Texts(records.Select(record => record.TransferSyntax.Uid.Value)),
            Bytes(records.Select(record => record.Digest)),
            Texts(records.Select(record => record.File.Key.Value)),
            Numbers(records.Select(record => (long?)record.File.Offset)),
            Numbers(records.Select(record => (long?)record.File.Length)),
            Numbers(records.Select(record => (long?)record.DataSetOffset)),
            Numbers(c.Select(one => one.InstanceNumber)),
            Numbers(c.Select(one => (long?)one.NumberOfFrames)),
            Numbers(c.Select(one => (long?)one.Rows)),
            Numbers(c.Select(one => (long?)one.Columns)),
            Numbers(c.Select(one => (long?)one.BitsAllocated)),
            Texts(c.Select(one => one.ContentDate)),
            Texts(c.Select(one => one.ContentTime)),
            Bytes(records.Select(record => record.Metadata)),
            Bytes(records.Select(record => record.Bulk)),
            Texts(instances.Select(instance => instance.Warnings.Count == 0 ? null : string.Join('\n', instance.Warnings))),
            Numbers(records.Select(record => (long?)record.ReceivedAt.ToColumn())),
            Texts(records.Select(record => record.Origin.Protocol)),
            Texts(records.Select(record => record.Origin.CallingAe)),
            Texts(records.Select(record => record.Origin.CalledAe)),
            Texts(records.Select(record => record.Origin.RemoteAddress)));
    }

    /// <summary>Of what was there before; what is new was entered with its counts.</summary>
    private void AddCounts(NpgsqlBatch adding)
    {
        Study[] studies = [.. _studies.Values.Where(study => study is { First: null, NewInstances: > 0 })];
        Series[] series = [.. studies.SelectMany(study => study.Series.Values).Where(one => one is { First: null, NewInstances: > 0 })];
        if (studies.Length > 0)
        {
            Add(
                adding,
                """
                UPDATE studies st SET number_of_series = number_of_series + s.series, number_of_instances = number_of_instances + s.instances, revision = revision + s.instances,
                    modalities = s.modalities, sop_classes = s.sop_classes, stable_at = s.stable, updated_at = $7
                FROM unnest($1, $2, $3, $4, $5, $6) AS s (id, series, instances, modalities, sop_classes, stable) WHERE st.id = s.id
                """,
                Numbers(studies.Select(study => (long?)study.Id)),
                Numbers(studies.Select(study => (long?)study.NewSeries)),
                Numbers(studies.Select(study => (long?)study.NewInstances)),
                Texts(studies.Select(study => study.Modalities)),
                Texts(studies.Select(study => study.SopClasses)),
                Numbers(studies.Select(study => (long?)StableAt(study))),
                Number(_now));
        }

        if (series.Length > 0)
        {
            Add(
                adding,
                "UPDATE series se SET number_of_instances = number_of_instances + s.instances, updated_at = $3 FROM unnest($1, $2) AS s (id, instances) WHERE se.id = s.id",
                Numbers(series.Select(one => (long?)one.Id)),
                Numbers(series.Select(one => (long?)one.NewInstances)),
                Number(_now));
        }
    }

    private long StableAt(Study study) => Math.Max(_stableAt, _holds.GetValueOrDefault(study.Uid));

    private static IEnumerable<(string Word, string Attribute, long Study)> Words(Study study, DicomTag attribute, NormalizedName name) =>
        name.Words.Select(word => Text(word.Length > LongestWord ? word[..LongestWord] : word)!).Distinct().Select(word => (word, attribute.ToHex(), study.Id));

    private static string Key(string key) => key.Length <= LongestKey ? key : $@"{key.AsSpan(0, LongestKey - 65)}\{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}";

    private static string? Text(string? text) => PostgresDialect.Instance.Text(text);

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static NpgsqlParameter Texts(IEnumerable<string?> values) => new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text, Value = values.Select(Text).ToArray() };

    private static NpgsqlParameter Numbers(IEnumerable<long?> values) => new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint, Value = values.ToArray() };

    private static NpgsqlParameter Bytes(IEnumerable<ReadOnlyMemory<byte>> values) => new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea, Value = values.Select(value => value.ToArray()).ToArray() };

    private static NpgsqlParameter<long> Number(long value) => new() { TypedValue = value };

    private static void Add(NpgsqlBatch batch, string statement, params NpgsqlParameter[] parameters)
    {
#pragma warning disable CA2100 // Constants of this class.
        NpgsqlBatchCommand command = new(statement);
#pragma warning restore CA2100
        command.Parameters.AddRange(parameters);
        batch.BatchCommands.Add(command);
    }

    private readonly record struct Instance(InstanceRecord Record, Series Series, IReadOnlyList<string> Warnings);

    private sealed class Series(Study study, long id, string uid)
    {
        public Study Study { get; } = study;

        public long Id { get; set; } = id;

        public string Uid { get; } = uid;

        /// <summary>Its first instance, when it is new.</summary>
        public InstanceRecord? First { get; init; }

        public int NewInstances { get; set; }
    }

    private sealed class Study(long id, string uid, string? patientId, string? patientName, string? patientBirthDate, string modalities, string sopClasses)
        : StudyGathering(patientId, patientName, patientBirthDate, modalities, sopClasses)
    {
        public long Id { get; set; } = id;

        public string Uid { get; } = uid;

        /// <summary>Its first instance, when it is new.</summary>
        public InstanceRecord? First { get; init; }

        public Dictionary<string, Series> Series { get; } = [];
    }
}
