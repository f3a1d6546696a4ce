using System.Globalization;
using Hl7.Fhir.Model;
using MedicalAi.Dicom;
using MedicalAi.Findings;

namespace MedicalAi.FhirReports;

/// <summary>Patient and study of a source header, as FHIR resources and references (the values of PS3.3 C.7.1 and C.7.2).</summary>
/// <param name="header">The header of an instance of the study.</param>
/// <param name="study">Study Instance UID.</param>
internal sealed class SourceStudy(DicomDataSet header, DicomUid study)
{
    private const string NameRepresentation = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation";

    private string? PatientIdValue => FhirConcepts.Clean(header.GetString(DicomTags.PatientID));

    /// <summary>The same for the same patient ID and issuer; a patient without ID is one of its own for each study.</summary>
    public string PatientId => PatientIdValue is { } id
        ? ResultUids.FhirId("Patient", FhirConcepts.Clean(header.GetString(DicomTags.IssuerOfPatientID)) ?? "", id)
        : ResultUids.FhirId("Patient-of-study", study.Value);

    public string ImagingStudyId => ResultUids.FhirId("ImagingStudy", study.Value);

    public ResourceReference PatientReference => new($"Patient/{PatientId}") { Type = "Patient", Identifier = PatientIdentifier };

    public ResourceReference ImagingStudyReference => new($"ImagingStudy/{ImagingStudyId}") { Type = "ImagingStudy", Identifier = FhirConcepts.ToIdentifier(study) };

    /// <summary>The order, known by its accession number alone; null when there is none.</summary>
    public ResourceReference? OrderReference => AccessionNumber is { } accession ? new ResourceReference { Type = "ServiceRequest", Identifier = accession } : null;

    /// <summary>The accession number with the system of its issuer, where that is an OID; null when there is none.</summary>
    public Identifier? AccessionNumber
    {
        get
        {
            if (FhirConcepts.Clean(header.GetString(DicomTags.AccessionNumber)) is not { } value)
            {
                return null;
            }

            DicomDataSet? issuer = header.GetItems(DicomTags.IssuerOfAccessionNumberSequence) is [{ } item, ..] ? item : null;
            return new Identifier(OidOf(issuer), value) { Type = FhirConcepts.Concept(FhirConcepts.IdentifierType, "ACSN", "Accession ID"), Assigner = Assigner(issuer?.GetString(DicomTags.LocalNamespaceEntityID)) };
        }
    }

    /// <summary>When the study began, as exactly as the source says: a time is known only with its time zone. Null when it is not known.</summary>
    public string? Started
    {
        get
        {
            if (header.GetDate(DicomTags.StudyDate) is not { } date)
            {
                return null;
            }

            return header.GetTime(DicomTags.StudyTime) is not null && header.TimezoneOffset is not null && header.GetInstant(DicomTags.StudyDate, DicomTags.StudyTime) is { } instant
                ? instant.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture)
                : date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        }
    }

    public string? Description => FhirConcepts.Clean(header.GetString(DicomTags.StudyDescription));

    /// <summary>What was done, as the study codes it.</summary>
    public IReadOnlyList<CodedConcept> Procedures =>
    [
        .. header.GetItems(DicomTags.ProcedureCodeSequence)
            .Select(item => (Value: FhirConcepts.Clean(item.GetString(DicomTags.CodeValue) ?? item.GetString(DicomTags.LongCodeValue)), Scheme: item.GetString(DicomTags.CodingSchemeDesignator), Meaning: FhirConcepts.Clean(item.GetString(DicomTags.CodeMeaning))))
            .Where(code => code is { Value: not null, Scheme: not null, Meaning: not null })
            .Select(code => new CodedConcept(code.Value!, code.Scheme!, code.Meaning!)),
    ];

    private Identifier? PatientIdentifier
    {
        get
        {
            if (PatientIdValue is not { } id)
            {
                return null;
            }

            DicomDataSet? issuer = header.GetItems(DicomTags.IssuerOfPatientIDQualifiersSequence) is [{ } item, ..] ? item : null;
            return new Identifier(OidOf(issuer), id) { Type = FhirConcepts.Concept(FhirConcepts.IdentifierType, "MR", "Medical record number"), Assigner = Assigner(header.GetString(DicomTags.IssuerOfPatientID)) };
        }
    }

    public Patient CreatePatient()
    {
        Patient patient = new()
        {
            Id = PatientId,
            Identifier = PatientIdentifier is { } identifier ? [identifier] : [],
            Name = [.. Names()],
            Gender = header.GetString(DicomTags.PatientSex)?.Trim().ToUpperInvariant() switch
            {
                "M" => AdministrativeGender.Male,
                "F" => AdministrativeGender.Female,
                "O" => AdministrativeGender.Other,
                null => null,
                _ => AdministrativeGender.Unknown,
            },
        };
        if (header.GetDate(DicomTags.PatientBirthDate) is { } birth)
        {
            patient.BirthDate = birth.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        }

        return patient;
    }

    // One name for each component group: alphabetic, ideographic, phonetic.
    private IEnumerable<HumanName> Names()
    {
        if (header.GetPersonName(DicomTags.PatientName) is not { } name)
        {
            yield break;
        }

        foreach ((string group, string? representation) in new (string, string?)[] { (name.Alphabetic, null), (name.Ideographic, "IDE"), (name.Phonetic, "SYL") })
        {
            string?[] parts = [.. group.Split('^').Select(FhirConcepts.Clean)];
            string?[] order = [Part(3), Part(1), Part(2), Part(0), Part(4)];
            string text = string.Join(' ', order.OfType<string>());
            if (text.Length == 0)
            {
                continue;
            }

            HumanName result = new() { Use = HumanName.NameUse.Official, Family = Part(0), Text = text };
            result.Given = new[] { Part(1), Part(2) }.OfType<string>().ToArray();
            result.Prefix = new[] { Part(3) }.OfType<string>().ToArray();
            result.Suffix = new[] { Part(4) }.OfType<string>().ToArray();
            if (representation is not null)
            {
                result.AddExtension(NameRepresentation, new Code(representation));
            }

            yield return result;

            string? Part(int index) => index < parts.Length ? parts[index] : null;
        }
    }

    // The system of an identifier whose issuer has an OID (HL7v2 Hierarchic Designator Macro, PS3.3 section 10.14).
    private static string? OidOf(DicomDataSet? issuer) =>
        issuer?.GetString(DicomTags.UniversalEntityIDType) == "ISO" && DicomUid.TryParse(issuer.GetString(DicomTags.UniversalEntityID), out DicomUid oid) ? FhirConcepts.ToUrn(oid) : null;

    private static ResourceReference? Assigner(string? issuer) => FhirConcepts.Clean(issuer) is { } name ? new ResourceReference { Display = name } : null;
}
