using System.Globalization;
using MedicalAi.Dicom;
using MedicalAi.Findings;

namespace MedicalAi.DicomReports;

/// <summary>
/// Findings as a Comprehensive SR by TID 1500 "Imaging Measurement Report" (PS3.16): a measurement group for each segment
/// (TID 1411) and for each classification or other measurement (TID 1501), each with its algorithm (TID 4019).
/// </summary>
public static class StructuredReportBuilder
{
    /// <summary>Makes the report. The same findings and headers give the same data set.</summary>
    /// <param name="findings">The findings.</param>
    /// <param name="sourceHeaders">The headers of the inputs, in the same order.</param>
    /// <param name="segmentation">SOP Instance UID of the segmentation of these findings; null when there is none.</param>
    /// <exception cref="ArgumentException">The headers are not those of the inputs.</exception>
    public static DicomDataSet Build(StudyFindings findings, IReadOnlyList<DicomDataSet> sourceHeaders, DicomUid? segmentation)
    {
        SourceHeaders sources = new(findings, sourceHeaders);
        DicomDataSet report = ResultModules.Create(findings, sources.First, DicomUids.ComprehensiveSRStorage, ResultUids.StructuredReport(findings));
        ResultModules.SetSeries(report, findings, sources.First, "SR", ResultUids.StructuredReportSeries(findings), 91);
        report
            .SetSequence(DicomTags.ReferencedPerformedProcedureStepSequence)
            .SetString(DicomTags.CompletionFlag, "COMPLETE")
            .SetString(DicomTags.VerificationFlag, "UNVERIFIED")
            .SetString(DicomTags.PreliminaryFlag, "PRELIMINARY")
            .SetSequence(DicomTags.PerformedProcedureCodeSequence);
        // With its offset from UTC, which the content time of an instance without a time zone leaves open.
        report.SetString(DicomTags.ObservationDateTime, DicomDateTime.Format(findings.MadeAt));
        SetRequest(report, sources.First);
        SetEvidence(report, findings, segmentation);
        new Content(report, findings, sources, segmentation).Write();
        return report;
    }

    // Referenced Request Sequence: required where the report fulfils a requested procedure, which an accession number tells.
    private static void SetRequest(DicomDataSet report, DicomDataSet source)
    {
        if (source.GetString(DicomTags.AccessionNumber) is null)
        {
            return;
        }

        DicomDataSet request = new(report);
        DicomDataSet? attributes = source.GetItems(DicomTags.RequestAttributesSequence) is [{ } first, ..] ? first : null;
        PatientStudyModules.Copy(source, request, DicomTags.AccessionNumber);
        request.SetUid(DicomTags.StudyInstanceUID, report.GetUid(DicomTags.StudyInstanceUID)!.Value);
        foreach (DicomTag tag in (ReadOnlySpan<DicomTag>)[DicomTags.ReferencedStudySequence, DicomTags.RequestedProcedureDescription, DicomTags.RequestedProcedureCodeSequence,
            DicomTags.RequestedProcedureID, DicomTags.PlacerOrderNumberImagingServiceRequest, DicomTags.FillerOrderNumberImagingServiceRequest])
        {
            if (!(attributes is not null && PatientStudyModules.Copy(attributes, request, tag)) && !PatientStudyModules.Copy(source, request, tag))
            {
                request.SetEmpty(tag);
            }
        }

        report.SetSequence(DicomTags.ReferencedRequestSequence, request);
    }

    private static void SetEvidence(DicomDataSet report, StudyFindings findings, DicomUid? segmentation)
    {
        EvidenceSequence evidence = new();
        foreach (SourceInstance source in findings.Inputs.Concat(findings.Classifications.SelectMany(classification => classification.Evidence)))
        {
            evidence.Add(source.Series, source.SopClass, source.SopInstance);
        }

        if (segmentation is { } instance)
        {
            evidence.Add(ResultUids.SegmentationSeries(findings), DicomUids.SegmentationStorage, instance);
        }

        report.SetSequence(DicomTags.CurrentRequestedProcedureEvidenceSequence, new DicomDataSet(report)
            .SetUid(DicomTags.StudyInstanceUID, findings.Study)
            .SetSequence(DicomTags.ReferencedSeriesSequence, evidence.Write(report, DicomTags.ReferencedSOPSequence)));
    }

    /// <summary>The content tree.</summary>
    private sealed class Content(DicomDataSet report, StudyFindings findings, SourceHeaders sources, DicomUid? segmentation)
    {
        private readonly ContentItems _items = new(report);

