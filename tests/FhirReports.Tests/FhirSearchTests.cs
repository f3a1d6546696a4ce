using System.Net;
using System.Text;
using Hl7.Fhir.Model;
using Hl7.Fhir.Validation;
using Task = System.Threading.Tasks.Task;

namespace MedicalAi.FhirReports.Tests;

public sealed class FhirSearchTests(FhirServer server) : IClassFixture<FhirServer>
{
    private string Segmented => server.Segmented.Single<DiagnosticReport>().Id!;

    private string PatientId => server.Segmented.Single<Patient>().Id!;

    [Theory]
    [InlineData("identifier=urn:dicom:uid|{sr}")]
    [InlineData("identifier={sr}")]
    [InlineData("_id={report}")]
    [InlineData("_id=other,{report}")]
    [InlineData("patient=Patient/{patient}")]
    [InlineData("patient={patient}")]
    [InlineData("subject={base}/Patient/{patient}")]
    [InlineData("subject:Patient={patient}")]
    [InlineData("patient.identifier=P-1")]
    [InlineData("subject:Patient.identifier=|P-1")]
    [InlineData("patient:identifier=P-1")]
    [InlineData("patient.family=mÜll")]
    [InlineData("patient.family=muller")]
    [InlineData("patient.name=Jürgen")]
    [InlineData("patient.family:exact=Müller")]
    [InlineData("patient.birthdate=1956-02-29&patient.given=jur&patient.family=Müller")]
    [InlineData("based-on:identifier=A-77")]
    [InlineData("based-on.identifier=A-77")]
    [InlineData("imaging-study=ImagingStudy/{study}")]
    [InlineData("imaging-study=urn:oid:1.2.826.0.1.3680043.8.498.1")]
    [InlineData("imaging-study=1.2.826.0.1.3680043.8.498.1")]
    [InlineData("imaging-study:identifier=urn:dicom:uid|urn:oid:1.2.826.0.1.3680043.8.498.1")]
    [InlineData("imaging-study.identifier=urn:oid:1.2.826.0.1.3680043.8.498.1")]
    [InlineData("imaging-study.modality=MR")]
    [InlineData("result.code=118565006")]
    [InlineData("code=http://loinc.org|18748-4&date=2026")]
    [InlineData("date=2026-02-03")]
    [InlineData("date=eq2026-02")]
    [InlineData("date=ge2026-01-01&date=lt2026-03-01")]
    [InlineData("date=gt2025-12-24")]
    [InlineData("date=sa2025-12-24,gt2030")]
    [InlineData("date=ge2026-02-03T00:00:00%2B00:00")]
    [InlineData("patient=Patient/{patient}&status=preliminary,final&category=RAD")]
    [InlineData("status=http://hl7.org/fhir/diagnostic-report-status|preliminary&category=http://terminology.hl7.org/CodeSystem/v2-0074|&date=2026")]
    public async Task A_report_is_found(string query)
    {
        string sr = server.Segmented.Single<DiagnosticReport>().Identifier[0].Value!;
        query = query.Replace("{sr}", sr, StringComparison.Ordinal).Replace("{report}", Segmented, StringComparison.Ordinal).Replace("{patient}", PatientId, StringComparison.Ordinal)
            .Replace("{base}", server.Base, StringComparison.Ordinal).Replace("{study}", server.Segmented.Single<ImagingStudy>().Id, StringComparison.Ordinal);
        Bundle bundle = await server.GetAsync<Bundle>($"DiagnosticReport?{query}", headers: ("Prefer", "handling=strict"));
        Assert.Equal([Segmented], bundle.Entry.Select(entry => entry.Resource!.Id));
        Assert.Equal(1, bundle.Total);
        Assert.Empty(bundle.Validate(ModelInfo.ModelInspector, NarrativeValidationKind.FhirXhtml, null, true));
        Assert.Equal($"{server.Base}/DiagnosticReport/{Segmented}", bundle.Entry[0].FullUrl);
        Assert.Equal("1", bundle.Entry[0].Resource!.Meta!.VersionId);
    }

    [Theory]
    [InlineData("DiagnosticReport?identifier=urn:other|2.25.1")]
    [InlineData("DiagnosticReport?identifier=|urn:oid:2.25.1")]
    [InlineData("DiagnosticReport?patient.identifier=P-3")]
    [InlineData("DiagnosticReport?patient.identifier=P-1&based-on:identifier=A-78")]
    [InlineData("DiagnosticReport?status=final")]
    [InlineData("DiagnosticReport?date=2026-02-04")]
    [InlineData("DiagnosticReport?date=lt2025-12-24")]
    [InlineData("DiagnosticReport?_lastUpdated=lt2020")]
    [InlineData("DiagnosticReport?imaging-study=1.2.3")]
    [InlineData("Patient?family:exact=müller")]
    public async Task Nothing_else_is_found(string path)
    {
        Bundle bundle = await server.GetAsync<Bundle>(path, headers: ("Prefer", "handling=strict"));
        Assert.Equal((0, 0), (bundle.Total, bundle.Entry.Count));
    }

