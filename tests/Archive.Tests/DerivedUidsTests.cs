using System.Text.Json;
using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

public sealed class DerivedUidsTests
{
    private static readonly UploadOrigin s_origin = new(UploadOrigin.Dimse, "SENDER", "MEDICALAI", "127.0.0.1");
    private static readonly InstanceIdentity s_own = TestArchive.Identity();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Values of Study and Series Instance UID (null: none), and the names of what they are filed under (null: the own).</summary>
    public static TheoryData<string?, string?, string[]?, string[]?> Flaws => new()
    {
        { null, "1.2.1.1", ["study-of-series", "1.2.1.1"], null },
        { "", "1.2.1.1", ["study-of-series", "1.2.1.1"], null },
        { null, null, ["study-of-instance", "1.2.1.1.1"], ["series-of-instance", "1.2.1.1.1"] },
        { "1.2.1", null, null, ["series-of-instance", "1.2.1.1.1"] },
        { "../../etc/passwd", "1.2.1.1", ["study-of-text", "../../etc/passwd"], null },
        { "Study 5 ", null, ["study-of-text", "Study 5"], ["series-of-instance", "1.2.1.1.1"] },
        { "no\\uid", "1.2.1.1", ["study-of-text", "no\\uid"], null },
        { "1.2.1", "first", null, ["series-of-text", "1.2.1", "first"] },
    };

    [Theory]
    [MemberData(nameof(Flaws))]
    public async Task What_names_no_study_or_series_is_kept_as_sent_and_filed_under_a_uid_that_stands_for_it(string? study, string? series, string[]? studyNames, string[]? seriesNames)
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        InstanceIdentity filed = s_own with { Study = Derive(studyNames) ?? s_own.Study, Series = Derive(seriesNames) ?? s_own.Series };
        DicomDataSet dataSet = Sample(study, series);

        IngestResult result = await IngestAsync(archive, dataSet);

        Assert.Equal((IngestOutcome.Stored, filed), (result.Outcome, result.Identity));
        string[] expected =
        [
            .. studyNames is null ? (string[])[] : [$"The data set has no valid Study Instance UID (0020,000D); it is filed under {filed.Study}."],
            .. seriesNames is null ? (string[])[] : [$"The data set has no valid Series Instance UID (0020,000E); it is filed under {filed.Series}."],
        ];
        Assert.Equal(expected, result.Warnings);
        InstanceRow row = (await archive.Reader.FindInstanceAsync(filed.Study, filed.Series, filed.SopInstance, Token))!;
        Assert.StartsWith($"studies/{filed.Study}/series/{filed.Series}/", row.File.Key.Value, StringComparison.Ordinal);
        Assert.Equal(DicomDataSetWriter.ToBytes(dataSet, TransferSyntax.ExplicitVrLittleEndian), await archive.Reader.OpenDataSetAsync(row, Token).ReadAllAsync());
        ReadOnlyMemory<byte> metadata = Assert.Single(await archive.Reader.ListMetadataAsync(filed.Study, filed.Series, filed.SopInstance, Token).ToListAsync(Token));
        using JsonDocument json = JsonDocument.Parse(metadata);
        Assert.Equal(filed.Study.Value, Assert.Single(json.RootElement.GetProperty("0020000D").GetProperty("Value").EnumerateArray()).GetString());
        Assert.Equal(filed.Series.Value, Assert.Single(json.RootElement.GetProperty("0020000E").GetProperty("Value").EnumerateArray()).GetString());
        Assert.True((await archive.Reader.ReadHeaderAsync(row, Token)).Ok);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("unknown")]
    public async Task The_same_again_is_there_already_and_other_content_goes_to_quarantine(string? text)
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        IngestResult first = await IngestAsync(archive, Sample(text, text));

        IngestResult again = await IngestAsync(archive, Sample(text, text));
        IngestResult other = await IngestAsync(archive, Sample(text, text).SetString(DicomTags.PatientID, "P2"));

        Assert.Equal((IngestOutcome.Stored, IngestOutcome.AlreadyStored, IngestOutcome.Quarantined), (first.Outcome, again.Outcome, other.Outcome));
        Assert.Equal(first.Identity, again.Identity);
        Assert.Equal(first.Warnings, again.Warnings);
        Assert.Empty(await new ArchiveVerifier(archive.Studies, archive.Store, archive.Clock).CheckIndexAsync(checkDigests: true, Token).ToListAsync(Token));
    }

    [Fact]
    public async Task Instances_of_the_same_text_stay_together()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        IngestResult first = await IngestAsync(archive, Sample("Study 5", "1a"));
        IngestResult second = await IngestAsync(archive, Sample("Study 5", "1a").SetString(DicomTags.SOPInstanceUID, "1.2.1.1.2"));
        IngestResult elsewhere = await IngestAsync(archive, Sample("Study 6", "1a").SetString(DicomTags.SOPInstanceUID, "1.2.1.1.3"));

        Assert.Equal((first.Identity!.Value.Study, first.Identity.Value.Series), (second.Identity!.Value.Study, second.Identity.Value.Series));
        Assert.NotEqual(first.Identity.Value.Study, elsewhere.Identity!.Value.Study);
        Assert.NotEqual(first.Identity.Value.Series, elsewhere.Identity.Value.Series);
        StudyRow study = (await archive.Studies.FindStudyAsync(first.Identity.Value.Study, Token))!;
        Assert.Equal((1, 2), (study.NumberOfSeries, study.NumberOfInstances));
    }

    [Fact]
    public async Task A_study_that_was_announced_is_not_that_of_a_data_set_without_one()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        byte[] file = DicomFile.ToBytes(Sample(null, "1.2.1.1"), TransferSyntax.ExplicitVrLittleEndian);

        IngestResult result = await archive.Ingest.IngestPart10Async(new MemoryStream(file), s_origin, new InstanceExpectation(Study: s_own.Study), Token);

        Assert.Equal(IngestOutcome.Mismatch, result.Outcome);
        Assert.Empty(result.Warnings);
    }

    private static DicomDataSet Sample(string? study, string? series)
    {
        DicomDataSet dataSet = Samples.Image();
        foreach ((DicomTag tag, string? value) in new[] { (DicomTags.StudyInstanceUID, study), (DicomTags.SeriesInstanceUID, series) })
        {
            if (value is null)
            {
                dataSet.Remove(tag);
            }
            else
            {
                dataSet.SetString(tag, value);
            }
        }

        return dataSet;
    }

    private static DicomUid? Derive(string[]? names) => names is null ? null : DicomUid.FromName($"medicalai/{names[0]}", names.AsSpan(1));

    private static ValueTask<IngestResult> IngestAsync(TestArchive archive, DicomDataSet dataSet) =>
        archive.Ingest.IngestAsync(dataSet, TransferSyntax.ExplicitVrLittleEndian, s_origin, Token);
}
