using Hl7.Fhir.Model;
using MedicalAi.Dicom;
using MedicalAi.Findings;

namespace MedicalAi.FhirReports;

/// <summary>Codes of DICOM as FHIR has them, and the systems that reports name.</summary>
internal static class FhirConcepts
{
    public const string Dicom = "http://dicom.nema.org/resources/ontology/DCM";
    public const string Loinc = "http://loinc.org";
    public const string Snomed = "http://snomed.info/sct";
    public const string Ucum = "http://unitsofmeasure.org";
    public const string DicomUidSystem = "urn:dicom:uid";
    public const string IdentifierType = "http://terminology.hl7.org/CodeSystem/v2-0203";
    public const string ObservationValue = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";

    /// <summary>The security label "asserted by artificial intelligence".</summary>
    public static Coding AssertedByAi => new(ObservationValue, "AIAST", "Artificial Intelligence asserted");

    public static Coding ToCoding(CodedConcept code) => new(SystemOf(code.Scheme), code.Value, code.Meaning);

    public static CodeableConcept ToConcept(CodedConcept code) => new() { Coding = [ToCoding(code)], Text = code.Meaning };

    public static CodeableConcept Concept(string system, string code, string display) => new() { Coding = [new Coding(system, code, display)], Text = display };

    /// <summary>A number with its unit; the unit's code only where its system has a URI (invariant qty-3).</summary>
    public static Quantity ToQuantity(double value, CodedConcept unit) => new()
    {
        Value = ToDecimal(value),
        Unit = unit.Scheme == "UCUM" && unit.Value is not ("%" or "1") ? unit.Value : unit.Meaning,
        System = SystemOf(unit.Scheme),
        Code = SystemOf(unit.Scheme) is null ? null : unit.Value,
    };

    /// <summary>A UID as an identifier: <c>urn:oid:</c> in the system <c>urn:dicom:uid</c>.</summary>
    public static Identifier ToIdentifier(DicomUid uid) => new(DicomUidSystem, ToUrn(uid));

    public static string ToUrn(DicomUid uid) => "urn:oid:" + uid.Value;

    /// <summary>Text for a FHIR string: without control characters and surrounding space; null when nothing is left.</summary>
    public static string? Clean(string? text)
    {
        if (text is null)
        {
            return null;
        }

        string clean = string.Concat(text.Where(c => !char.IsControl(c))).Trim();
        return clean.Length == 0 ? null : clean;
    }

    // The URI of a scheme in FHIR; a private scheme has none.
    private static string? SystemOf(string scheme) => scheme switch
    {
        "SCT" => Snomed,
        "DCM" => Dicom,
        "LN" => Loinc,
        "UCUM" => Ucum,
        "RADLEX" => "http://radlex.org",
        "FMA" => "http://purl.org/sig/ont/fma",
        "NCIt" => "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
        "I10" => "http://hl7.org/fhir/sid/icd-10",
        "I10C" => "http://hl7.org/fhir/sid/icd-10-cm",
        _ => null,
    };

    // Doubles beyond decimal's range do not come from measurements of bodies; they are kept at its ends.
    private static decimal ToDecimal(double value) =>
        value >= (double)decimal.MaxValue ? decimal.MaxValue : value <= (double)decimal.MinValue ? decimal.MinValue : (decimal)value;
}
