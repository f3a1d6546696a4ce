using System.Security.Cryptography;
using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

/// <summary>What every study index keeps to.</summary>
public abstract class StudyIndexContract
{
    protected abstract Task<ISeams> OpenAsync();

    public static TheoryData<string, string, int> Keys => new()
    {
        { "PatientName", "müller*", 1 },
        { "PatientName", "MULLER^JURGEN", 1 },
        { "PatientName", "*^Ann?", 1 },
        { "PatientName", "Nobody", 0 },
        { "PatientName", "*", 2 },
        { "PatientName", "", 2 },
        { "PatientID", "P1", 1 },
        { "PatientID", "P?", 2 },
        { "PatientID", "[P]1", 0 },
        { "PatientID", "P1' OR '1'='1", 0 },
        { "StudyDate", "20240229", 1 },
        { "StudyDate", "20240101-20241231", 1 },
        { "StudyDate", "-20240228", 0 },
        { "StudyDate", "20240301-", 1 },
        { "StudyInstanceUID", "1.2.1\\1.2.2", 2 },
        { "StudyInstanceUID", "1.2.1\\9.9", 1 },
        { "StudyInstanceUID", "1.2.*", 0 },
        { "ModalitiesInStudy", "MR", 1 },
        { "ModalitiesInStudy", "M", 0 },
        { "ModalitiesInStudy", "CT\\MR", 2 },
        { "ModalitiesInStudy", "M*", 1 },
        { "SOPClassesInStudy", "1.2.840.10008.5.1.4.1.1.2", 2 },
        { "SOPClassesInStudy", "1.2.840.10008.5.1.4.1.1.4", 0 },
        { "NumberOfStudyRelatedInstances", "1", 2 },
        { "NumberOfStudyRelatedSeries", "2", 0 },
        { "StudyTime", "1015", 1 },
        { "StudyTime", "10-11", 1 },
        { "StudyTime", "1016-", 0 },
        { "StudyTime", "-101530", 1 },
        { "PhysiciansOfRecord", "arztin*", 2 },
        { "PhysiciansOfRecord", "Ärztin^Otto", 0 },
        { "PatientAge", "040Y", 2 },
        { "PatientAge", "04?Y", 0 },
        { "PatientAge", "041Y", 0 },
        { "PatientWeight", "72.5", 2 },
        { "PatientWeight", "heavy", 0 },
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task A_key_matches_as_the_standard_says(string keyword, string value, int expected)
    {
        await using ISeams archive = await OpenAsync();
        await archive.Studies.CommitAsync(
            [
                archive.Record(TestArchive.Identity(), [1]),
                archive.Record(TestArchive.Identity("1.2.2", "1.2.2.1", "1.2.2.1.1"), [2], new InstanceColumns { PatientId = "P2", PatientName = "Smith^Anna", StudyDate = "20250101", Modality = "MR" }),
            ],
            TestContext.Current.CancellationToken);
        IndexQuery query = new IndexQuery(IndexLevel.Study).With(DicomDictionary.Find(keyword)!.Tag, value);
        Assert.Equal(expected, (await archive.Studies.FindAsync(query, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken)).Count);
        Assert.Equal(expected, await archive.Studies.CountAsync(query, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Pages_of_instances_follow_each_other_without_overlap()
    {
        await using ISeams archive = await OpenAsync();
        await archive.Studies.CommitAsync([.. Enumerable.Range(1, 7).Select(n => archive.Record(TestArchive.Identity(instance: $"1.2.1.1.{n}"), [(byte)n], new InstanceColumns { InstanceNumber = 8 - n }))], TestContext.Current.CancellationToken);
        List<long?> numbers = [];
        for (int offset = 0; offset < 7; offset += 3)
        {
            await foreach (IndexMatch match in archive.Studies.FindAsync(new IndexQuery(IndexLevel.Instance) { Limit = 3, Offset = offset, IncludeMetadata = true }, TestContext.Current.CancellationToken))
            {
                Assert.False(match.Metadata.IsEmpty);
                Assert.Equal(7, match.Series!.NumberOfInstances);
                numbers.Add(match.Instance!.InstanceNumber);
            }
        }

        Assert.Equal([1, 2, 3, 4, 5, 6, 7], numbers);
    }

    [Fact]
    public async Task Counts_follow_every_commit_and_the_change_log_names_each_instance()
    {
        await using ISeams archive = await OpenAsync();
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(), [1])], TestContext.Current.CancellationToken);
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(series: "1.2.1.2", instance: "1.2.1.2.1"), [2])], TestContext.Current.CancellationToken);
        StudyRow study = (await archive.Studies.FindStudyAsync(new DicomUid("1.2.1"), TestContext.Current.CancellationToken))!;
        Assert.Equal((2, 2, 2L), (study.NumberOfSeries, study.NumberOfInstances, study.Revision));
        Assert.Equal(["1.2.1.1.1", "1.2.1.2.1"], (await archive.Studies.ReadChangesAsync(0, 10, TestContext.Current.CancellationToken)).Select(change => change.SopInstance!.Value.Value));
        Assert.Equal((await archive.Studies.ReadChangesAsync(0, 10, TestContext.Current.CancellationToken))[^1].Sequence, await archive.Studies.FindLastChangeAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("jur mul", true, 1)]
    [InlineData("jur mul", false, 0)]
    [InlineData("gen", true, 0)]
    public async Task A_fuzzy_name_matches_by_the_beginnings_of_its_words(string value, bool fuzzy, int expected)
    {
        await using ISeams archive = await OpenAsync();
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(), [1])], TestContext.Current.CancellationToken);
        IndexQuery query = new IndexQuery(IndexLevel.Study) { Options = new MatchingOptions { FuzzyNames = fuzzy } }.With(DicomTags.PatientName, value);
        Assert.Equal(expected, await archive.Studies.CountAsync(query, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("ProtocolName", "Head*", IndexLevel.Series, 1)]
    [InlineData("ProtocolName", "Foot", IndexLevel.Instance, 0)]
    [InlineData("NumberOfSeriesRelatedInstances", "1", IndexLevel.Series, 1)]
    [InlineData("AvailableTransferSyntaxUID", "1.2.840.10008.1.2.1", IndexLevel.Instance, 1)]
    [InlineData("AvailableTransferSyntaxUID", "1.2.840.10008.1.2", IndexLevel.Instance, 0)]
    [InlineData("PatientAge", "040Y", IndexLevel.Instance, 1)]
    public async Task A_key_below_the_study_matches_at_its_level(string keyword, string value, IndexLevel level, int expected)
    {
        await using ISeams archive = await OpenAsync();
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(), [1])], TestContext.Current.CancellationToken);
        IndexQuery query = new IndexQuery(level).With(DicomDictionary.Find(keyword)!.Tag, value);
        Assert.Empty(archive.Studies.FindUnsupported(query));
        Assert.Equal(expected, await archive.Studies.CountAsync(query, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Keys_that_cannot_be_matched_are_named()
    {
        await using ISeams archive = await OpenAsync();
        IndexQuery query = new IndexQuery(IndexLevel.Study).With(DicomTags.ProtocolName, "x").With(DicomTags.WindowCenter, "40").With(DicomTags.PatientID, "x");
        Assert.Equal([DicomTags.ProtocolName, DicomTags.WindowCenter], archive.Studies.FindUnsupported(query));
    }

    [Fact]
    public async Task A_batch_tells_of_each_record_what_came_of_it()
    {
        await using ISeams archive = await OpenAsync();
        IReadOnlyList<CommitOutcome> outcomes = await archive.Studies.CommitAsync(
            [archive.Record(TestArchive.Identity(), [1]), archive.Record(TestArchive.Identity(), [1]), archive.Record(TestArchive.Identity(), [2]), archive.Record(TestArchive.Identity(study: "1.2.9"), [3])],
            TestContext.Current.CancellationToken);
        Assert.Equal([IngestOutcome.Stored, IngestOutcome.AlreadyStored, IngestOutcome.Quarantined, IngestOutcome.Quarantined], outcomes.Select(outcome => outcome.Outcome));
        Assert.Equal(new IndexCounts(1, 1, 1, 2), await archive.Studies.CountAllAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Quarantine_is_listed_newest_first_and_its_objects_are_referenced()
    {
        await using ISeams archive = await OpenAsync();
        foreach (byte content in new byte[] { 1, 2, 3 })
        {
            await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(), [content])], TestContext.Current.CancellationToken);
        }

        IReadOnlyList<QuarantineRow> rows = await archive.Studies.ListQuarantineAsync(10, 0, TestContext.Current.CancellationToken);
        Assert.Equal([.. new byte[] { 3, 2 }.Select(content => Convert.ToHexString(SHA256.HashData([content])))], rows.Select(row => Convert.ToHexString(row.Digest.Span)));
        Assert.Equal("SENDER", rows[0].Origin.CallingAe);
        Assert.True(await archive.Studies.IsReferencedAsync(rows[0].File.Key, TestContext.Current.CancellationToken));
        Assert.Single(await archive.Studies.ListQuarantineAsync(10, 1, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Digests_are_given_of_known_instances_only()
    {
        await using ISeams archive = await OpenAsync();
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(), [1])], TestContext.Current.CancellationToken);
        IReadOnlyDictionary<DicomUid, ReadOnlyMemory<byte>> found = await archive.Studies.FindDigestsAsync([TestArchive.Identity().SopInstance, new DicomUid("9.9")], TestContext.Current.CancellationToken);
        Assert.Equal(SHA256.HashData([1]), Assert.Single(found).Value.ToArray());
    }

    [Fact]
    public async Task Long_lists_are_whole_and_in_order_and_do_not_mind_commits_while_they_are_read()
    {
        await using ISeams archive = await OpenAsync();
        await archive.Studies.CommitAsync([.. Enumerable.Range(1, 600).Select(n => archive.Record(TestArchive.Identity(instance: $"1.2.1.1.{n}"), BitConverter.GetBytes(n), new InstanceColumns { InstanceNumber = 601 - n }))], TestContext.Current.CancellationToken);
        List<long?> numbers = [];
        await foreach (InstanceRow row in archive.Studies.ListInstancesAsync(new DicomUid("1.2.1"), null, TestContext.Current.CancellationToken))
        {
            numbers.Add(row.InstanceNumber);
            if (numbers.Count == 10)
            {
                await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(series: "1.2.1.2", instance: "1.2.1.2.1"), [1])], TestContext.Current.CancellationToken);
            }
        }

        Assert.Equal(Enumerable.Range(1, 600).Select(n => (long?)n), numbers);
        Assert.Equal(600, await archive.Studies.ListMetadataAsync(new DicomUid("1.2.1"), new DicomUid("1.2.1.1"), null, TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken));
        Assert.Equal(601, await archive.Studies.ListAllInstancesAsync(TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1, await archive.Studies.ListMetadataAsync(new DicomUid("1.2.1"), null, new DicomUid("1.2.1.2.1"), TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, await archive.Studies.ListInstancesAsync(new DicomUid("1.2.9"), null, TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken));
    }
}
