using System.Text;
using Hl7.Fhir.Model;
using Hl7.Fhir.Validation;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.DicomReports.Tests;
using MedicalAi.Findings;

namespace MedicalAi.FhirReports.Tests;

public sealed class FhirReportBuilderTests
{
    [Fact]
    public void A_report_is_preliminary_of_radiology_and_says_that_it_is_of_an_algorithm()
    {
        IReadOnlyList<FhirResource> resources = Reports.OfClassification();
        DiagnosticReport report = resources.Single<DiagnosticReport>();
        Assert.Equal(DiagnosticReport.DiagnosticReportStatus.Preliminary, report.Status);
        Assert.Equal(["RAD", "LP29684-5"], report.Category.Select(category => category.Coding[0].Code));
        Assert.Equal(("http://loinc.org", "18748-4"), (report.Code.Coding[0].System, report.Code.Coding[0].Code));
        Assert.Equal("AIAST", Assert.Single(report.Meta!.Security).Code);
        Assert.StartsWith("Preliminary result of an artificial intelligence algorithm, not reviewed by a physician.", report.Conclusion, StringComparison.Ordinal);
        Assert.Contains("Pneumonia: present (probability 87.65 %).", report.Conclusion, StringComparison.Ordinal);
        Assert.Equal("233604007", Assert.Single(report.ConclusionCode).Coding[0].Code);
        Assert.Equal("urn:oid:2.25.1", Assert.Single(report.Identifier).Value);
        Assert.Equal("2026-02-03", ((FhirDateTime)report.Effective!).Value);
        Assert.Equal(new DateTimeOffset(2026, 2, 3, 14, 15, 16, 789, TimeSpan.Zero), report.Issued);
        Assert.Equal("A-77", Assert.Single(report.BasedOn).Identifier!.Value);
    }

    [Fact]
    public void The_presented_form_has_its_size_as_a_number_also_when_it_is_written_again()
    {
        DiagnosticReport report = Reports.OfClassification().Single<DiagnosticReport>();
        Assert.Contains($"\"size\":{report.PresentedForm[0].Data!.Length},", Encoding.UTF8.GetString(FhirJson.Write(report).Span), StringComparison.Ordinal);
    }

    [Fact]
    public void A_classification_is_an_observation_of_presence_with_its_probability()
    {
        Observation observation = Reports.OfClassification().Single<Observation>();
        Assert.Equal(ObservationStatus.Preliminary, observation.Status);
        Assert.Equal(("http://snomed.info/sct", "233604007"), (observation.Code.Coding[0].System, observation.Code.Coding[0].Code));
        Assert.Equal("52101004", ((CodeableConcept)observation.Value!).Coding[0].Code);
        Assert.Equal("POS", Assert.Single(observation.Interpretation).Coding[0].Code);
        Quantity probability = (Quantity)Assert.Single(observation.Component).Value!;
        Assert.Equal((87.6543m, "http://unitsofmeasure.org", "%"), (probability.Value, probability.System, probability.Code));
        Assert.Equal("39607008", observation.BodySite!.Coding[0].Code);
    }

    [Fact]
    public void What_was_not_found_is_absent_and_no_conclusion()
    {
        IReadOnlyList<FhirResource> resources = Reports.OfClassification(0.1);
        Observation observation = resources.Single<Observation>();
        Assert.Equal("272519000", ((CodeableConcept)observation.Value!).Coding[0].Code);
        Assert.Equal("NEG", Assert.Single(observation.Interpretation).Coding[0].Code);
        Assert.Empty(resources.Single<DiagnosticReport>().ConclusionCode);
    }

    [Fact]
    public void A_volume_is_an_observation_in_UCUM_of_the_segment()
    {
        IReadOnlyList<Observation> observations = Reports.OfSegmentation().All<Observation>();
        Quantity volume = (Quantity)observations[0].Value!;
        Assert.Equal((518.54m, "ml", "ml", "http://unitsofmeasure.org"), (volume.Value, volume.Unit, volume.Code, volume.System));
        Assert.Equal("118565006", observations[0].Code.Coding[0].Code);
        Assert.Equal("Volume of White Matter", observations[0].Code.Text);
        Assert.Equal("68523003", observations[0].BodySite!.Coding[0].Code);
        Assert.Equal("126030", observations[1].Method!.Coding[0].Code);
        Assert.Contains(observations[0].DerivedFrom, reference => reference.Identifier?.Value == "urn:oid:2.25.2");
    }