        public void Write()
        {
            ModelIdentity model = findings.Model;
            List<DicomDataSet> content =
            [
                _items.Code(ContentItems.HasConceptModifier, Codes.Language, Codes.English),
                _items.Code(ContentItems.HasObservationContext, Codes.ObserverType, Codes.Device),
                _items.UidReference(ContentItems.HasObservationContext, Codes.DeviceObserverUid, ResultUids.Device(model)),
                _items.Text(ContentItems.HasObservationContext, Codes.DeviceObserverName, model.AlgorithmName),
                _items.Text(ContentItems.HasObservationContext, Codes.DeviceObserverManufacturer, model.Manufacturer),
                _items.Text(ContentItems.HasObservationContext, Codes.DeviceObserverModelName, model.Name),
                _items.Text(ContentItems.HasObservationContext, Codes.DeviceObserverSerialNumber, ResultModules.SerialNumber(model)),
            ];
            CodedConcept[] procedures = [.. sources.First.GetItems(DicomTags.ProcedureCodeSequence).Select(CodeItems.Read).OfType<CodedConcept>()];
            content.AddRange((procedures.Length > 0 ? procedures : [Codes.ProcedureOf(sources.First.GetString(DicomTags.Modality))])
                .Select(procedure => _items.Code(ContentItems.HasConceptModifier, Codes.ProcedureReported, procedure)));
            content.Add(ImageLibrary());
            content.Add(_items.Container(ContentItems.Contains, Codes.ImagingMeasurements, null, [.. Groups()]));
            content.Add(_items.Text(ContentItems.Contains, Codes.Comment, $"{ResultModules.Notice} {model.AlgorithmName} {model.Version}, {model.Manufacturer}."));
            content.AddRange(findings.Notes.Select(note => _items.Text(ContentItems.Contains, Codes.Comment, note)));
            _items.SetRoot(Codes.ImagingMeasurementReport, "1500", [.. content]);
        }

        // TID 1600: a group for each series of the inputs.
        private DicomDataSet ImageLibrary()
        {
            List<DicomDataSet> groups = [];
            foreach (IGrouping<DicomUid, SourceInstance> series in findings.Inputs.DistinctBy(input => input.SopInstance).GroupBy(input => input.Series))
            {
                DicomDataSet header = sources[series.First()];
                List<DicomDataSet> group = [];
                if (Codes.ForModality(header.GetString(DicomTags.Modality)) is { } modality)
                {
                    group.Add(_items.Code(ContentItems.HasAcquisitionContext, Codes.Modality, modality));
                }

                if (header.GetUid(DicomTags.FrameOfReferenceUID) is { } frameOfReference)
                {
                    group.Add(_items.UidReference(ContentItems.HasAcquisitionContext, Codes.FrameOfReferenceUid, frameOfReference));
                }

                group.AddRange(series.Select(input => _items.Image(ContentItems.Contains, null, input.SopClass, input.SopInstance)));
                groups.Add(_items.Container(ContentItems.Contains, Codes.ImageLibraryGroup, null, [.. group]));
            }

            return _items.Container(ContentItems.Contains, Codes.ImageLibrary, "1600", [.. groups]);
        }

        private IEnumerable<DicomDataSet> Groups()
        {
            for (int i = 0; i < findings.Classifications.Count; i++)
            {
                yield return ClassificationGroup(findings.Classifications[i], i + 1);
            }

            foreach (Segment segment in findings.Segmentation?.Segments ?? [])
            {
                yield return SegmentGroup(segment);
            }

            int number = 0;
            foreach (Measurement measurement in findings.Measurements.Where(measurement => measurement.SegmentNumber is null))
            {
                number++;
                yield return MeasurementGroup(measurement, number);
            }
        }

        // The finding itself is named only where it is there, so that a reader of findings alone never takes an absent one for present.
        private DicomDataSet ClassificationGroup(Classification classification, int number)
        {
            List<DicomDataSet> group = Start(string.Create(CultureInfo.InvariantCulture, $"{findings.Model.Name} classification {number}"));
            if (classification.IsPositive)
            {
                group.Add(_items.Code(ContentItems.Contains, Codes.Finding, classification.Finding));
            }

            AddSite(group, classification.Site);
            AddAlgorithm(group, string.Create(CultureInfo.InvariantCulture, $"threshold={classification.Threshold:R}"));
            IReadOnlyList<SourceInstance> evidence = classification.Evidence.Count > 0 ? classification.Evidence : findings.Inputs.Count == 1 ? findings.Inputs : [];
            group.AddRange(evidence.Select(source => _items.Image(ContentItems.Contains, Codes.Source, source.SopClass, source.SopInstance, source.Frame)));
            group.Add(_items.Number(ContentItems.Contains, Codes.Probability, ToPercent(classification.Probability), Codes.Percent));
            group.Add(_items.Code(ContentItems.Contains, classification.Finding, classification.IsPositive ? Codes.Present : Codes.Absent));
            return _items.Container(ContentItems.Contains, Codes.MeasurementGroup, "1501", [.. group]);
        }

