using System.Net;
using Hl7.Fhir.Model;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.DicomReports.Tests;
using MedicalAi.Findings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Task = System.Threading.Tasks.Task;

namespace MedicalAi.FhirReports.Tests;

/// <summary>The services on a free port over an archive of its own, holding the reports of two studies of two patients.</summary>
public sealed class FhirServer : IAsyncLifetime
{
    public const string OtherStudy = "1.2.826.0.1.3680043.8.498.2";

    private readonly string _folder = Directory.CreateTempSubdirectory("fhir-test-").FullName;
    private WebApplication? _host;

    public HttpClient Client { get; } = new();

    public string Base => _host!.Urls.Single() + "/fhir";

    public IServiceProvider Services => _host!.Services;

    /// <summary>The resources of the segmentation of an MR study, patient P-1, accession A-77.</summary>
    internal IReadOnlyList<FhirResource> Segmented { get; private set; } = [];

    /// <summary>The resources of the classification of a radiograph of another study, patient P-2, accession A-78.</summary>
    internal IReadOnlyList<FhirResource> Classified { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddArchive(new ArchiveOptions { DataFolder = _folder, StudyStability = TimeSpan.FromHours(1) });
        _host = builder.Build();
        _host.MapFhir(new FhirOptions { DefaultCount = 10, MaximumCount = 20 });
        await _host.StartAsync();

        List<DicomDataSet> mr = TestSources.Mr();
        StudyFindings segmented = TestSources.SegmentedMr(mr);
        Segmented = FhirReportBuilder.Build(segmented, mr, Reports.Study(), ResultUids.StructuredReport(segmented), ResultUids.Segmentation(segmented), Reports.DicomWeb);
        await EnterAsync(segmented, mr, Segmented);

        List<DicomDataSet> dx = TestSources.Dx();
        dx[0].SetString(DicomTags.StudyInstanceUID, OtherStudy).SetString(DicomTags.SeriesInstanceUID, OtherStudy + ".1").SetString(DicomTags.SOPInstanceUID, OtherStudy + ".1.1")
            .SetString(DicomTags.PatientID, "P-2").SetString(DicomTags.PatientName, "Other^Anna").SetString(DicomTags.AccessionNumber, "A-78").SetString(DicomTags.StudyDate, "20251224");
        StudyFindings classified = TestSources.Classified(dx) with { Study = new DicomUid(OtherStudy) };
        Classified = FhirReportBuilder.Build(classified, dx, Reports.Study(OtherStudy), ResultUids.StructuredReport(classified), null, Reports.DicomWeb);
        await EnterAsync(classified, dx, Classified);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_host is not null)
        {
            await _host.StopAsync();
            await _host.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Gets a resource from a path below the base, or an absolute URL.</summary>
    public async Task<T> GetAsync<T>(string path, HttpStatusCode expected = HttpStatusCode.OK, params (string Name, string Value)[] headers)
        where T : Resource
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path.StartsWith("http", StringComparison.Ordinal) ? path : $"{Base}/{path}");
        foreach ((string name, string value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        using HttpResponseMessage response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return await ReadAsync<T>(response, expected);
    }

    public static async Task<T> ReadAsync<T>(HttpResponseMessage response, HttpStatusCode expected = HttpStatusCode.OK)
        where T : Resource
    {
        byte[] body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.True(expected == response.StatusCode, $"{response.StatusCode}: {System.Text.Encoding.UTF8.GetString(body)}");
        Assert.Equal("application/fhir+json", response.Content.Headers.ContentType?.MediaType);
        return Assert.IsType<T>(FhirJson.Read(body));
    }

    /// <summary>The ids that a search finds.</summary>
    public async Task<string[]> FindAsync(string path) =>
        [.. (await GetAsync<Bundle>(path)).Entry.Where(entry => entry.Search!.Mode == Bundle.SearchEntryMode.Match).Select(entry => entry.Resource!.Id!)];

    private async Task EnterAsync(StudyFindings findings, List<DicomDataSet> headers, IReadOnlyList<FhirResource> resources)
    {
        IngestService ingest = Services.GetRequiredService<IngestService>();
        ITaskIndex tasks = Services.GetRequiredService<ITaskIndex>();
        foreach (DicomDataSet header in headers)
        {
            Assert.Equal(IngestOutcome.Stored, (await ingest.IngestAsync(header, TransferSyntax.ExplicitVrLittleEndian, new UploadOrigin(UploadOrigin.Import), default)).Outcome);
        }

        long revision = (await Services.GetRequiredService<IStudyIndex>().FindStudyAsync(findings.Study, default))!.Revision;
        await tasks.AddTasksAsync(findings.Study, revision, [new NewTask(findings.Model.Name, findings.Model.Version, findings.InputsDigest, [])], default);
        Guid id = (await tasks.ListTasksAsync(new TaskQuery(), default)).Single(task => task.Study == findings.Study).Id;
        TaskClaim infer = (await tasks.ClaimAsync(id, WorkKind.Infer, "test", TimeSpan.FromMinutes(1), default)).Claim!;
        Assert.True(await tasks.SaveFindingsAsync(infer, findings.Serialize(), default));
        TaskClaim report = (await tasks.ClaimAsync(id, WorkKind.Report, "test", TimeSpan.FromMinutes(1), default)).Claim!;
        ReportRow row = new(id, findings.Study, findings.Model.Name, findings.Model.Version, ResultUids.StructuredReport(findings), null, FhirReportBuilder.DiagnosticReportId(findings), "preliminary", findings.MadeAt);
        Assert.True(await tasks.CompleteAsync(report, new TaskCompletion(row, resources), default));
    }
}