    [Fact]
    public void Every_reference_within_the_report_leads_to_one_of_its_resources()
    {
        IReadOnlyList<FhirResource> resources = Reports.OfSegmentation();
        HashSet<string> known = [.. resources.Select(resource => $"{resource.Type}/{resource.Id}")];
        string[] references = [.. resources.SelectMany(resource => SearchParameters.Find(resource.Type)!.SelectMany(parameter => parameter.References(FhirJson.Read(resource.Json)))).Select(reference => reference.Reference).OfType<string>()];
        Assert.NotEmpty(references);
        Assert.All(references, reference => Assert.Contains(reference, known));
        Assert.Equal(known.Count, resources.Count);
    }

    [Fact]
    public void The_patient_is_named_as_in_the_header()
    {
        Patient patient = Reports.OfClassification(change: header => header
            .SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192")
            .SetString(DicomTags.PatientName, "Yamada^Tarou^^Dr.=山田^太郎")).Single<Patient>();
        Assert.Equal(("Yamada", "Tarou", "Dr.", "Dr. Tarou Yamada"), (patient.Name[0].Family, patient.Name[0].Given.Single(), patient.Name[0].Prefix.Single(), patient.Name[0].Text));
        Assert.Equal(("山田", "IDE"), (patient.Name[1].Family, ((Code)patient.Name[1].Extension[0].Value!).Value));
        Assert.Equal(("1956-02-29", AdministrativeGender.Male), (patient.BirthDate, patient.Gender));
        Identifier identifier = Assert.Single(patient.Identifier);
        Assert.Equal(("P-1", "MR", "HOSPITAL"), (identifier.Value, identifier.Type!.Coding[0].Code, identifier.Assigner!.Display));
    }

    [Fact]
    public void The_same_patient_ID_of_another_issuer_is_another_patient_and_none_is_one_for_each_study()
    {
        string id = Id(_ => { });
        Assert.Equal(id, Id(header => header.SetString(DicomTags.PatientName, "Other^Name")));
        Assert.NotEqual(id, Id(header => header.SetString(DicomTags.IssuerOfPatientID, "ELSEWHERE")));
        Assert.NotEqual(id, Id(header => header.Remove(DicomTags.PatientID)));

        static string Id(Action<DicomDataSet> change) => Reports.OfClassification(change: change).Single<Patient>().Id!;
    }

    [Fact]
    public void An_issuer_with_an_OID_is_the_system_of_the_identifier()
    {
        Patient patient = Reports.OfClassification(change: header => header.SetSequence(
            DicomTags.IssuerOfPatientIDQualifiersSequence,
            new DicomDataSet(header).SetString(DicomTags.UniversalEntityID, "1.2.840.99").SetString(DicomTags.UniversalEntityIDType, "ISO"))).Single<Patient>();
        Assert.Equal("urn:oid:1.2.840.99", patient.Identifier[0].System);
    }

    [Fact]
    public void The_study_has_its_UID_accession_number_and_services()
    {
        IReadOnlyList<FhirResource> resources = Reports.OfSegmentation();
        ImagingStudy study = resources.Single<ImagingStudy>();
        Assert.Equal(("urn:dicom:uid", "urn:oid:" + TestSources.Study), (study.Identifier[0].System, study.Identifier[0].Value));
        Assert.Equal(("A-77", "ACSN"), (study.Identifier[1].Value, study.Identifier[1].Type!.Coding[0].Code));
        Assert.Equal("MR", Assert.Single(study.Modality).Code);
        Assert.Equal(Reports.DicomWeb, resources.Single<Endpoint>().Address);
    }

