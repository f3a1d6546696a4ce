using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Hl7.Fhir.Model;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Findings;

namespace MedicalAi.FhirReports;

/// <summary>
/// Findings as FHIR R4 resources: a preliminary DiagnosticReport with its Observations and Provenance, and what they refer to:
/// Patient, ImagingStudy, Device and Endpoint. Ids derive from what the resources are, so that making them again changes nothing.
/// </summary>
public static class FhirReportBuilder
{
    /// <summary>Makes the resources. The same findings and headers give the same bytes.</summary>
    /// <param name="findings">The findings.</param>
    /// <param name="sourceHeaders">The headers of the inputs, in the same order.</param>
    /// <param name="study">The study as the index knows it.</param>
    /// <param name="structuredReport">SOP Instance UID of the structured report.</param>
    /// <param name="segmentation">SOP Instance UID of the segmentation; null when there is none.</param>
    /// <param name="dicomWebBase">The URL of the DICOMweb services as others reach it.</param>
    /// <exception cref="ArgumentException">There are no source headers, or the study is another.</exception>
    public static IReadOnlyList<FhirResource> Build(
        StudyFindings findings, IReadOnlyList<DicomDataSet> sourceHeaders, StudyRow study, DicomUid structuredReport, DicomUid? segmentation, string dicomWebBase)
    {
        ArgumentNullException.ThrowIfNull(findings);
        ArgumentNullException.ThrowIfNull(sourceHeaders);
        ArgumentNullException.ThrowIfNull(study);
        ArgumentException.ThrowIfNullOrEmpty(dicomWebBase);
        if (sourceHeaders.Count == 0)
        {
            throw new ArgumentException("A report needs the header of a source instance.", nameof(sourceHeaders));
        }

        if (study.Study != findings.Study)
        {
            throw new ArgumentException($"The findings are of study {findings.Study}, not of {study.Study}.", nameof(study));
        }

        Report report = new(findings, sourceHeaders, structuredReport, segmentation, dicomWebBase);
        return [.. report.Create().Select(resource => new FhirResource(resource.TypeName, resource.Id!, FhirJson.Write(resource), SearchParameters.Extract(resource)))];
    }

    /// <summary>The id of the DiagnosticReport of findings.</summary>
    public static string DiagnosticReportId(StudyFindings findings) => ResultUids.FhirId(findings, "DiagnosticReport");

    /// <summary>The resources of one report.</summary>
    private sealed class Report(StudyFindings findings, IReadOnlyList<DicomDataSet> headers, DicomUid structuredReport, DicomUid? segmentation, string dicomWebBase)
    {
        private const string Notice = "Preliminary result of an artificial intelligence algorithm, not reviewed by a physician.";

        private readonly SourceStudy _source = new(headers[0], findings.Study);
        private readonly string _deviceId = ResultUids.FhirId("Device", findings.Model.Manufacturer, findings.Model.Name, findings.Model.Version);
        private readonly string _endpointId = ResultUids.FhirId("Endpoint", dicomWebBase);

        private string Algorithm => $"{findings.Model.AlgorithmName} {findings.Model.Version} ({findings.Model.Manufacturer})";

        private ResourceReference Device => new($"Device/{_deviceId}") { Type = "Device", Display = Algorithm };

        private DataType Effective => _source.Started is { } started ? new FhirDateTime(started) : new FhirDateTime(findings.MadeAt);

        public IEnumerable<Resource> Create()
        {
            Observation[] observations = [.. findings.Classifications.Select(Classified), .. findings.Measurements.Select(Measured)];
            DiagnosticReport report = CreateReport(observations);
            return [_source.CreatePatient(), CreateDevice(), CreateEndpoint(), CreateImagingStudy(), .. observations, report, CreateProvenance(report, observations)];
        }

        private DiagnosticReport CreateReport(Observation[] observations)
        {
            string conclusion = Conclusion();
            DiagnosticReport report = new()
            {
                Id = DiagnosticReportId(findings),
                Meta = Labelled(),
                Identifier = [FhirConcepts.ToIdentifier(structuredReport)],
                Status = DiagnosticReport.DiagnosticReportStatus.Preliminary,
                Category =
                [
                    FhirConcepts.Concept("http://terminology.hl7.org/CodeSystem/v2-0074", "RAD", "Radiology"),
                    FhirConcepts.Concept(FhirConcepts.Loinc, "LP29684-5", "Radiology"),
                ],
                Code = ReportCode(),
                Subject = _source.PatientReference,
                Effective = Effective,
                Issued = findings.MadeAt,
                ImagingStudy = [_source.ImagingStudyReference],
                Result = [.. observations.Select(observation => new ResourceReference($"Observation/{observation.Id}") { Type = "Observation", Display = observation.Code.Text })],
                Conclusion = conclusion,
                ConclusionCode = [.. findings.Classifications.Where(classification => classification.IsPositive).Select(classification => FhirConcepts.ToConcept(classification.Finding))],
                PresentedForm = [Presented(conclusion)],
            };
            if (_source.OrderReference is { } order)
            {
                report.BasedOn = [order];
            }

            return report;
        }