    [Theory]
    [InlineData("Patient?identifier=P-1", 1)]
    [InlineData("Patient?name=mü", 1)]
    [InlineData("Patient?family:exact=Müller", 1)]
    [InlineData("Patient?birthdate=1956", 2)]
    [InlineData("Patient?gender=male", 2)]
    [InlineData("Observation?code=http://snomed.info/sct|118565006", 2)]
    [InlineData("Observation?value-concept=52101004", 1)]
    [InlineData("Observation?component-code=122157&category=imaging", 1)]
    [InlineData("Observation?patient.identifier=P-1", 2)]
    [InlineData("Observation?derived-from=ImagingStudy/{study}", 2)]
    [InlineData("Observation?device.model=brain", 2)]
    [InlineData("ImagingStudy?identifier=urn:oid:1.2.826.0.1.3680043.8.498.1", 1)]
    [InlineData("ImagingStudy?identifier=A-77", 1)]
    [InlineData("ImagingStudy?started=2026-02&modality=MR&status=available", 1)]
    [InlineData("Device?manufacturer=the makers", 2)]
    [InlineData("Endpoint?connection-type=dicom-wado-rs", 1)]
    [InlineData("Provenance?target=DiagnosticReport/{report}", 1)]
    [InlineData("DiagnosticReport?_lastUpdated=ge2020-01-01", 2)]
    [InlineData("DiagnosticReport?unknown=1&patient=", 2)]
    public async Task Resources_of_every_type_are_found(string path, int expected)
    {
        path = path.Replace("{study}", server.Segmented.Single<ImagingStudy>().Id, StringComparison.Ordinal).Replace("{report}", Segmented, StringComparison.Ordinal);
        Assert.Equal(expected, (await server.FindAsync(path)).Length);
    }

    [Theory]
    [InlineData("unknown=1")]
    [InlineData("_has:Observation:patient:code=1")]
    [InlineData("patient.unknown=1")]
    [InlineData("status.identifier=1")]
    [InlineData("_include=DiagnosticReport:unknown")]
    [InlineData("_include=Patient:name")]
    [InlineData("_revinclude=Observation:code")]
    [InlineData("_sort=date")]
    [InlineData("_contained=true")]
    public async Task What_is_not_known_is_refused_when_handling_is_strict_and_passed_over_else(string query)
    {
        OperationOutcome outcome = await server.GetAsync<OperationOutcome>($"DiagnosticReport?{query}", HttpStatusCode.BadRequest, ("Prefer", "return=minimal, handling=strict"));
        Assert.Equal(OperationOutcome.IssueType.NotSupported, outcome.Issue[0].Code);
        Bundle bundle = await server.GetAsync<Bundle>($"DiagnosticReport?{query}&status=preliminary");
        Assert.Equal(2, bundle.Total);
        Assert.Equal($"{server.Base}/DiagnosticReport?status=preliminary&_count=10", bundle.Link.Single(link => link.Relation == "self").Url);
    }

    [Theory]
    [InlineData("date=tomorrow")]
    [InlineData("date=2026-13")]
    [InlineData("date=ne2026")]
    [InlineData("date=ap2026")]
    [InlineData("date=2025,2026")]
    [InlineData("_lastUpdated=x")]
    [InlineData("_count=-1")]
    [InlineData("_count=many")]
    [InlineData("_offset=99999999")]
    [InlineData("_summary=all")]
    [InlineData("code:in=x")]
    [InlineData("status:not=final")]
    [InlineData("patient:Device=1")]
    [InlineData("subject:contains=x")]
    [InlineData("patient.name:contains=x")]
    public async Task What_is_known_and_wrong_is_always_refused(string query)
    {
        OperationOutcome outcome = await server.GetAsync<OperationOutcome>($"DiagnosticReport?{query}", HttpStatusCode.BadRequest);
        Assert.NotEmpty(outcome.Issue[0].Diagnostics!);
    }

    [Fact]
    public async Task Pages_lead_from_one_to_the_next_and_back()
    {
        HashSet<string> seen = [];
        string? url = "Observation?category=imaging&_count=2";
        List<int> sizes = [];
        Bundle? last = null;
        while (url is not null)
        {
            last = await server.GetAsync<Bundle>(url);
            Assert.Equal(3, last.Total);
            sizes.Add(last.Entry.Count);
            seen.UnionWith(last.Entry.Select(entry => entry.Resource!.Id!));
            url = last.Link.Find(link => link.Relation == "next")?.Url;
        }

        Assert.Equal([2, 1], sizes);
        Assert.Equal(3, seen.Count);
        Assert.Equal(2, (await server.GetAsync<Bundle>(last!.Link.Single(link => link.Relation == "previous").Url!)).Entry.Count);
    }

