using System.Net;
using System.Net.Http.Headers;
using Hl7.Fhir.Model;
using Hl7.Fhir.Validation;
using MedicalAi.Archive;
using MedicalAi.DicomReports.Tests;
using Microsoft.Extensions.DependencyInjection;
using Task = System.Threading.Tasks.Task;

namespace MedicalAi.FhirReports.Tests;

public sealed class FhirReadTests(FhirServer server) : IClassFixture<FhirServer>
{
    private string ReportId => server.Segmented.Single<DiagnosticReport>().Id!;

    [Fact]
    public async Task Every_resource_that_was_entered_is_read_valid_with_its_version()
    {
        foreach (FhirResource resource in server.Segmented)
        {
            using HttpResponseMessage response = await server.Client.GetAsync($"{server.Base}/{resource.Type}/{resource.Id}", TestContext.Current.CancellationToken);
            Resource read = FhirJson.Read(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
            Assert.Equal((resource.Type, resource.Id), (read.TypeName, read.Id));
            Assert.Equal($"W/\"{read.Meta!.VersionId}\"", response.Headers.ETag!.ToString());
            Assert.Equal(read.Meta.LastUpdated!.Value.ToUnixTimeSeconds(), response.Content.Headers.LastModified!.Value.ToUnixTimeSeconds());
            Assert.Empty(read.Validate(ModelInfo.ModelInspector, NarrativeValidationKind.FhirXhtml, null, true));
        }
    }

    [Fact]
    public async Task What_has_not_changed_is_not_sent_again()
    {
        EntityTagHeaderValue tag;
        using (HttpResponseMessage first = await server.Client.GetAsync($"{server.Base}/DiagnosticReport/{ReportId}", TestContext.Current.CancellationToken))
        {
            tag = first.Headers.ETag!;
        }

        Assert.Equal(HttpStatusCode.NotModified, await StatusAsync(request => request.Headers.IfNoneMatch.Add(tag)));
        Assert.Equal(HttpStatusCode.NotModified, await StatusAsync(request => request.Headers.IfModifiedSince = DateTimeOffset.UtcNow.AddHours(1)));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(request => request.Headers.IfNoneMatch.Add(new EntityTagHeaderValue("\"99\"", isWeak: true))));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(request => request.Headers.IfModifiedSince = DateTimeOffset.UtcNow.AddHours(-1)));

