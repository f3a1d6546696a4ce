using System.Text;
using Dapper;
using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

public sealed class MigrationTests
{
    [Fact]
    public async Task An_index_of_the_first_version_is_found_in_as_one_of_this()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        DicomDataSet instance = new DicomDataSet()
            .SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192")
            .SetUid(DicomTags.SOPClassUID, DicomUids.CTImageStorage)
            .SetString(DicomTags.SOPInstanceUID, "1.2.1.1.1")
            .SetString(DicomTags.StudyInstanceUID, "1.2.1")
            .SetString(DicomTags.SeriesInstanceUID, "1.2.1.1")
            .SetString(DicomTags.PatientID, "P1")
            .SetString(DicomTags.PatientName, "Müller^Jürgen=山田")
            .SetString(DicomTags.OtherPatientIDs, "OLD")
            .SetString(DicomTags.GantryID, "G1");
        await archive.Studies.CommitAsync([archive.Record(instance)], TestContext.Current.CancellationToken);
        await BackToFirstVersionAsync(archive);

        await archive.Studies.InitializeAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, await CountAsync(IndexLevel.Study, DicomTags.PatientName, "muller*"));
        Assert.Equal(1, await CountAsync(IndexLevel.Study, DicomTags.PatientName, "山田"));
        Assert.Equal(1, await CountAsync(IndexLevel.Study, DicomTags.PatientName, "jur mul", new MatchingOptions { FuzzyNames = true }));
        Assert.Equal(1, await CountAsync(IndexLevel.Study, DicomTags.StudyDate, "20240229"));
        Assert.Equal(1, await CountAsync(IndexLevel.Study, DicomTags.StudyTime, "101530"));
        Assert.Equal(1, await CountAsync(IndexLevel.Instance, DicomTags.ContentTime, "10"));
        Assert.Equal(1, await CountAsync(IndexLevel.Study, DicomTags.OtherPatientIDs, "OLD"));
        Assert.Equal(1, await CountAsync(IndexLevel.Series, DicomTags.GantryID, "G1"));
        Assert.Equal(1, await CountAsync(IndexLevel.Patient, DicomTags.PatientID, "P1"));

        async Task<long> CountAsync(IndexLevel level, DicomTag tag, string key, MatchingOptions options = default) =>
            await archive.Studies.CountAsync(new IndexQuery(level) { Options = options }.With(tag, key), TestContext.Current.CancellationToken);
    }

    /// <summary>Makes anew, of what is there, the tables as the first migration made them, with values in the forms that it kept.</summary>
    private static async Task BackToFirstVersionAsync(TestArchive archive)
    {
        string metadata = """{"00080005":{"vr":"CS","Value":["ISO_IR 192"]},"00080033":{"vr":"TM","Value":["10:15:30"]},"00100010":{"vr":"PN","Value":[{"Alphabetic":"Müller^Jürgen","Ideographic":"山田"}]},"00100020":{"vr":"LO","Value":["P1"]},"00101000":{"vr":"LO","Value":["OLD"]},"00181008":{"vr":"LO","Value":["G1"]}}""";
        using StreamReader first = new(typeof(SqliteDatabase).Assembly.GetManifestResourceStream("sqlite/0001.sql")!);
        string schema = await first.ReadToEndAsync(TestContext.Current.CancellationToken);
        await archive.Database.WriteAsync(
            (connection, transaction) =>
            {
                // Tables that others refer to go last.
                connection.Execute("DROP TABLE name_words; DROP TABLE instances; DROP TABLE series; DROP TABLE fhir_search_values;", transaction: transaction);
                foreach (string table in connection.Query<string>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'schema_version'", transaction: transaction).ToList())
                {
                    connection.Execute($"DROP TABLE {table}", transaction: transaction);
                }

                connection.Execute("DELETE FROM schema_version WHERE version > 1", transaction: transaction);
                connection.Execute(schema, transaction: transaction);
                connection.Execute(
                    """
                    INSERT INTO studies (id, study_uid, patient_id, patient_name, patient_name_norm, study_date, study_time, attributes, created_at, updated_at)
                        VALUES (1, '1.2.1', 'P1', 'Müller^Jürgen=山田', 'MULLER^JURGEN=山田', '20240229', '101530.000', '{}', 0, 0);
                    INSERT INTO series (id, study_id, series_uid, attributes, created_at, updated_at) VALUES (1, 1, '1.2.1.1', '{}', 0, 0);
                    INSERT INTO instances (id, series_id, sop_instance_uid, sop_class_uid, transfer_syntax_uid, digest, object_key, object_offset, object_length, data_set_offset, content_time, metadata, bulk, received_at, protocol)
                        VALUES (1, 1, '1.2.1.1.1', '1.2.840.10008.5.1.4.1.1.2', '1.2.840.10008.1.2.1', X'01', 'k', 0, 1, 0, '10:15:30', @metadata, X'', 0, 'test');
                    """,
                    new { metadata = InstanceMetadata.Deflate(Encoding.UTF8.GetBytes(metadata)).ToArray() },
                    transaction);
                return true;
            },
            TestContext.Current.CancellationToken);
    }
}