    [Fact]
    public void A_time_is_given_only_where_its_time_zone_is_known()
    {
        Assert.Equal("2026-02-03", Started(_ => { }));
        Assert.Equal("2026-02-03T13:00:00-05:00", Started(header => header.SetString(DicomTags.TimezoneOffsetFromUTC, "-0500")));
        Assert.Null(Started(header => header.SetString(DicomTags.StudyDate, "unknown")));

        static string? Started(Action<DicomDataSet> change) => Reports.OfClassification(change: change).Single<ImagingStudy>().Started;
    }

    [Fact]
    public void The_device_is_the_model()
    {
        Device device = Reports.OfSegmentation().Single<Device>();
        Assert.Equal(("The makers", "brain-tissue", "1.0.0", new string('a', 64)), (device.Manufacturer, device.ModelNumber, device.Version[0].Value, device.SerialNumber));
        Assert.Equal("123110", device.Type!.Coding[0].Code);
    }

    [Fact]
    public void The_same_findings_give_the_same_bytes_and_ids()
    {
        IReadOnlyList<FhirResource> first = Reports.OfSegmentation();
        IReadOnlyList<FhirResource> again = Reports.OfSegmentation();
        Assert.Equal(first.Select(resource => (resource.Type, resource.Id, Convert.ToHexString(resource.Json.Span))), again.Select(resource => (resource.Type, resource.Id, Convert.ToHexString(resource.Json.Span))));
    }

    [Theory]
    [InlineData("segmentation")]
    [InlineData("classification")]
    [InlineData("bare header")]
    [InlineData("odd header")]
    public void Every_resource_is_valid(string kind)
    {
        List<DicomDataSet> headers = TestSources.Dx();
        IReadOnlyList<FhirResource> resources = kind switch
        {
            "segmentation" => Reports.OfSegmentation(),
            "bare header" => FhirReportBuilder.Build(TestSources.Findings(headers), [new DicomDataSet()], Reports.Study(), Reports.StructuredReport, null, "/dicomweb"),
            "odd header" => Reports.OfClassification(change: header => header
                .SetString(DicomTags.PatientName, "^^^^").SetString(DicomTags.PatientSex, "X").SetString(DicomTags.PatientBirthDate, "1956").SetString(DicomTags.AccessionNumber, "  ")
                .SetString(DicomTags.StudyDescription, "a\u0001b\r\n").SetString(DicomTags.Modality, "").SetString(DicomTags.StudyTime, "9999")),
            _ => Reports.OfClassification(),
        };
        foreach (Resource resource in resources.Select(resource => FhirJson.Read(resource.Json)))
        {
            Assert.Empty(resource.Validate(ModelInfo.ModelInspector, NarrativeValidationKind.FhirXhtml, null, true).Select(problem => $"{resource.TypeName}: {problem.Message}"));
        }
    }

    [Fact]
    public void A_unit_or_finding_of_a_private_scheme_has_no_system()
    {
        List<DicomDataSet> headers = TestSources.Dx();
        StudyFindings findings = TestSources.Findings(headers) with
        {
            Measurements = [new Measurement { Quantity = new CodedConcept("score", "99MEDAI", "Score"), Value = 1e300, Unit = new CodedConcept("points", "99MEDAI", "points") }],
        };
        Observation observation = FhirReportBuilder.Build(findings, headers, Reports.Study(), Reports.StructuredReport, null, Reports.DicomWeb).Single<Observation>();
        Quantity quantity = (Quantity)observation.Value!;
        Assert.Equal((null, null, "points", decimal.MaxValue), (quantity.System, quantity.Code, quantity.Unit, quantity.Value));
        Assert.Null(observation.Code.Coding[0].System);
    }

    [Fact]
    public void A_report_needs_a_header_and_its_own_study()
    {
        List<DicomDataSet> headers = TestSources.Dx();
        StudyFindings findings = TestSources.Classified(headers);
        Assert.Throws<ArgumentException>(() => FhirReportBuilder.Build(findings, [], Reports.Study(), Reports.StructuredReport, null, Reports.DicomWeb));
        Assert.Throws<ArgumentException>(() => FhirReportBuilder.Build(findings, headers, Reports.Study("1.2.3"), Reports.StructuredReport, null, Reports.DicomWeb));
    }
}
