using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

public sealed class StudyQueryTests
{
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
        { "StudyInstanceUID", "1.2.1,9.9", 1 },
        { "ModalitiesInStudy", "MR", 1 },
        { "ModalitiesInStudy", "M", 0 },
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task A_key_matches_as_the_standard_says(string keyword, string value, int expected)
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
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
        await using TestArchive archive = await TestArchive.CreateAsync();
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
        await using TestArchive archive = await TestArchive.CreateAsync();
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(), [1])], TestContext.Current.CancellationToken);
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(series: "1.2.1.2", instance: "1.2.1.2.1"), [2])], TestContext.Current.CancellationToken);
        StudyRow study = (await archive.Studies.FindStudyAsync(new DicomUid("1.2.1"), TestContext.Current.CancellationToken))!;
        Assert.Equal((2, 2, 2L), (study.NumberOfSeries, study.NumberOfInstances, study.Revision));
        Assert.Equal(["1.2.1.1.1", "1.2.1.2.1"], (await archive.Studies.ReadChangesAsync(0, 10, TestContext.Current.CancellationToken)).Select(change => change.SopInstance!.Value.Value));
    }

    [Fact]
    public void A_bulk_map_is_read_as_it_was_written()
    {
        BulkEntry pixels = new("7FE00010", Vr.OB, new BulkLocation(1000, 500), [new BulkLocation(1016, 100), new BulkLocation(1124, 300)], [0, 108]);
        BulkMap map = BulkMap.Read(new BulkMap([pixels], true).Write());
        BulkEntry read = map.Find("7fe00010")!;
        Assert.True(map.IsDeflated);
        Assert.Equal(pixels.Location, read.Location);
        Assert.Equal(pixels.Fragments, read.Fragments);
        Assert.Equal(pixels.OffsetTable, read.OffsetTable);
    }
}