        // The LOINC code of what was done, where the study says it; else the one for any imaging study.
        private CodeableConcept ReportCode()
        {
            CodedConcept? procedure = _source.Procedures.Where(code => code.Scheme == "LN").Select(code => (CodedConcept?)code).FirstOrDefault();
            CodeableConcept concept = FhirConcepts.ToConcept(procedure ?? new CodedConcept("18748-4", "LN", "Diagnostic imaging study"));
            concept.Text = $"AI: {findings.Model.AlgorithmName}";
            return concept;
        }

        private Observation Classified(Classification classification, int index)
        {
            Observation observation = CreateObservation(string.Create(CultureInfo.InvariantCulture, $"classification {index + 1}"), classification.Finding);
            observation.Value = classification.IsPositive
                ? FhirConcepts.Concept(FhirConcepts.Snomed, "52101004", "Present")
                : FhirConcepts.Concept(FhirConcepts.Snomed, "272519000", "Absent");
            observation.Interpretation =
            [
                FhirConcepts.Concept("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", classification.IsPositive ? "POS" : "NEG", classification.IsPositive ? "Positive" : "Negative"),
            ];
            observation.BodySite = classification.Site is { } site ? FhirConcepts.ToConcept(site) : null;
            observation.Component =
            [
                new Observation.ComponentComponent
                {
                    Code = FhirConcepts.Concept(FhirConcepts.Dicom, "122157", "Probability"),
                    Value = FhirConcepts.ToQuantity(Math.Round(classification.Probability * 100, 4), new CodedConcept("%", "UCUM", "%")),
                },
            ];
            observation.Note = [new Annotation { Text = string.Create(CultureInfo.InvariantCulture, $"{Notice} Called present from a probability of {classification.Threshold * 100:0.####} %.") }];
            observation.DerivedFrom.AddRange(classification.Evidence.Select(source => source.SopInstance).Distinct().Take(MaximumEvidence).Select(Logical));
            return observation;
        }

        private Observation Measured(Measurement measurement, int index)
        {
            Segment? segment = measurement.SegmentNumber is { } number ? findings.Segmentation?.Segments[number - 1] : null;
            Observation observation = CreateObservation(string.Create(CultureInfo.InvariantCulture, $"measurement {index + 1}"), measurement.Quantity);
            observation.Code.Text = segment is null ? measurement.Quantity.Meaning : $"{measurement.Quantity.Meaning} of {segment.Label}";
            observation.Value = FhirConcepts.ToQuantity(measurement.Value, measurement.Unit);
            observation.BodySite = (measurement.Site ?? segment?.Type) is { } site ? FhirConcepts.ToConcept(site) : null;
            observation.Method = measurement.Method is { } method ? FhirConcepts.ToConcept(method) : null;
            observation.Note = [new Annotation { Text = Notice }];
            if (segment is not null)
            {
                observation.Identifier = [FhirConcepts.ToIdentifier(ResultUids.Tracking(findings, ResultUids.SegmentTrackingId(findings, segment.Number)))];
                if (segmentation is { } instance)
                {
                    observation.DerivedFrom.Add(Logical(instance));
                }
            }

            return observation;
        }

        private Observation CreateObservation(string part, CodedConcept code)
        {
            Observation observation = new()
            {
                Id = ResultUids.FhirId(findings, "Observation", part),
                Meta = Labelled(),
                Status = ObservationStatus.Preliminary,
                Category = [FhirConcepts.Concept("http://terminology.hl7.org/CodeSystem/observation-category", "imaging", "Imaging")],
                Code = FhirConcepts.ToConcept(code),
                Subject = _source.PatientReference,
                Effective = Effective,
                Issued = findings.MadeAt,
                Device = Device,
                DerivedFrom = [_source.ImagingStudyReference],
            };
            if (_source.OrderReference is { } order)
            {
                observation.BasedOn = [order];
            }

            return observation;
        }

        private Device CreateDevice() => new()
        {
            Id = _deviceId,
            Identifier = [FhirConcepts.ToIdentifier(ResultUids.Device(findings.Model))],
            Status = Hl7.Fhir.Model.Device.FHIRDeviceStatus.Active,
            Manufacturer = findings.Model.Manufacturer,
            SerialNumber = findings.Model.Digest,
            DeviceName =
            [
                new Device.DeviceNameComponent { Name = findings.Model.AlgorithmName, Type = DeviceNameType.UserFriendlyName },
                new Device.DeviceNameComponent { Name = findings.Model.Name, Type = DeviceNameType.ModelName },
            ],
            ModelNumber = findings.Model.Name,
            Type = FhirConcepts.ToConcept(findings.Model.AlgorithmFamily),
            Version = [new Device.VersionComponent { Value = findings.Model.Version }],
        };

