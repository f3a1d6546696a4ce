using MedicalAi.Dicom;

namespace MedicalAi.Findings.Tests;

/// <summary>Findings of every kind, small.</summary>
internal static class Samples
{
    public static SourceInstance Source(int number, int frame = 0) =>
        new(DicomUids.MRImageStorage, new DicomUid($"1.2.3.1.{number}"), new DicomUid("1.2.3.1"), frame);

    public static StudyFindings All() => new()
    {
        TaskId = new Guid("11111111-2222-3333-4444-555555555555"),
        Study = new DicomUid("1.2.3"),
        Model = new ModelIdentity { Name = "brain", Version = "1.0", Manufacturer = "Somebody", AlgorithmName = "Brain tissue", Digest = new string('a', 64), Parameters = "threshold=0.5" },
        InputsDigest = "abc",
        MadeAt = new DateTimeOffset(2026, 2, 3, 4, 5, 6, 789, TimeSpan.FromHours(2)),
        Inputs = [Source(1), Source(2)],
        Classifications =
        [
            new Classification { Finding = new CodedConcept("233604007", "SCT", "Pneumonia"), Probability = 0.9, Threshold = 0.4271, Site = new CodedConcept("39607008", "SCT", "Lung"), Evidence = [Source(1)] },
        ],
        Measurements =
        [
            new Measurement { Quantity = new CodedConcept("118565006", "SCT", "Volume"), Value = 518.54, Unit = new CodedConcept("ml", "UCUM", "milliliter"), SegmentNumber = 2 },
        ],
        Segmentation = new LabelMap
        {
            Rows = 2,
            Columns = 3,
            Frames = 2,
            Labels = new byte[] { 0, 1, 2, 2, 1, 0, 0, 0, 0, 0, 0, 2 },
            Sources = [Source(1), Source(2)],
            Segments =
            [
                new Segment(1, "White Matter", new CodedConcept("85756007", "SCT", "Tissue"), new CodedConcept("68523003", "SCT", "Cerebral White Matter"), null, new RgbColor(255, 255, 255)),
                new Segment(2, "Grey Matter", new CodedConcept("85756007", "SCT", "Tissue"), new CodedConcept("389081007", "SCT", "Gray Matter"), new CodedConcept("12738006", "SCT", "Brain"), new RgbColor(205, 62, 78)),
            ],
        },
        Notes = ["Größe: 2 × 3"],
    };
}
