using System.Net.Http.Json;
using System.Text.Json;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.DicomReports;
using MedicalAi.Findings;
using MedicalAi.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MedicalAi.Gateway.Tests;

/// <summary>Reports of saved findings: made once, whatever happens, and failing with a reason where they cannot be made.</summary>
public sealed class ReportPublisherTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Saved_findings_become_one_SR_and_one_DiagnosticReport()
    {
        await using Reporting reporting = await Reporting.StartAsync();
        await reporting.SaveAsync(reporting.Findings().Serialize());
        InferenceTask task = await reporting.WaitForEndAsync();
        Assert.True(task.Status == InferenceTaskStatus.Completed, task.Error);
        Assert.Equal(1, await reporting.CountReportsAsync());
        JsonElement found = await reporting.Gateway.Http.GetFromJsonAsync<JsonElement>("/fhir/DiagnosticReport", Token);
        Assert.Equal(1, found.GetProperty("total").GetInt32());
        JsonElement shown = await reporting.Gateway.Http.GetFromJsonAsync<JsonElement>($"/api/tasks/{task.Id}", Token);
        JsonElement report = shown.GetProperty("report");
        Assert.True((await reporting.Gateway.Http.GetAsync(report.GetProperty("structuredReport").GetString(), Token)).IsSuccessStatusCode);
        Assert.True((await reporting.Gateway.Http.GetAsync(report.GetProperty("diagnosticReport").GetString(), Token)).IsSuccessStatusCode);
        Assert.Equal(0.87, shown.GetProperty("findings").GetProperty("classifications")[0].GetProperty("probability").GetDouble());
    }

    [Fact]
    public async Task What_a_crash_had_stored_before_the_task_was_completed_is_met_and_not_doubled()
    {
        await using Reporting reporting = await Reporting.StartAsync();
        StudyFindings findings = reporting.Findings();
        DicomDataSet stored = StructuredReportBuilder.Build(findings, [reporting.Header], null);
        await reporting.IngestAsync(stored);
        await reporting.SaveAsync(findings.Serialize());
        InferenceTask task = await reporting.WaitForEndAsync();
        Assert.True(task.Status == InferenceTaskStatus.Completed, task.Error);
        Assert.Equal(1, await reporting.CountReportsAsync());
        Assert.Equal(0, (await reporting.Gateway.Services.GetRequiredService<IStudyIndex>().CountAllAsync(Token)).Quarantined);
    }

    [Fact]
    public async Task Another_SR_under_the_same_UID_fails_the_task_with_a_reason()
    {
        await using Reporting reporting = await Reporting.StartAsync();
        StudyFindings findings = reporting.Findings();
        await reporting.IngestAsync(StructuredReportBuilder.Build(findings with { MadeAt = findings.MadeAt.AddDays(1) }, [reporting.Header], null));
        await reporting.SaveAsync(findings.Serialize());
        InferenceTask task = await reporting.WaitForEndAsync();
        Assert.Equal(InferenceTaskStatus.Failed, task.Status);
        Assert.Contains("structured report was not stored", task.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Findings_that_cannot_be_read_fail_the_task_at_once()
    {
        await using Reporting reporting = await Reporting.StartAsync();
        await reporting.SaveAsync("nonsense"u8.ToArray());
        InferenceTask task = await reporting.WaitForEndAsync();
        Assert.Equal(InferenceTaskStatus.Failed, task.Status);
        Assert.Equal(1, task.Attempts);
        Assert.Contains("findings cannot be read", task.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_input_that_is_not_in_the_archive_fails_the_task_with_its_UID()
    {
        await using Reporting reporting = await Reporting.StartAsync();
        StudyFindings findings = reporting.Findings();
        await reporting.SaveAsync((findings with { Inputs = [findings.Inputs[0] with { SopInstance = new DicomUid("1.2.3.4.5") }] }).Serialize());
        InferenceTask task = await reporting.WaitForEndAsync();
        Assert.Equal(InferenceTaskStatus.Failed, task.Status);
        Assert.Contains("1.2.3.4.5", task.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_report_is_made_when_people_retry_after_the_cause_is_gone()
    {
        await using Reporting reporting = await Reporting.StartAsync();
        DicomUid later = new("1.2.3.4.6");
        StudyFindings findings = reporting.Findings();
        await reporting.SaveAsync((findings with { Inputs = [findings.Inputs[0] with { SopInstance = later }] }).Serialize());
        InferenceTask failed = await reporting.WaitForEndAsync();
        Assert.Equal(InferenceTaskStatus.Failed, failed.Status);
        await reporting.IngestAsync(reporting.Image().SetUid(DicomTags.SOPInstanceUID, later));
        await reporting.Gateway.Http.PostAsync($"/api/tasks/{failed.Id}/retry", null, Token);
        InferenceTask task = await reporting.WaitForEndAsync();
        Assert.True(task.Status == InferenceTaskStatus.Completed, task.Error);
    }

    /// <summary>A gateway that makes reports but runs no models, with one radiograph and its task.</summary>
    private sealed class Reporting : IAsyncDisposable
    {
        private readonly DicomFile _file = DicomFile.Parse(File.ReadAllBytes(Path.Combine(TestData.Root, "samples", "chest-radiographs", "pneumoniamnist_0002.dcm"))).Value;

        private Reporting(ServedGateway gateway) => Gateway = gateway;

        public ServedGateway Gateway { get; }

        public DicomDataSet Header => _file.DataSet;

        private InferenceTask Task { get; set; } = null!;

        private ITaskIndex Tasks => Gateway.Services.GetRequiredService<ITaskIndex>();

        public static async Task<Reporting> StartAsync()
        {
            Reporting reporting = new(await ServedGateway.StartAsync(options => options with { Roles = GatewayRoles.Web | GatewayRoles.Reports }));
            await reporting.IngestAsync(reporting.Header);
            reporting.Task = await reporting.WaitAsync(_ => true);
            return reporting;
        }

        public DicomDataSet Image() => DicomFile.Parse(DicomFile.ToBytes(_file.DataSet, _file.TransferSyntax)).Value.DataSet;

        public StudyFindings Findings() => new()
        {
            TaskId = Task.Id,
            Study = Task.Study,
            Model = new ModelIdentity { Name = Task.Model, Version = Task.ModelVersion, Manufacturer = "Maker", AlgorithmName = "Algorithm" },
            InputsDigest = Task.InputsDigest,
            MadeAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            Inputs = [new SourceInstance(Header.GetUid(DicomTags.SOPClassUID)!.Value, Header.GetUid(DicomTags.SOPInstanceUID)!.Value, Header.GetUid(DicomTags.SeriesInstanceUID)!.Value)],
            Classifications = [new Classification { Finding = new CodedConcept("233604007", "SCT", "Pneumonia"), Probability = 0.87, Threshold = 0.5 }],
        };

        public async Task IngestAsync(DicomDataSet dataSet)
        {
            IngestResult result = await Gateway.Services.GetRequiredService<IngestService>().IngestAsync(dataSet, TransferSyntax.ExplicitVrLittleEndian, new UploadOrigin(UploadOrigin.Result), Token);
            Assert.True(result.IsSuccess, result.Message);
        }

        /// <summary>Saves findings as the engine does.</summary>
        public async Task SaveAsync(ReadOnlyMemory<byte> findings)
        {
            TaskClaimResult claimed = await Tasks.ClaimAsync(Task.Id, WorkKind.Infer, "test", s_limit, Token);
            Assert.True(await Tasks.SaveFindingsAsync(claimed.Claim!, findings, Token));
        }

        public Task<InferenceTask> WaitForEndAsync() => WaitAsync(task => task.Id == Task.Id && task.Status is InferenceTaskStatus.Completed or InferenceTaskStatus.Failed);

        public async Task<int> CountReportsAsync() =>
            (await Gateway.Http.GetFromJsonAsync<JsonElement>($"/dicomweb/studies/{Task.Study}/instances?SOPClassUID={DicomUids.ComprehensiveSRStorage}", Token)).GetArrayLength();

        public async ValueTask DisposeAsync() => await Gateway.DisposeAsync();

        private async Task<InferenceTask> WaitAsync(Func<InferenceTask, bool> isIt)
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
            limit.CancelAfter(s_limit);
            while (true)
            {
                if ((await Tasks.ListTasksAsync(new TaskQuery(), limit.Token)).FirstOrDefault(isIt) is { } task)
                {
                    return task;
                }

                await System.Threading.Tasks.Task.Delay(20, limit.Token);
            }
        }
    }
}
