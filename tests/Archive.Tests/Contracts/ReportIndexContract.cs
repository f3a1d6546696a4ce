using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

/// <summary>What every index of reports keeps to.</summary>
public abstract class ReportIndexContract
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);

    protected abstract Task<ISeams> OpenAsync();

    [Fact]
    public async Task Completing_enters_the_report_and_its_resources_once_and_finds_them()
    {
        await using ISeams archive = await OpenAsync();
        Guid id = await archive.AddTaskAsync();
        await archive.Tasks.SaveFindingsAsync((await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "a", s_lease, TestContext.Current.CancellationToken)).Claim!, new byte[] { 1 }, TestContext.Current.CancellationToken);
        TaskClaim first = (await archive.Tasks.ClaimAsync(id, WorkKind.Report, "a", s_lease, TestContext.Current.CancellationToken)).Claim!;
        archive.Clock.Advance(TimeSpan.FromSeconds(31));
        TaskClaim second = (await archive.Tasks.ClaimAsync(id, WorkKind.Report, "b", s_lease, TestContext.Current.CancellationToken)).Claim!;
        TaskCompletion completion = new(
            new ReportRow(id, new DicomUid("1.2.1"), "model", "1", new DicomUid("1.9"), null, "r1", "preliminary", archive.Clock.GetUtcNow()),
            [new FhirResource("DiagnosticReport", "r1", "{}"u8.ToArray(), [new FhirSearchValue("identifier", "42", "urn:x"), new FhirSearchValue("date", "2026-01-01T12:00:00Z")])]);
        Assert.False(await archive.Tasks.CompleteAsync(first, completion, TestContext.Current.CancellationToken));
        Assert.True(await archive.Tasks.CompleteAsync(second, completion, TestContext.Current.CancellationToken));
        Assert.False(await archive.Tasks.CompleteAsync(second, completion, TestContext.Current.CancellationToken));
        Assert.Equal(InferenceTaskStatus.Completed, (await archive.Tasks.FindTaskAsync(id, TestContext.Current.CancellationToken))!.Status);
        Assert.Equal("preliminary", (await archive.Reports.FindReportAsync(id, TestContext.Current.CancellationToken))!.Status);
        FhirQuery found = new("DiagnosticReport") { Clauses = [new FhirClause("identifier", [new FhirOperand("42", "urn:x")]), new FhirClause("date", [new FhirOperand("2026-01-01", null, FhirComparison.GreaterOrEqual)])] };
        Assert.Equal(1, Assert.Single(await archive.Reports.SearchAsync(found, TestContext.Current.CancellationToken)).Version);
        Assert.Equal(0, await archive.Reports.CountAsync(new FhirQuery("DiagnosticReport") { Clauses = [new FhirClause("identifier", [new FhirOperand("42", "urn:y")])] }, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("2025-12-31", FhirComparison.Greater, 3)]
    [InlineData("2026-01-02T00:00:00Z", FhirComparison.Less, 1)]
    [InlineData("2026-01-02T00:00:00Z", FhirComparison.LessOrEqual, 2)]
    [InlineData("2026-01-03T00:00:00Z", FhirComparison.GreaterOrEqual, 1)]
    [InlineData("2026-01-02T00:00:00Z", FhirComparison.Equal, 1)]
    public async Task Resources_are_found_by_date(string value, FhirComparison comparison, int expected)
    {
        await using ISeams archive = await OpenAsync();
        await CompleteAsync(archive, [.. Enumerable.Range(1, 3).Select(n => new FhirResource("Observation", $"o{n}", "{}"u8.ToArray(), [new FhirSearchValue("date", $"2026-01-0{n}T00:00:00Z")]))]);
        FhirQuery query = new("Observation") { Clauses = [new FhirClause("date", [new FhirOperand(value, null, comparison)])] };
        Assert.Equal(expected, await archive.Reports.CountAsync(query, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(FhirComparison.GreaterOrEqual, 0, 1)]
    [InlineData(FhirComparison.Less, 0, 0)]
    [InlineData(FhirComparison.Less, 1, 1)]
    [InlineData(FhirComparison.Greater, 0, 0)]
    public async Task Resources_are_found_by_when_they_were_changed(FhirComparison comparison, int seconds, int expected)
    {
        await using ISeams archive = await OpenAsync();
        await CompleteAsync(archive, [new FhirResource("Observation", "o1", "{}"u8.ToArray(), [])]);
        FhirQuery query = new("Observation") { Clauses = [new FhirClause("_lastUpdated", [new FhirOperand(archive.Clock.GetUtcNow().AddSeconds(seconds).ToString("O"), null, comparison)])] };
        Assert.Equal(expected, await archive.Reports.CountAsync(query, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_clause_holds_when_one_of_its_operands_does_and_all_clauses_must()
    {
        await using ISeams archive = await OpenAsync();
        await CompleteAsync(
            archive,
            [
                new FhirResource("Patient", "a", "{}"u8.ToArray(), [new FhirSearchValue("name", "Müller Jürgen"), new FhirSearchValue("identifier", "1", "urn:x")]),
                new FhirResource("Patient", "b", "{}"u8.ToArray(), [new FhirSearchValue("name", "Smith Anna"), new FhirSearchValue("identifier", "2")]),
            ]);
        Assert.Equal(["a", "b"], await FindAsync(new FhirClause("identifier", [new FhirOperand("1"), new FhirOperand("2")])));
        Assert.Equal(["b"], await FindAsync(new FhirClause("identifier", [new FhirOperand("1"), new FhirOperand("2")]), new FhirClause("name", [new FhirOperand("smi", null, FhirComparison.StartsWith)])));
        Assert.Equal(["b"], await FindAsync(new FhirClause("identifier", [new FhirOperand("2", "")])));
        Assert.Equal(["a"], await FindAsync(new FhirClause("identifier", [new FhirOperand(null, "urn:x")])));
        Assert.Equal(["a"], await FindAsync(new FhirClause("_id", [new FhirOperand("a"), new FhirOperand("c")])));
        Assert.Empty(await FindAsync(new FhirClause("name", [new FhirOperand("' OR 1=1 --")])));

        async Task<IEnumerable<string>> FindAsync(params FhirClause[] clauses) =>
            (await archive.Reports.SearchAsync(new FhirQuery("Patient") { Clauses = clauses }, TestContext.Current.CancellationToken)).Select(resource => resource.Id).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task Reports_are_listed_by_study()
    {
        await using ISeams archive = await OpenAsync();
        Guid task = await CompleteAsync(archive, []);
        Assert.Equal(task, Assert.Single(await archive.Reports.ListReportsAsync(new DicomUid("1.2.1"), 10, 0, TestContext.Current.CancellationToken)).TaskId);
        Assert.Single(await archive.Reports.ListReportsAsync(null, 10, 0, TestContext.Current.CancellationToken));
        Assert.Empty(await archive.Reports.ListReportsAsync(new DicomUid("1.2.2"), 10, 0, TestContext.Current.CancellationToken));
        Assert.Null(await archive.Reports.FindReportAsync(Guid.NewGuid(), TestContext.Current.CancellationToken));
    }

    private static async Task<Guid> CompleteAsync(ISeams archive, IReadOnlyList<FhirResource> resources)
    {
        Guid id = await archive.AddTaskAsync();
        await archive.Tasks.SaveFindingsAsync((await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "a", s_lease, TestContext.Current.CancellationToken)).Claim!, new byte[] { 1 }, TestContext.Current.CancellationToken);
        TaskClaim claim = (await archive.Tasks.ClaimAsync(id, WorkKind.Report, "a", s_lease, TestContext.Current.CancellationToken)).Claim!;
        ReportRow report = new(id, new DicomUid("1.2.1"), "model", "1", new DicomUid("1.9"), null, "r1", "preliminary", archive.Clock.GetUtcNow());
        Assert.True(await archive.Tasks.CompleteAsync(claim, new TaskCompletion(report, resources), TestContext.Current.CancellationToken));
        return id;
    }
}
