using Hl7.Fhir.Model;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.DicomReports.Tests;

namespace MedicalAi.FhirReports.Tests;

/// <summary>Reports of small studies.</summary>
internal static class Reports
{
    public const string DicomWeb = "https://gateway.example/dicomweb";

    public static readonly DicomUid StructuredReport = new("2.25.1");

    public static StudyRow Study(string uid = TestSources.Study) => new(new DicomUid(uid), 1, 4, ["MR"], [], "{}"u8.ToArray(), 4, DateTimeOffset.UnixEpoch);

    public static IReadOnlyList<FhirResource> OfSegmentation()
    {
        List<DicomDataSet> headers = TestSources.Mr();
        return FhirReportBuilder.Build(TestSources.SegmentedMr(headers), headers, Study(), StructuredReport, new DicomUid("2.25.2"), DicomWeb);
    }

    public static IReadOnlyList<FhirResource> OfClassification(double probability = 0.876543, Action<DicomDataSet>? change = null)
    {
        List<DicomDataSet> headers = TestSources.Dx();
        headers.ForEach(header => change?.Invoke(header));
        return FhirReportBuilder.Build(TestSources.Classified(headers, probability), headers, Study(), StructuredReport, null, DicomWeb);
    }

    public static T Single<T>(this IReadOnlyList<FhirResource> resources)
        where T : Resource => Xunit.Assert.Single(resources.All<T>());

    public static IReadOnlyList<T> All<T>(this IReadOnlyList<FhirResource> resources)
        where T : Resource => [.. resources.Select(resource => FhirJson.Read(resource.Json)).OfType<T>()];
}