        private Endpoint CreateEndpoint() => new()
        {
            Id = _endpointId,
            Status = Endpoint.EndpointStatus.Active,
            ConnectionType = new Coding("http://terminology.hl7.org/CodeSystem/endpoint-connection-type", "dicom-wado-rs", "DICOM WADO-RS"),
            Name = "DICOMweb",
            PayloadType = [new CodeableConcept { Text = "DICOM" }],
            PayloadMimeType = ["application/dicom"],
            Address = dicomWebBase,
        };

        // Series and instances are filled in from the index whenever the resource is read, since they change as instances come. What is
        // kept depends on the source alone.
        private ImagingStudy CreateImagingStudy()
        {
            ImagingStudy imaging = new()
            {
                Id = _source.ImagingStudyId,
                Identifier = [FhirConcepts.ToIdentifier(findings.Study)],
                Status = Hl7.Fhir.Model.ImagingStudy.ImagingStudyStatus.Available,
                Modality = [.. headers.Select(header => FhirConcepts.Clean(header.GetString(DicomTags.Modality))).OfType<string>().Distinct().Select(modality => new Coding(FhirConcepts.Dicom, modality))],
                Subject = _source.PatientReference,
                Started = _source.Started,
                Endpoint = [new ResourceReference($"Endpoint/{_endpointId}") { Type = "Endpoint" }],
                ProcedureCode = [.. _source.Procedures.Select(FhirConcepts.ToConcept)],
                Description = _source.Description,
            };
            if (_source.AccessionNumber is { } accession)
            {
                imaging.Identifier.Add(accession);
                imaging.BasedOn = [new ResourceReference { Type = "ServiceRequest", Identifier = accession }];
            }

            return imaging;
        }

        private Provenance CreateProvenance(DiagnosticReport report, Observation[] observations) => new()
        {
            Id = ResultUids.FhirId(findings, "Provenance"),
            Target = [new ResourceReference($"DiagnosticReport/{report.Id}"), .. observations.Select(observation => new ResourceReference($"Observation/{observation.Id}"))],
            Recorded = findings.MadeAt,
            Agent =
            [
                new Provenance.AgentComponent
                {
                    Type = FhirConcepts.Concept("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "assembler", "Assembler"),
                    Who = Device,
                },
            ],
            Entity =
            [
                .. findings.Inputs.Select(input => input.Series).Distinct()
                    .Select(series => new Provenance.EntityComponent { Role = Provenance.ProvenanceEntityRole.Source, What = Logical(series) }),
            ],
        };

        private string Conclusion()
        {
            StringBuilder text = new(Notice);
            text.Append(CultureInfo.InvariantCulture, $" Algorithm: {Algorithm}.");
            foreach (Classification classification in findings.Classifications)
            {
                text.Append(CultureInfo.InvariantCulture, $" {classification.Finding.Meaning}: {(classification.IsPositive ? "present" : "absent")} (probability {classification.Probability * 100:0.##} %).");
            }

            foreach (Measurement measurement in findings.Measurements)
            {
                string of = measurement.SegmentNumber is { } number ? $" of {findings.Segmentation!.Segments[number - 1].Label}" : "";
                text.Append(CultureInfo.InvariantCulture, $" {measurement.Quantity.Meaning}{of}: {measurement.Value:0.###} {measurement.Unit.Value}.");
            }

            foreach (string note in findings.Notes)
            {
                text.Append(' ').Append(note);
            }

            return text.ToString();
        }

        // IHE RAD IMR asks for HTML with size and hash.
        private Attachment Presented(string conclusion)
        {
            byte[] html = Encoding.UTF8.GetBytes($"<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>AI result (preliminary)</title></head><body><p>{System.Net.WebUtility.HtmlEncode(conclusion)}</p></body></html>");
            Attachment attachment = new()
            {
                ContentType = "text/html",
                Language = "en",
                Data = html,
#pragma warning disable CA5350 // FHIR R4 fixes SHA-1 for Attachment.hash; it guards against mishaps, not against attacks.
                Hash = SHA1.HashData(html),
#pragma warning restore CA5350
                Title = "AI result (preliminary)",
                CreationElement = new FhirDateTime(findings.MadeAt),
            };

            // The library has the 64-bit integer of FHIR R5 here and would write it as a string; R4 has a number.
            attachment["size"] = new UnsignedInt(html.Length);
            return attachment;
        }

        private static Meta Labelled() => new() { Security = [FhirConcepts.AssertedByAi] };

        private static ResourceReference Logical(DicomUid uid) => new() { Identifier = FhirConcepts.ToIdentifier(uid) };
    }

    // More instances than these are named by the study and the structured report.
    private const int MaximumEvidence = 100;
}
