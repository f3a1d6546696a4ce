using Hl7.Fhir.Model;
using Hl7.Fhir.Utility;
using MedicalAi.Archive;

namespace MedicalAi.FhirReports;

/// <summary>The resource types that are served and what they are found by: one table for indexing, searching, including and the CapabilityStatement.</summary>
internal static class SearchParameters
{
    private static readonly string[] s_patient = ["Patient"];

    private static readonly Dictionary<string, SearchParameter[]> s_types = new(StringComparer.Ordinal)
    {
        ["DiagnosticReport"] =
        [
            SearchParameter.Identifiers<DiagnosticReport>("identifier", "The SOP Instance UID of the structured report, as urn:oid", r => r.Identifier),
            SearchParameter.Token<DiagnosticReport>("status", "preliminary for what nobody has reviewed", r => [Status(r.Status)]),
            SearchParameter.Concepts<DiagnosticReport>("category", "RAD or LP29684-5", r => r.Category),
            SearchParameter.Concepts<DiagnosticReport>("code", "What the report is of", r => [r.Code]),
            SearchParameter.Concepts<DiagnosticReport>("conclusion", "What was found present", r => r.ConclusionCode),
            SearchParameter.Date<DiagnosticReport>("date", "When the study was made", r => Text(r.Effective)),
            SearchParameter.Date<DiagnosticReport>("issued", "When the findings were made", r => r.IssuedElement?.ToString()),
            SearchParameter.Reference<DiagnosticReport>("patient", "The patient", s_patient, r => [r.Subject]),
            SearchParameter.Reference<DiagnosticReport>("subject", "The patient", s_patient, r => [r.Subject]),
            SearchParameter.Reference<DiagnosticReport>("based-on", "The order; by its accession number with based-on:identifier", ["ServiceRequest"], r => r.BasedOn),
            SearchParameter.Reference<DiagnosticReport>("result", "An Observation of the report", ["Observation"], r => r.Result),
            SearchParameter.Reference<DiagnosticReport>("imaging-study", "The study; by its UID with imaging-study:identifier", ["ImagingStudy"], r => r.ImagingStudy),
        ],
        ["Observation"] =
        [
            SearchParameter.Identifiers<Observation>("identifier", "The tracking UID, as urn:oid", r => r.Identifier),
            SearchParameter.Token<Observation>("status", "preliminary for what nobody has reviewed", r => [Status(r.Status)]),
            SearchParameter.Concepts<Observation>("category", "imaging", r => r.Category),
            SearchParameter.Concepts<Observation>("code", "What was observed", r => [r.Code]),
            SearchParameter.Concepts<Observation>("value-concept", "Present or absent", r => [r.Value as CodeableConcept]),
            SearchParameter.Concepts<Observation>("component-code", "What components there are", r => r.Component.Select(component => component.Code)),
            SearchParameter.Date<Observation>("date", "When the study was made", r => Text(r.Effective)),
            SearchParameter.Reference<Observation>("patient", "The patient", s_patient, r => [r.Subject]),
            SearchParameter.Reference<Observation>("subject", "The patient", s_patient, r => [r.Subject]),
            SearchParameter.Reference<Observation>("based-on", "The order; by its accession number with based-on:identifier", ["ServiceRequest"], r => r.BasedOn),
            SearchParameter.Reference<Observation>("device", "The algorithm", ["Device"], r => [r.Device]),
            SearchParameter.Reference<Observation>("derived-from", "The study", ["ImagingStudy"], r => r.DerivedFrom),
        ],
        ["ImagingStudy"] =
        [
            SearchParameter.Identifiers<ImagingStudy>("identifier", "The Study Instance UID as urn:oid, and the accession number", r => r.Identifier),
            SearchParameter.Token<ImagingStudy>("status", "available", r => [Status(r.Status)]),
            SearchParameter.Token<ImagingStudy>("modality", "A modality of the study when it was reported", r => r.Modality),
            SearchParameter.Date<ImagingStudy>("started", "When the study was made", r => r.Started),
            SearchParameter.Reference<ImagingStudy>("patient", "The patient", s_patient, r => [r.Subject]),
            SearchParameter.Reference<ImagingStudy>("subject", "The patient", s_patient, r => [r.Subject]),
            SearchParameter.Reference<ImagingStudy>("basedon", "The order; by its accession number with basedon:identifier", ["ServiceRequest"], r => r.BasedOn),
            SearchParameter.Reference<ImagingStudy>("endpoint", "The DICOMweb services", ["Endpoint"], r => r.Endpoint),
        ],
        ["Patient"] =
        [
            SearchParameter.Identifiers<Patient>("identifier", "The patient ID", r => r.Identifier),
            SearchParameter.Text<Patient>("name", "Any part of a name", r => r.Name.SelectMany(name => name.Given.Concat(name.Prefix).Concat(name.Suffix).Append(name.Family).Append(name.Text))),
            SearchParameter.Text<Patient>("family", "The family name", r => r.Name.Select(name => name.Family)),
            SearchParameter.Text<Patient>("given", "A given name", r => r.Name.SelectMany(name => name.Given)),
            SearchParameter.Date<Patient>("birthdate", "The date of birth", r => r.BirthDate),
            SearchParameter.Token<Patient>("gender", "male, female, other, unknown", r => [Status(r.Gender)]),
        ],
        ["Device"] =
        [
            SearchParameter.Identifiers<Device>("identifier", "The device UID, as urn:oid", r => r.Identifier),
            SearchParameter.Text<Device>("device-name", "The name of the algorithm or model", r => r.DeviceName.Select(name => name.Name)),
            SearchParameter.Text<Device>("model", "The model", r => [r.ModelNumber]),
            SearchParameter.Text<Device>("manufacturer", "The manufacturer", r => [r.Manufacturer]),
            SearchParameter.Token<Device>("status", "active", r => [Status(r.Status)]),
            SearchParameter.Concepts<Device>("type", "The family of the algorithm", r => [r.Type]),
        ],
        ["Endpoint"] =
        [
            SearchParameter.Token<Endpoint>("connection-type", "dicom-wado-rs", r => [r.ConnectionType]),
            SearchParameter.Token<Endpoint>("status", "active", r => [Status(r.Status)]),
            SearchParameter.Text<Endpoint>("name", "The name", r => [r.Name]),
        ],
        ["Provenance"] =
        [
            SearchParameter.Reference<Provenance>("target", "What was made", ["DiagnosticReport", "Observation"], r => r.Target),
            SearchParameter.Reference<Provenance>("agent", "The algorithm", ["Device"], r => r.Agent.Select(agent => agent.Who)),
            SearchParameter.Reference<Provenance>("entity", "What it was made from; by the series UID with entity:identifier", [], r => r.Entity.Select(entity => entity.What)),
            SearchParameter.Date<Provenance>("recorded", "When it was made", r => r.RecordedElement?.ToString()),
        ],
    };

    /// <summary>The types, in the order of the CapabilityStatement.</summary>
    public static IReadOnlyCollection<string> Types => s_types.Keys;

    /// <summary>The parameters of a type; null when it is not served.</summary>
    public static IReadOnlyList<SearchParameter>? Find(string type) => s_types.GetValueOrDefault(type);

    /// <summary>A parameter of a type; null when there is none.</summary>
    public static SearchParameter? Find(string type, string name) => Find(type)?.FirstOrDefault(parameter => parameter.Name == name);

    /// <summary>What a resource is found by.</summary>
    public static IReadOnlyList<FhirSearchValue> Extract(Resource resource) =>
        [.. s_types[resource.TypeName].SelectMany(parameter => parameter.Extract(resource)).Distinct()];

    private static Coding? Status<T>(T? status)
        where T : struct, Enum => status is { } value ? new Coding(value.GetSystem(), value.GetLiteral()) : null;

    private static string? Text(DataType? date) => (date as FhirDateTime)?.Value;
}
