using MedicalAi.Dicom;

namespace MedicalAi.Findings.Tests;

public sealed class ResultUidsTests
{
    [Fact]
    public void Results_of_the_same_study_model_version_and_inputs_have_the_same_identity()
    {
        StudyFindings first = Samples.All();
        StudyFindings again = first with { TaskId = Guid.NewGuid(), MadeAt = first.MadeAt.AddDays(1), Notes = [] };
        Assert.Equal(ResultUids.StructuredReport(first), ResultUids.StructuredReport(again));
        Assert.Equal(ResultUids.FhirId(first, "Observation", "1"), ResultUids.FhirId(again, "Observation", "1"));
    }

    [Fact]
    public void Anything_of_study_model_version_and_inputs_changes_the_identity()
    {
        StudyFindings findings = Samples.All();
        DicomUid[] uids =
        [
            ResultUids.StructuredReport(findings),
            ResultUids.StructuredReport(findings with { Study = new DicomUid("1.2.4") }),
            ResultUids.StructuredReport(findings with { Model = findings.Model with { Name = "other" } }),
            ResultUids.StructuredReport(findings with { Model = findings.Model with { Version = "1.1" } }),
            ResultUids.StructuredReport(findings with { InputsDigest = "other" }),
            ResultUids.StructuredReportSeries(findings),
            ResultUids.Segmentation(findings),
            ResultUids.SegmentationSeries(findings),
            ResultUids.DimensionOrganization(findings),
            ResultUids.Tracking(findings, "a"),
            ResultUids.Tracking(findings, "b"),
        ];
        Assert.Equal(uids.Length, uids.Distinct().Count());
        Assert.All(uids, uid => Assert.True(uid.IsValid));
    }

    [Fact]
    public void A_FHIR_id_is_a_UUID_of_version_5()
    {
        string id = ResultUids.FhirId(Samples.All(), "Observation", "1");
        Assert.True(Guid.TryParseExact(id, "D", out _));
        Assert.Equal('5', id[14]);
        Assert.NotEqual(id, ResultUids.FhirId(Samples.All(), "Observation", "2"));
        Assert.NotEqual(ResultUids.FhirId("Patient", "1", "23"), ResultUids.FhirId("Patient", "12", "3"));
    }
}