    [Theory]
    [InlineData("_count=0")]
    [InlineData("_summary=count")]
    public async Task Only_the_number_can_be_asked_for(string query)
    {
        Bundle bundle = await server.GetAsync<Bundle>($"Observation?{query}");
        Assert.Equal((3, 0), (bundle.Total, bundle.Entry.Count));
        Assert.DoesNotContain(bundle.Link, link => link.Relation == "next");
    }

    [Fact]
    public async Task A_page_is_no_larger_than_the_limit()
    {
        Bundle bundle = await server.GetAsync<Bundle>("Observation?_count=100000");
        Assert.Contains("_count=20", bundle.Link.Single(link => link.Relation == "self").Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task References_are_followed_once_each()
    {
        Bundle bundle = await server.GetAsync<Bundle>("DiagnosticReport?patient.identifier=P-1&_include=DiagnosticReport:result&_include=DiagnosticReport:subject:Patient&_include=DiagnosticReport:patient&_include=DiagnosticReport:imaging-study&_revinclude=Provenance:target");
        Assert.Equal(1, bundle.Total);
        Assert.Equal(
            ["DiagnosticReport", "ImagingStudy", "Observation", "Observation", "Patient", "Provenance"],
            bundle.Entry.Select(entry => entry.Resource!.TypeName).Order(StringComparer.Ordinal));
        Assert.All(bundle.Entry.Skip(1), entry => Assert.Equal(Bundle.SearchEntryMode.Include, entry.Search!.Mode));
        Assert.Single(((ImagingStudy)bundle.Entry.Single(entry => entry.Resource is ImagingStudy).Resource!).Series);
        Assert.Equal(5, (await server.GetAsync<Bundle>("DiagnosticReport?patient.identifier=P-1&_include=*")).Entry.Count);
    }

    [Fact]
    public async Task What_points_to_a_patient_comes_with_the_patient()
    {
        Bundle bundle = await server.GetAsync<Bundle>("Patient?identifier=P-2&_revinclude=DiagnosticReport:subject&_revinclude=Observation:patient");
        Assert.Equal(["Patient", "DiagnosticReport", "Observation"], bundle.Entry.Select(entry => entry.Resource!.TypeName));
    }

    [Fact]
    public async Task A_search_can_be_posted_so_that_it_stands_in_no_log()
    {
        using FormUrlEncodedContent form = new([new("patient.identifier", "P-1"), new("status", "preliminary")]);
        using HttpResponseMessage response = await server.Client.PostAsync($"{server.Base}/DiagnosticReport/_search?_count=5", form, TestContext.Current.CancellationToken);
        Bundle bundle = await FhirServer.ReadAsync<Bundle>(response);
        Assert.Equal([Segmented], bundle.Entry.Select(entry => entry.Resource!.Id));
        using StringContent json = new("{}", Encoding.UTF8, "application/json");
        using HttpResponseMessage refused = await server.Client.PostAsync($"{server.Base}/DiagnosticReport/_search", json, TestContext.Current.CancellationToken);
        await FhirServer.ReadAsync<OperationOutcome>(refused, HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task A_part_of_each_match_can_be_asked_for()
    {
        Bundle bundle = await server.GetAsync<Bundle>("DiagnosticReport?_elements=identifier,conclusion&date=2026");
        DiagnosticReport report = Assert.IsType<DiagnosticReport>(Assert.Single(bundle.Entry).Resource);
        Assert.NotNull(report.Conclusion);
        Assert.Empty(report.Result);
        Assert.Equal(1, bundle.Total);
        Assert.NotEmpty(bundle.Link);
    }

    [Fact]
    public async Task No_parameter_makes_the_services_fail()
    {
        string[] names = ["identifier", "patient", "date", "status", "_id", "_count", "_offset", "_include", "_revinclude", "_elements", "_summary", "_lastUpdated", "patient.identifier", "patient:identifier", "imaging-study", "_sort", "::", "."];
        const string Characters = "0123456789.-|,\\:/*%TZ+gelt ü\u0000'\"{}";
        Random random = new(1);
        for (int i = 0; i < 200; i++)
        {
            IEnumerable<string> query = Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"{names[random.Next(names.Length)]}={Uri.EscapeDataString(new string(random.GetItems<char>(Characters, random.Next(12))))}");
            string url = $"{server.Base}/DiagnosticReport?{string.Join('&', query)}";
            using HttpResponseMessage response = await server.Client.GetAsync(url, TestContext.Current.CancellationToken);
            Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest, $"{response.StatusCode} for {url}");
        }
    }
}