        async Task<HttpStatusCode> StatusAsync(Action<HttpRequestMessage> change)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, $"{server.Base}/DiagnosticReport/{ReportId}");
            change(request);
            using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task A_study_names_the_series_and_instances_that_the_archive_holds()
    {
        ImagingStudy study = await server.GetAsync<ImagingStudy>($"ImagingStudy/{server.Segmented.Single<ImagingStudy>().Id}");
        Assert.Equal((1, 4), (study.NumberOfSeries, study.NumberOfInstances));
        ImagingStudy.SeriesComponent series = Assert.Single(study.Series);
        Assert.Equal((TestSources.Study + ".1", "MR", 3, 4), (series.Uid, series.Modality!.Code, series.Number, series.NumberOfInstances));
        Assert.Equal(Enumerable.Range(1, 4).Select(n => $"{TestSources.Study}.1.{n}"), series.Instance.Select(instance => instance.Uid));
        Assert.Equal("urn:oid:1.2.840.10008.5.1.4.1.1.4", series.Instance[0].SopClass!.Code);
    }

    [Fact]
    public async Task An_answer_names_no_more_instances_than_the_limit_but_every_series()
    {
        ImagingStudyContents contents = new(server.Services.GetRequiredService<IStudyIndex>(), 5);
        ImagingStudy first = server.Segmented.Single<ImagingStudy>();
        ImagingStudy second = server.Segmented.Single<ImagingStudy>();
        foreach (ImagingStudy study in (ImagingStudy[])[first, second])
        {
            study.Meta = new Meta { VersionId = "1", LastUpdated = DateTimeOffset.UnixEpoch };
            await contents.FillAsync(study, TestContext.Current.CancellationToken);
        }

        Assert.Equal(4, first.Series[0].Instance.Count);
        Assert.Empty(second.Series[0].Instance);
        Assert.Equal(4, second.Series[0].NumberOfInstances);
    }

    [Fact]
    public async Task A_head_request_has_the_headers_alone()
    {
        using HttpRequestMessage request = new(HttpMethod.Head, $"{server.Base}/DiagnosticReport/{ReportId}");
        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Content.Headers.ContentLength > 0);
        Assert.NotNull(response.Headers.ETag);
    }

    [Fact]
    public async Task The_capability_statement_names_what_is_served()
    {
        CapabilityStatement statement = await server.GetAsync<CapabilityStatement>("metadata");
        Assert.Equal((FHIRVersion.N4_0_1, CapabilityStatementKind.Instance, PublicationStatus.Active), (statement.FhirVersion, statement.Kind, statement.Status));
        Assert.Equal(server.Base, statement.Implementation!.Url);
        CapabilityStatement.ResourceComponent report = statement.Rest[0].Resource.Single(resource => resource.Type == "DiagnosticReport");
        Assert.Superset(
            new HashSet<string?> { "_id", "_lastUpdated", "identifier", "patient", "subject", "based-on", "status", "date", "code", "category", "imaging-study" },
            report.SearchParam.Select(parameter => parameter.Name).ToHashSet());
        Assert.Contains("DiagnosticReport:result", report.SearchInclude);
        Assert.Contains("Provenance:target", report.SearchRevInclude);
        Assert.Empty(statement.Validate(ModelInfo.ModelInspector, NarrativeValidationKind.FhirXhtml, null, true));
    }

    [Fact]
    public async Task Every_search_parameter_of_the_capability_statement_is_accepted()
    {
        CapabilityStatement statement = await server.GetAsync<CapabilityStatement>("metadata");
        foreach (CapabilityStatement.ResourceComponent resource in statement.Rest[0].Resource)
        {
            foreach (CapabilityStatement.SearchParamComponent parameter in resource.SearchParam)
            {
                await server.GetAsync<Bundle>($"{resource.Type}?{parameter.Name}={(parameter.Type == SearchParamType.Date ? "2026-02-03" : "x")}", headers: ("Prefer", "handling=strict"));
            }

            foreach (string? include in resource.SearchInclude)
            {
                await server.GetAsync<Bundle>($"{resource.Type}?_include={include}", headers: ("Prefer", "handling=strict"));
            }

            foreach (string? include in resource.SearchRevInclude)
            {
                await server.GetAsync<Bundle>($"{resource.Type}?_revinclude={include}", headers: ("Prefer", "handling=strict"));
            }
        }
    }

    [Theory]
    [InlineData("DiagnosticReport/unknown", HttpStatusCode.NotFound)]
    [InlineData("DiagnosticReport/%27%20OR%201=1", HttpStatusCode.NotFound)]
    [InlineData("Medication", HttpStatusCode.NotFound)]
    [InlineData("Medication/1", HttpStatusCode.NotFound)]
    [InlineData("patient", HttpStatusCode.NotFound)]
    [InlineData("", HttpStatusCode.NotFound)]
    [InlineData("Patient/1/_history/1", HttpStatusCode.NotFound)]
    [InlineData("metadata?_format=xml", HttpStatusCode.NotAcceptable)]
    [InlineData("DiagnosticReport?_format=application/fhir%2Bxml", HttpStatusCode.NotAcceptable)]
    public async Task An_error_is_an_operation_outcome(string path, HttpStatusCode status)
    {
        OperationOutcome outcome = await server.GetAsync<OperationOutcome>(path, status);
        Assert.Equal(OperationOutcome.IssueSeverity.Error, Assert.Single(outcome.Issue).Severity);
    }

    [Theory]
    [InlineData("application/fhir+json", true)]
    [InlineData("application/json", true)]
    [InlineData("application/fhir+json; fhirVersion=4.0", true)]
    [InlineData("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", true)]
    [InlineData("application/fhir+json; fhirVersion=5.0", false)]
    [InlineData("application/fhir+xml", false)]
    [InlineData("application/json;q=0, text/html", false)]
    public async Task Only_what_is_accepted_is_sent(string accept, bool expected)
    {
        if (expected)
        {
            await server.GetAsync<CapabilityStatement>("metadata", headers: ("Accept", accept));
        }
        else
        {
            await server.GetAsync<OperationOutcome>("metadata", HttpStatusCode.NotAcceptable, ("Accept", accept));
        }
    }

    [Theory]
    [InlineData("POST", "DiagnosticReport", "GET, HEAD")]
    [InlineData("PUT", "DiagnosticReport/1", "GET, HEAD")]
    [InlineData("DELETE", "DiagnosticReport/1", "GET, HEAD")]
    [InlineData("PUT", "DiagnosticReport/_search", "POST")]
    [InlineData("POST", "metadata", "GET, HEAD")]
    public async Task Nothing_can_be_written(string method, string path, string allowed)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), $"{server.Base}/{path}");
        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        await FhirServer.ReadAsync<OperationOutcome>(response, HttpStatusCode.MethodNotAllowed);
        Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow));
    }

    [Fact]
    public async Task A_part_of_a_resource_is_marked_as_such()
    {
        DiagnosticReport report = await server.GetAsync<DiagnosticReport>($"DiagnosticReport/{ReportId}?_elements=conclusion");
        Assert.NotNull(report.Conclusion);
        Assert.Empty(report.Result);
        Assert.Equal(DiagnosticReport.DiagnosticReportStatus.Preliminary, report.Status);
        Assert.Contains(report.Meta!.Tag, tag => tag.Code == "SUBSETTED");
        Assert.Empty((await server.GetAsync<DiagnosticReport>($"DiagnosticReport/{ReportId}?_summary=true")).PresentedForm);
    }
}