        // TID 1411 needs the segment to refer to; where nothing was segmented, the measurements stand in a group without one.
        private DicomDataSet SegmentGroup(Segment segment)
        {
            List<DicomDataSet> group = Start(ResultUids.SegmentTrackingId(findings, segment.Number));
            group.Add(_items.Code(ContentItems.Contains, Codes.FindingCategory, segment.Category));
            group.Add(_items.Code(ContentItems.Contains, Codes.Finding, segment.Type));
            if (segmentation is { } instance)
            {
                group.Add(_items.Image(ContentItems.Contains, Codes.ReferencedSegment, DicomUids.SegmentationStorage, instance, segment: segment.Number));
                group.AddRange(findings.Segmentation!.Sources.Select(source => source.Series).Distinct()
                    .Select(series => _items.UidReference(ContentItems.Contains, Codes.SourceSeriesForSegmentation, series)));
            }

            AddSite(group, segment.AnatomicRegion);
            AddAlgorithm(group, null);
            group.AddRange(findings.Measurements.Where(measurement => measurement.SegmentNumber == segment.Number).Select(Number));
            return _items.Container(ContentItems.Contains, Codes.MeasurementGroup, segmentation is null ? "1501" : "1411", [.. group]);
        }

        private DicomDataSet MeasurementGroup(Measurement measurement, int number)
        {
            List<DicomDataSet> group = Start(string.Create(CultureInfo.InvariantCulture, $"{findings.Model.Name} measurement {number}"));
            AddAlgorithm(group, null);
            group.AddRange(findings.Inputs.Count == 1 ? findings.Inputs.Select(source => _items.Image(ContentItems.Contains, Codes.Source, source.SopClass, source.SopInstance, source.Frame)) : []);
            group.Add(Number(measurement));
            return _items.Container(ContentItems.Contains, Codes.MeasurementGroup, "1501", [.. group]);
        }

        // TID 300.
        private DicomDataSet Number(Measurement measurement)
        {
            List<DicomDataSet> modifiers = [];
            if (measurement.Method is { } method)
            {
                modifiers.Add(_items.Code(ContentItems.HasConceptModifier, Codes.MeasurementMethod, method));
            }

            AddSite(modifiers, measurement.Site);
            return _items.Number(ContentItems.Contains, measurement.Quantity, measurement.Value, measurement.Unit, [.. modifiers]);
        }

        private List<DicomDataSet> Start(string trackingId) =>
        [
            _items.Text(ContentItems.HasObservationContext, Codes.TrackingIdentifier, trackingId),
            _items.UidReference(ContentItems.HasObservationContext, Codes.TrackingUniqueIdentifier, ResultUids.Tracking(findings, trackingId)),
        ];

        private void AddSite(List<DicomDataSet> group, CodedConcept? site)
        {
            if (site is { } code)
            {
                group.Add(_items.Code(ContentItems.HasConceptModifier, Codes.FindingSite, code));
            }
        }

        // TID 4019.
        private void AddAlgorithm(List<DicomDataSet> group, string? parameters)
        {
            ModelIdentity model = findings.Model;
            group.Add(_items.Text(ContentItems.HasConceptModifier, Codes.AlgorithmName, model.AlgorithmName));
            group.Add(_items.Text(ContentItems.HasConceptModifier, Codes.AlgorithmVersion, model.Version));
            group.AddRange(new[] { parameters, model.Parameters }.OfType<string>().Select(text => _items.Text(ContentItems.HasConceptModifier, Codes.AlgorithmParameters, text)));
            group.Add(_items.Code(ContentItems.HasConceptModifier, Codes.AlgorithmFamily, model.AlgorithmFamily));
            group.Add(_items.Text(ContentItems.HasConceptModifier, Codes.AlgorithmManufacturer, model.Manufacturer));
        }

        // Four digits after the point are more than any probability is good for, and keep noise of the last bits out of the report.
        private static double ToPercent(double share) => Math.Round(share * 100, 4);
    }
}
