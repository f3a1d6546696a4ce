using MedicalAi.Dicom;
using MedicalAi.Findings;

namespace MedicalAi.DicomReports;

/// <summary>A label map as a binary Segmentation (PS3.3 A.51): one bit a pixel, on the frames of its source, empty frames left out.</summary>
public static class SegmentationBuilder
{
    /// <summary>Makes the segmentation. The same findings and headers give the same data set.</summary>
    /// <param name="findings">The findings.</param>
    /// <param name="sourceHeaders">The headers of the inputs, in the same order.</param>
    /// <returns>The segmentation; null without a label map, and where no pixel has a label, since a segmentation without frames cannot be.</returns>
    /// <exception cref="ArgumentException">The headers are not those of the inputs, or the label map lies on another instance.</exception>
    /// <exception cref="NotSupportedException">The label map has not the size of its source, or is too large.</exception>
    public static DicomDataSet? Build(StudyFindings findings, IReadOnlyList<DicomDataSet> sourceHeaders)
    {
        SourceHeaders sources = new(findings, sourceHeaders);
        if (findings.Segmentation is not { } map)
        {
            return null;
        }

        SegmentationGeometry geometry = new(map, sources);
        SegmentFrames frames = new(map, geometry.Order);
        if (frames.Frames.Count == 0)
        {
            return null;
        }

        DicomDataSet source = sources[map.Sources[0]];
        DicomDataSet result = ResultModules.Create(findings, source, DicomUids.SegmentationStorage, ResultUids.Segmentation(findings));
        ResultModules.SetSeries(result, findings, source, "SEG", ResultUids.SegmentationSeries(findings), 92);
        PatientStudyModules.Copy(source, result, DicomTags.BodyPartExamined);
        PatientStudyModules.Copy(source, result, DicomTags.Laterality);
        if (geometry.HasPlanes)
        {
            result
                .SetUid(DicomTags.FrameOfReferenceUID, source.GetUid(DicomTags.FrameOfReferenceUID) ?? ResultUids.FrameOfReference(map.Sources[0].Series))
                .SetEmpty(DicomTags.PositionReferenceIndicator);
            PatientStudyModules.Copy(source, result, DicomTags.PositionReferenceIndicator);
        }
        else
        {
            // General Image: required where Image Orientation (Patient) is not there.
            result.SetEmpty(DicomTags.PatientOrientation);
            PatientStudyModules.Copy(source, result, DicomTags.PatientOrientation);
        }

        SetReferences(result, map);
        SetImage(result, findings, map, source, frames);
        SetSegments(result, findings, map);
        new FunctionalGroups(result, findings, map, sources, geometry).Write(frames.Frames);
        return result;
    }

    // Common Instance Reference.
    private static void SetReferences(DicomDataSet result, LabelMap map)
    {
        EvidenceSequence references = new();
        foreach (SourceInstance source in map.Sources)
        {
            references.Add(source.Series, source.SopClass, source.SopInstance);
        }

        result.SetSequence(DicomTags.ReferencedSeriesSequence, references.Write(result, DicomTags.ReferencedInstanceSequence));
    }

