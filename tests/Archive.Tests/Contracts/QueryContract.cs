using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

/// <summary>
/// What every study index finds: the same as holding each key against each data set by the rules of the standard, one by one, for
/// random archives and random queries.
/// </summary>
public abstract class QueryContract
{
    private const int QueriesOfAnArchive = 200;

    protected abstract Task<ISeams> OpenAsync();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 25)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task The_index_finds_what_the_data_sets_say(int seed)
    {
        Random random = new(seed);
        RandomQueries randomly = new(random);
        await using ISeams archive = await OpenAsync();
        QueryModel model = new();
        List<InstanceRecord> records = [];
        foreach (DicomDataSet instance in randomly.Instances())
        {
            records.Add(archive.Record(instance));
            model.Add(instance);
        }

        foreach (InstanceRecord[] batch in records.Chunk(random.Next(1, records.Count + 1)))
        {
            await archive.Studies.CommitAsync(batch, TestContext.Current.CancellationToken);
        }

        for (int i = 0; i < QueriesOfAnArchive; i++)
        {
            IndexQuery query = randomly.Query();
            string[] expected = model.Find(query);
            string[] found = await FindAsync(archive, query);
            Assert.True(expected.SequenceEqual(found), $"Seed {seed}, {RandomQueries.Describe(query)}\nexpected {string.Join(' ', expected)}\nfound    {string.Join(' ', found)}");
            Assert.Equal(expected.Length, await archive.Studies.CountAsync(query, TestContext.Current.CancellationToken));

            IndexQuery page = query with { Offset = random.Next(4), Limit = random.Next(1, 9) };
            Assert.Equal(expected.Skip(page.Offset).Take(page.Limit), await FindAsync(archive, page));
        }
    }

    [Fact]
    public async Task A_relational_query_finds_what_has_something_below_it_that_matches()
    {
        await using ISeams archive = await OpenAsync();
        await CommitAsync(
            archive,
            Instance("1.2.1", "1.2.1.1", 1, "CT").SetString(DicomTags.SliceThickness, "1"),
            Instance("1.2.1", "1.2.1.2", 2, "MR").SetString(DicomTags.SliceThickness, "5"),
            Instance("1.2.2", "1.2.2.1", 3, "CT").SetString(DicomTags.SliceThickness, "5"));
        Assert.Equal(["1.2.2", "1.2.1"], await FindAsync(archive, Relational(IndexLevel.Study).With(DicomTags.Modality, "CT")));
        Assert.Equal(["1.2.1"], await FindAsync(archive, Relational(IndexLevel.Study).With(DicomTags.Modality, "MR")));
        Assert.Equal(["1.2.2", "1.2.1"], await FindAsync(archive, Relational(IndexLevel.Study).With(DicomTags.SliceThickness, "5")));

        // In the first study the CT is thin and what is thick is no CT.
        Assert.Equal(["1.2.2"], await FindAsync(archive, Relational(IndexLevel.Study).With(DicomTags.Modality, "CT").With(DicomTags.SliceThickness, "5")));
        Assert.Equal(["1.2.2.1", "1.2.1.2"], await FindAsync(archive, Relational(IndexLevel.Series).With(DicomTags.SliceThickness, "5")));
        Assert.Equal(["1.2.1.2.2"], await FindAsync(archive, Relational(IndexLevel.Instance).With(DicomTags.Modality, "MR").With(DicomTags.PatientID, "P1")));
        Assert.Equal(["1.2.2"], await FindAsync(archive, Relational(IndexLevel.Patient).With(DicomTags.InstanceNumber, "3")));

        static IndexQuery Relational(IndexLevel level) => new(level) { IsRelational = true };
    }

    [Fact]
    public async Task Patients_are_told_once_each_with_all_that_there_is_of_them()
    {
        await using ISeams archive = await OpenAsync();
        await CommitAsync(
            archive,
            Instance("1.2.1", "1.2.1.1", 1, "CT"),
            Instance("1.2.1", "1.2.1.2", 2, "CT"),
            Instance("1.2.2", "1.2.2.1", 3, "CT").SetString(DicomTags.PatientName, "Married^Anna"),
            Instance("1.2.3", "1.2.3.1", 4, "CT").SetString(DicomTags.IssuerOfPatientID, "Other"),
            Instance("1.2.4", "1.2.4.1", 5, "CT").SetString(DicomTags.PatientID, "").SetString(DicomTags.PatientBirthDate, "19700101"),
            Instance("1.2.5", "1.2.5.1", 6, "CT").SetString(DicomTags.PatientID, "").SetString(DicomTags.PatientBirthDate, "19800101"));
        List<IndexMatch> all = await archive.Studies.FindAsync(new IndexQuery(IndexLevel.Patient) { IncludePatientCounts = true }, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            [("1.2.2", new PatientCounts(2, 3, 3)), ("1.2.3", new PatientCounts(1, 1, 1)), ("1.2.4", new PatientCounts(1, 1, 1)), ("1.2.5", new PatientCounts(1, 1, 1))],
            all.Select(match => (match.Study.Study.Value, match.Patient!.Value)).OrderBy(one => one.Item1, StringComparer.Ordinal));
        Assert.Equal(4, await archive.Studies.CountAsync(new IndexQuery(IndexLevel.Patient), TestContext.Current.CancellationToken));

        // Found by an earlier name, told with the study that has it; the counts are of all.
        IndexQuery byName = new IndexQuery(IndexLevel.Patient) { IncludePatientCounts = true, Options = new MatchingOptions { EmptyValues = true } }
            .With(DicomTags.PatientName, "smith*").With(DicomTags.PatientID, "P1").With(DicomTags.IssuerOfPatientID, "\"\"");
        IndexMatch earlier = await archive.Studies.FindAsync(byName, TestContext.Current.CancellationToken).SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("1.2.1", new PatientCounts(2, 3, 3)), (earlier.Study.Study.Value, earlier.Patient));
    }

    [Theory]
    [InlineData(IndexLevel.Patient)]
    [InlineData(IndexLevel.Study)]
    [InlineData(IndexLevel.Series)]
    [InlineData(IndexLevel.Instance)]
    public async Task Matches_are_told_once_each_although_instances_arrive_meanwhile(IndexLevel level)
    {
        await using ISeams archive = await OpenAsync();
        List<string> there = [];
        for (int i = 0; i < 10; i++)
        {
            await CommitAsync(archive, Arriving(i, 1));
        }

        string[] before = await FindAsync(archive, new IndexQuery(level));
        await foreach (IndexMatch match in archive.Studies.FindAsync(new IndexQuery(level), TestContext.Current.CancellationToken))
        {
            // Before and behind every match: new patients and studies, new series and instances of those that are there.
            there.Add(QueryModel.Name(level, match));
            int n = there.Count;
            await CommitAsync(archive, Arriving(100 + n, 1), Arriving(n % 10, 2 + n), Instance($"1.2.{n % 10}", $"1.2.{n % 10}.1", 50 + n, "CT"), Instance($"1.2.{(n + 5) % 10}", $"1.2.{(n + 5) % 10}.{n}", 200 + n, "CT"));
            if (n > 60)
            {
                break; // It might go on with what it is given.
            }
        }

        Assert.Equal(there.Distinct(), there);
        Assert.Empty(before.Except(there));

        static DicomDataSet Arriving(int study, int number) => Instance($"1.2.{study}", $"1.2.{study}.1", number, "CT").SetString(DicomTags.PatientID, $"P{study}").SetString(DicomTags.InstanceNumber, number % 3 == 0 ? "" : $"{number}");
    }

    [Theory]
    [InlineData("20240301", "0100", 1)]
    [InlineData("20240229", "2300", 0)]
    [InlineData("20240301-", "", 1)]
    public async Task Dates_and_times_are_found_by_the_clock_of_the_query(string date, string time, int expected)
    {
        await using ISeams archive = await OpenAsync();
        await CommitAsync(archive, Instance("1.2.1", "1.2.1.1", 1, "CT").SetString(DicomTags.StudyDate, "20240229").SetString(DicomTags.StudyTime, "230000").SetString(DicomTags.TimezoneOffsetFromUTC, "+0000"));
        IndexQuery query = new IndexQuery(IndexLevel.Study) { Options = new MatchingOptions { TimezoneOffset = TimeSpan.FromHours(2) } }.With(DicomTags.StudyDate, date).With(DicomTags.StudyTime, time);
        Assert.Equal(expected, await archive.Studies.CountAsync(query, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_key_of_a_thousand_values_is_no_trouble()
    {
        await using ISeams archive = await OpenAsync();
        await CommitAsync(archive, Instance("1.2.1", "1.2.1.1", 1, "CT"));
        string many = string.Join('\\', Enumerable.Range(0, 5000).Select(n => $"9.{n}"));
        Assert.Equal(["1.2.1"], await FindAsync(archive, new IndexQuery(IndexLevel.Study).With(DicomTags.StudyInstanceUID, many + "\\1.2.1")));
        Assert.Equal(["1.2.1"], await FindAsync(archive, new IndexQuery(IndexLevel.Study).With(DicomTags.PatientID, many + "\\P1")));
        Assert.Empty(await FindAsync(archive, new IndexQuery(IndexLevel.Study).With(DicomTags.PatientName, many)));
        Assert.Equal(["1.2.1"], await FindAsync(archive, new IndexQuery(IndexLevel.Study).With(DicomTags.PatientID, "P*" + new string('*', 900))));
        Assert.Equal(["1.2.1"], await FindAsync(archive, new IndexQuery(IndexLevel.Study) { Matches = [.. Enumerable.Repeat(new AttributeMatch(DicomTags.PatientID, "P1"), 256)] }));
    }

    private static DicomDataSet Instance(string study, string series, int number, string modality) => new DicomDataSet()
        .SetUid(DicomTags.SOPClassUID, DicomUids.CTImageStorage)
        .SetString(DicomTags.SOPInstanceUID, $"{series}.{number}")
        .SetString(DicomTags.Modality, modality)
        .SetString(DicomTags.PatientName, "Smith^Anna")
        .SetString(DicomTags.PatientID, "P1")
        .SetString(DicomTags.StudyInstanceUID, study)
        .SetString(DicomTags.SeriesInstanceUID, series)
        .SetInt(DicomTags.InstanceNumber, number);

    private static async Task CommitAsync(ISeams archive, params DicomDataSet[] instances) =>
        await archive.Studies.CommitAsync([.. instances.Select(archive.Record)], TestContext.Current.CancellationToken);

    private static async Task<string[]> FindAsync(ISeams archive, IndexQuery query) =>
        await archive.Studies.FindAsync(query, TestContext.Current.CancellationToken).Select(match => QueryModel.Name(query.Level, match)).ToArrayAsync(TestContext.Current.CancellationToken);
}
