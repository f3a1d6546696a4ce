using MedicalAi.Dicom;
using MedicalAi.Findings;

namespace MedicalAi.Fuzz;

public sealed class FindingsFuzz
{
    private static readonly SourceInstance s_source = new(DicomUids.MRImageStorage, new DicomUid("1.2.3.1.1"), new DicomUid("1.2.3.1"));

    [Fact]
    public async Task Broken_findings_are_refused_or_can_be_saved_again()
    {
        CodedConcept tissue = new("85756007", "SCT", "Tissue");
        byte[] saved = new StudyFindings
        {
            TaskId = new Guid("11111111-2222-3333-4444-555555555555"),
            Study = new DicomUid("1.2.3"),
            Model = new ModelIdentity { Name = "brain", Version = "1.0", Manufacturer = "Somebody", AlgorithmName = "Brain tissue", Digest = new string('a', 64), Parameters = "threshold=0.5" },
            InputsDigest = "abc",
            MadeAt = new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.FromHours(2)),
            Inputs = [s_source],
            Classifications = [new Classification { Finding = new CodedConcept("233604007", "SCT", "Pneumonia"), Probability = 0.9, Threshold = 0.4, Evidence = [s_source] }],
            Measurements = [new Measurement { Quantity = new CodedConcept("118565006", "SCT", "Volume"), Value = 518.54, Unit = new CodedConcept("ml", "UCUM", "milliliter"), SegmentNumber = 1 }],
            Segmentation = new LabelMap
            {
                Rows = 2,
                Columns = 3,
                Frames = 1,
                Labels = new byte[] { 0, 1, 1, 1, 1, 0 },
                Sources = [s_source],
                Segments = [new Segment(1, "White Matter", tissue, new CodedConcept("68523003", "SCT", "Cerebral White Matter"), null, new RgbColor(255, 255, 255))],
            },
        }.Serialize().ToArray();
        await FuzzRun.RunAsync(
            random => Mutator.Mutate(random, saved, [saved]),
            (_, bytes) =>
            {
                ParseResult<StudyFindings> read = FuzzRun.Bounded((4096L * bytes.Length) + (1024 * 1024), () => StudyFindings.Parse(bytes));
                if (read.Ok)
                {
                    ReadOnlyMemory<byte> again = read.Value.Serialize();
                    Assert.Equal(again.ToArray(), StudyFindings.Parse(again).Value.Serialize().ToArray());
                }
            });
    }
}