    private static void SetImage(DicomDataSet result, StudyFindings findings, LabelMap map, DicomDataSet source, SegmentFrames frames)
    {
        result
            .SetString(DicomTags.ImageType, "DERIVED", "PRIMARY")
            .SetInt(DicomTags.NumberOfFrames, frames.Frames.Count)
            .SetInt(DicomTags.SamplesPerPixel, 1)
            .SetString(DicomTags.PhotometricInterpretation, "MONOCHROME2")
            .SetInt(DicomTags.Rows, map.Rows)
            .SetInt(DicomTags.Columns, map.Columns)
            .SetInt(DicomTags.BitsAllocated, 1)
            .SetInt(DicomTags.BitsStored, 1)
            .SetInt(DicomTags.HighBit, 0L)
            .SetInt(DicomTags.PixelRepresentation, 0L)
            .SetString(DicomTags.LossyImageCompression, "00")
            .SetString(DicomTags.SegmentationType, "BINARY")
            .SetString(DicomTags.SegmentsOverlap, "NO")
            .SetString(DicomTags.ContentLabel, "AI_SEGMENTATION")
            .SetString(DicomTags.ContentDescription, ResultModules.Cut($"AI, preliminary: {findings.Model.AlgorithmName}"))
            .SetEmpty(DicomTags.ContentCreatorName)
            .SetBytes(DicomTags.PixelData, Vr.OB, frames.Pack());
        if (source.GetString(DicomTags.LossyImageCompression) == "01")
        {
            result.SetString(DicomTags.LossyImageCompression, "01");
            PatientStudyModules.Copy(source, result, DicomTags.LossyImageCompressionRatio);
            PatientStudyModules.Copy(source, result, DicomTags.LossyImageCompressionMethod);
        }
    }

    private static void SetSegments(DicomDataSet result, StudyFindings findings, LabelMap map)
    {
        result.SetSequence(DicomTags.SegmentSequence, [.. map.Segments.Select(segment =>
        {
            string trackingId = ResultUids.SegmentTrackingId(findings, segment.Number);
            DicomDataSet item = new DicomDataSet(result)
                .SetInt(DicomTags.SegmentNumber, segment.Number)
                .SetString(DicomTags.SegmentLabel, segment.Label)
                .SetString(DicomTags.SegmentAlgorithmType, "AUTOMATIC")
                .SetString(DicomTags.SegmentAlgorithmName, findings.Model.AlgorithmName)
                .SetSequence(DicomTags.SegmentedPropertyCategoryCodeSequence, CodeItems.Write(result, segment.Category))
                .SetSequence(DicomTags.SegmentedPropertyTypeCodeSequence, CodeItems.Write(result, segment.Type))
                .SetInt(DicomTags.RecommendedDisplayCIELabValue, CieLab.FromRgb(segment.Color))
                .SetString(DicomTags.TrackingID, trackingId)
                .SetUid(DicomTags.TrackingUID, ResultUids.Tracking(findings, trackingId))
                .SetSequence(DicomTags.SegmentationAlgorithmIdentificationSequence, Algorithm(result, findings.Model));
            return segment.AnatomicRegion is { } region ? item.SetSequence(DicomTags.AnatomicRegionSequence, CodeItems.Write(result, region)) : item;
        })]);
    }

    // Algorithm Identification Macro (PS3.3 section 10.16).
    private static DicomDataSet Algorithm(DicomDataSet scope, ModelIdentity model)
    {
        DicomDataSet item = new DicomDataSet(scope)
            .SetSequence(DicomTags.AlgorithmFamilyCodeSequence, CodeItems.Write(scope, model.AlgorithmFamily))
            .SetString(DicomTags.AlgorithmName, model.AlgorithmName)
            .SetString(DicomTags.AlgorithmVersion, model.Version)
            .SetString(DicomTags.AlgorithmSource, model.Manufacturer);
        return model.Parameters is { } parameters ? item.SetString(DicomTags.AlgorithmParameters, parameters) : item;
    }

    /// <summary>The functional groups (PS3.3 C.7.6.16) and dimensions (C.7.6.17): segment, then place.</summary>
    private sealed class FunctionalGroups(DicomDataSet result, StudyFindings findings, LabelMap map, SourceHeaders sources, SegmentationGeometry geometry)
    {
        private const string Stack = "1";

