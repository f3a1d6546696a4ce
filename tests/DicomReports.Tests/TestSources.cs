using System.Globalization;
using MedicalAi.Dicom;
using MedicalAi.Findings;

namespace MedicalAi.DicomReports.Tests;

/// <summary>Small studies and what a model may have found in them.</summary>
internal static class TestSources
{
    public const string Study = "1.2.826.0.1.3680043.8.498.1";
    public const int Rows = 5;
    public const int Columns = 7;

    public static readonly CodedConcept Tissue = new("85756007", "SCT", "Tissue");
    public static readonly CodedConcept Volume = new("118565006", "SCT", "Volume");
    public static readonly CodedConcept Milliliter = new("ml", "UCUM", "milliliter");

    public static ModelIdentity Model { get; } = new()
    {
        Name = "brain-tissue",
        Version = "1.0.0",
        Manufacturer = "The makers",
        AlgorithmName = "Brain tissue segmentation",
        Digest = new string('a', 64),
        Parameters = "spacing=1mm",
    };

    /// <summary>Oblique slices of an MR series, given from top to bottom.</summary>
    public static List<DicomDataSet> Mr(int count = 4)
    {
        List<DicomDataSet> headers = [];
        for (int i = 0; i < count; i++)
        {
            headers.Add(Common("MR", DicomUids.MRImageStorage, "1.2.826.0.1.3680043.8.498.1.1", i)
                .SetUid(DicomTags.FrameOfReferenceUID, new DicomUid("1.2.826.0.1.3680043.8.498.1.9"))
                .SetEmpty(DicomTags.PositionReferenceIndicator)
                .SetString(DicomTags.ImageOrientationPatient, "1", "0", "0", "0", "0.8", "-0.6")
                .SetString(DicomTags.ImagePositionPatient, "-10.5", (20 - (i * 1.2)).ToString(CultureInfo.InvariantCulture), (30 - (i * 1.6)).ToString(CultureInfo.InvariantCulture))
                .SetString(DicomTags.PixelSpacing, "0.9375", "0.9375")
                .SetString(DicomTags.SliceThickness, "2"));
        }

        return headers;
    }

    /// <summary>A chest radiograph, without geometry.</summary>
    public static List<DicomDataSet> Dx() =>
    [
        Common("DX", DicomUids.DigitalXRayImageStorageForPresentation, "1.2.826.0.1.3680043.8.498.1.2", 0)
            .SetString(DicomTags.BodyPartExamined, "CHEST")
            .SetString(DicomTags.ImagerPixelSpacing, "0.14", "0.14"),
    ];

    /// <summary>The slices of <see cref="Mr"/> as one multi-frame image.</summary>
    public static List<DicomDataSet> EnhancedMr()
    {
        List<DicomDataSet> slices = Mr();
        DicomDataSet header = Common("MR", DicomUids.EnhancedMRImageStorage, "1.2.826.0.1.3680043.8.498.1.3", 0)
            .SetUid(DicomTags.FrameOfReferenceUID, new DicomUid("1.2.826.0.1.3680043.8.498.1.9"))
            .SetInt(DicomTags.NumberOfFrames, slices.Count);
        DicomDataSet measures = new DicomDataSet(header).SetString(DicomTags.PixelSpacing, "0.9375", "0.9375").SetString(DicomTags.SliceThickness, "2");
        DicomDataSet orientation = new DicomDataSet(header).SetString(DicomTags.ImageOrientationPatient, slices[0].GetStrings(DicomTags.ImageOrientationPatient));
        header.SetSequence(DicomTags.SharedFunctionalGroupsSequence, new DicomDataSet(header)
            .SetSequence(DicomTags.PixelMeasuresSequence, measures)
            .SetSequence(DicomTags.PlaneOrientationSequence, orientation));
        header.SetSequence(DicomTags.PerFrameFunctionalGroupsSequence, [.. slices.Select(slice => new DicomDataSet(header).SetSequence(
            DicomTags.PlanePositionSequence,
            new DicomDataSet(header).SetString(DicomTags.ImagePositionPatient, slice.GetStrings(DicomTags.ImagePositionPatient))))]);
        return [header];
    }

    public static SourceInstance Source(DicomDataSet header, int frame = 0) => new(
        header.GetUid(DicomTags.SOPClassUID)!.Value, header.GetUid(DicomTags.SOPInstanceUID)!.Value, header.GetUid(DicomTags.SeriesInstanceUID)!.Value, frame);

