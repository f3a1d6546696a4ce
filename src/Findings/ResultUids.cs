using System.Globalization;
using MedicalAi.Dicom;

namespace MedicalAi.Findings;

/// <summary>
/// The identity of results: derived from study, model, model version and inputs digest, so that making them again meets what is
/// there already. Every id and UID of a report comes from here.
/// </summary>
public static class ResultUids
{
    /// <summary>SOP Instance UID of the structured report.</summary>
    public static DicomUid StructuredReport(StudyFindings findings) => Derive("sr", findings);

    /// <summary>Series Instance UID of the structured report.</summary>
    public static DicomUid StructuredReportSeries(StudyFindings findings) => Derive("sr-series", findings);

    /// <summary>SOP Instance UID of the segmentation.</summary>
    public static DicomUid Segmentation(StudyFindings findings) => Derive("seg", findings);

    /// <summary>Series Instance UID of the segmentation.</summary>
    public static DicomUid SegmentationSeries(StudyFindings findings) => Derive("seg-series", findings);

    /// <summary>Dimension Organization UID of the segmentation.</summary>
    public static DicomUid DimensionOrganization(StudyFindings findings) => Derive("dimensions", findings);

    /// <summary>Frame of Reference UID for a series that has geometry but names no frame of reference.</summary>
    public static DicomUid FrameOfReference(DicomUid sourceSeries) => DicomUid.FromName("medicalai/frame-of-reference", sourceSeries.Value);

    /// <summary>Tracking UID of one thing that was found, the same in SR and SEG.</summary>
    /// <param name="findings">The findings.</param>
    /// <param name="trackingId">Its tracking identifier.</param>
    public static DicomUid Tracking(StudyFindings findings, string trackingId) => Derive("tracking", findings, trackingId);

    /// <summary>Tracking identifier of a segment.</summary>
    public static string SegmentTrackingId(StudyFindings findings, int number)
    {
        ArgumentNullException.ThrowIfNull(findings);
        return string.Create(CultureInfo.InvariantCulture, $"{findings.Model.Name} segment {number}");
    }

    /// <summary>The UID of the algorithm as an observer: the same for every study.</summary>
    public static DicomUid Device(ModelIdentity model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return DicomUid.FromName("medicalai/device", model.Manufacturer, model.Name, model.Version);
    }

    /// <summary>The logical id of a FHIR resource of the findings: a UUID in its usual form.</summary>
    /// <param name="findings">The findings.</param>
    /// <param name="type">The resource type.</param>
    /// <param name="part">What tells it from others of its type, empty when there is one.</param>
    public static string FhirId(StudyFindings findings, string type, string part = "") => ToUuid(Derive("fhir", findings, type, part));

    /// <summary>The logical id of a FHIR resource that is named by what it is, not by the findings: patient, study, device, endpoint.</summary>
    /// <param name="type">The resource type.</param>
    /// <param name="names">What identifies it.</param>
    public static string FhirId(string type, params ReadOnlySpan<string> names) => ToUuid(DicomUid.FromName($"medicalai/fhir/{type}", names));

    private static DicomUid Derive(string scope, StudyFindings findings, params ReadOnlySpan<string> parts)
    {
        ArgumentNullException.ThrowIfNull(findings);
        return DicomUid.FromName($"medicalai/{scope}", [findings.Study.Value, findings.Model.Name, findings.Model.Version, findings.InputsDigest, .. parts]);
    }

    // A derived UID is a UUID as a decimal number under 2.25 (PS3.5 B.2).
    private static string ToUuid(DicomUid uid)
    {
        UInt128 number = UInt128.Parse(uid.Value.AsSpan("2.25.".Length), CultureInfo.InvariantCulture);
        string digits = number.ToString("x32", CultureInfo.InvariantCulture);
        return $"{digits[..8]}-{digits[8..12]}-{digits[12..16]}-{digits[16..20]}-{digits[20..]}";
    }
}