        public void Write(IReadOnlyList<(int Segment, int Frame)> frames)
        {
            SetDimensions();
            DicomDataSet shared = new(result);
            if (geometry is { HasPlanes: true, SharesMeasures: true })
            {
                shared.SetSequence(DicomTags.PixelMeasuresSequence, geometry.Measures(0, result));
            }

            if (geometry is { HasPlanes: true, SharesOrientation: true })
            {
                shared.SetSequence(DicomTags.PlaneOrientationSequence, geometry.Orientation(0, result));
            }

            result
                .SetSequence(DicomTags.SharedFunctionalGroupsSequence, shared)
                .SetSequence(DicomTags.PerFrameFunctionalGroupsSequence, [.. frames.Select(frame => Frame(frame.Segment, frame.Frame))]);
        }

        private void SetDimensions()
        {
            DicomUid organization = ResultUids.DimensionOrganization(findings);
            result
                .SetSequence(DicomTags.DimensionOrganizationSequence, new DicomDataSet(result).SetUid(DicomTags.DimensionOrganizationUID, organization))
                .SetSequence(
                    DicomTags.DimensionIndexSequence,
                    Dimension(DicomTags.ReferencedSegmentNumber, DicomTags.SegmentIdentificationSequence, "Segment Number"),
                    geometry.IsOrderedByPosition
                        ? Dimension(DicomTags.ImagePositionPatient, DicomTags.PlanePositionSequence, "Image Position Patient")
                        : Dimension(DicomTags.InStackPositionNumber, DicomTags.FrameContentSequence, "In-Stack Position Number"));

            DicomDataSet Dimension(DicomTag pointer, DicomTag group, string label) => new DicomDataSet(result)
                .SetTag(DicomTags.DimensionIndexPointer, pointer)
                .SetTag(DicomTags.FunctionalGroupPointer, group)
                .SetUid(DicomTags.DimensionOrganizationUID, organization)
                .SetString(DicomTags.DimensionDescriptionLabel, label);
        }

        private DicomDataSet Frame(int segment, int frame)
        {
            DicomDataSet content = new DicomDataSet(result).SetInt(DicomTags.DimensionIndexValues, segment, geometry.IndexOf(frame));
            if (!geometry.IsOrderedByPosition)
            {
                content.SetString(DicomTags.StackID, Stack).SetInt(DicomTags.InStackPositionNumber, geometry.IndexOf(frame));
            }

            DicomDataSet item = new DicomDataSet(result)
                .SetSequence(DicomTags.DerivationImageSequence, Derivation(map.Sources[frame]))
                .SetSequence(DicomTags.FrameContentSequence, content)
                .SetSequence(DicomTags.SegmentIdentificationSequence, new DicomDataSet(result).SetInt(DicomTags.ReferencedSegmentNumber, segment));
            if (geometry.HasPlanes)
            {
                item.SetSequence(DicomTags.PlanePositionSequence, geometry.Position(frame, result));
                if (!geometry.SharesMeasures)
                {
                    item.SetSequence(DicomTags.PixelMeasuresSequence, geometry.Measures(frame, result));
                }

                if (!geometry.SharesOrientation)
                {
                    item.SetSequence(DicomTags.PlaneOrientationSequence, geometry.Orientation(frame, result));
                }
            }

            return item;
        }

        private DicomDataSet Derivation(SourceInstance source)
        {
            DicomDataSet image = new DicomDataSet(result)
                .SetUid(DicomTags.ReferencedSOPClassUID, source.SopClass)
                .SetUid(DicomTags.ReferencedSOPInstanceUID, source.SopInstance)
                .SetString(DicomTags.SpatialLocationsPreserved, "YES")
                .SetSequence(DicomTags.PurposeOfReferenceCodeSequence, CodeItems.Write(result, Codes.SourceImageForProcessing));
            if (sources[source].GetInt32(DicomTags.NumberOfFrames) > 1)
            {
                image.SetInt(DicomTags.ReferencedFrameNumber, Math.Max(source.Frame, 1));
            }

            return new DicomDataSet(result)
                .SetSequence(DicomTags.DerivationCodeSequence, CodeItems.Write(result, Codes.Segmentation))
                .SetSequence(DicomTags.SourceImageSequence, image);
        }
    }
}