    public static StudyFindings Findings(IReadOnlyList<DicomDataSet> headers) => new()
    {
        TaskId = new Guid("11111111-2222-3333-4444-555555555555"),
        Study = new DicomUid(Study),
        Model = Model,
        InputsDigest = "digest",
        MadeAt = new DateTimeOffset(2026, 2, 3, 14, 15, 16, 789, TimeSpan.Zero),
        Inputs = [.. headers.Select(header => Source(header))],
    };

    /// <summary>Two tissues on the frames given, with volumes; no label on the last frame.</summary>
    public static StudyFindings Segmented(IReadOnlyList<DicomDataSet> headers, IReadOnlyList<SourceInstance> frames)
    {
        byte[] labels = new byte[frames.Count * Rows * Columns];
        Random random = new(7);
        for (int i = 0; i < labels.Length; i++)
        {
            bool isLast = frames.Count > 1 && i >= (frames.Count - 1) * Rows * Columns;
            labels[i] = isLast ? (byte)0 : (byte)random.Next(3);
        }

        // No pixel of the second tissue on the first frame.
        labels.AsSpan(0, Rows * Columns).Replace((byte)2, (byte)1);
        if (frames.Count == 1)
        {
            labels[3] = 2;
        }

        return Findings(headers) with
        {
            Measurements =
            [
                new Measurement { Quantity = Volume, Value = 518.54, Unit = Milliliter, SegmentNumber = 1 },
                new Measurement { Quantity = Volume, Value = 1.0 / 3, Unit = Milliliter, SegmentNumber = 2, Method = new CodedConcept("126030", "DCM", "Sum of segmented voxel method for volume") },
            ],
            Segmentation = new LabelMap
            {
                Rows = Rows,
                Columns = Columns,
                Frames = frames.Count,
                Labels = labels,
                Sources = frames,
                Segments =
                [
                    new Segment(1, "White Matter", Tissue, new CodedConcept("68523003", "SCT", "Cerebral White Matter"), null, new RgbColor(255, 255, 255)),
                    new Segment(2, "Grey Matter", Tissue, new CodedConcept("389081007", "SCT", "Gray Matter"), new CodedConcept("12738006", "SCT", "Brain"), new RgbColor(205, 62, 78)),
                ],
            },
        };
    }

    public static StudyFindings SegmentedMr(IReadOnlyList<DicomDataSet> headers) => Segmented(headers, [.. headers.Select(header => Source(header))]);

    public static StudyFindings Classified(IReadOnlyList<DicomDataSet> headers, double probability = 0.876543) => Findings(headers) with
    {
        Model = Model with { Name = "pneumonia-cxr", AlgorithmName = "Pneumonia likelihood", Parameters = null, Digest = null },
        Classifications =
        [
            new Classification { Finding = new CodedConcept("233604007", "SCT", "Pneumonia"), Probability = probability, Threshold = 0.4271, Site = new CodedConcept("39607008", "SCT", "Lung") },
        ],
        Notes = ["The image is outside the age range that the model was made for."],
    };

    private static DicomDataSet Common(string modality, DicomUid sopClass, string series, int index) => new DicomDataSet()
        .SetString(DicomTags.SpecificCharacterSet, "ISO_IR 100")
        .SetUid(DicomTags.SOPClassUID, sopClass)
        .SetUid(DicomTags.SOPInstanceUID, new DicomUid(string.Create(CultureInfo.InvariantCulture, $"{series}.{index + 1}")))
        .SetUid(DicomTags.StudyInstanceUID, new DicomUid(Study))
        .SetUid(DicomTags.SeriesInstanceUID, new DicomUid(series))
        .SetString(DicomTags.Modality, modality)
        .SetInt(DicomTags.SeriesNumber, 3)
        .SetInt(DicomTags.InstanceNumber, index + 1)
        .SetString(DicomTags.PatientName, "Müller^Jürgen")
        .SetString(DicomTags.PatientID, "P-1")
        .SetString(DicomTags.IssuerOfPatientID, "HOSPITAL")
        .SetString(DicomTags.PatientBirthDate, "19560229")
        .SetString(DicomTags.PatientSex, "M")
        .SetString(DicomTags.StudyDate, "20260203")
        .SetString(DicomTags.StudyTime, "130000")
        .SetString(DicomTags.StudyID, "S1")
        .SetString(DicomTags.AccessionNumber, "A-77")
        .SetString(DicomTags.StudyDescription, "Schädel")
        .SetString(DicomTags.ReferringPhysicianName, "Weiß^Ärztin")
        .SetString(DicomTags.Manufacturer, "Scanner GmbH")
        .SetString(DicomTags.ManufacturerModelName, "Größe 3")
        .SetString(DicomTags.InstitutionName, "Krankenhaus Süd")
        .SetInt(DicomTags.Rows, Rows)
        .SetInt(DicomTags.Columns, Columns);
}
