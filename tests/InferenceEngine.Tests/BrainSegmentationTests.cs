using System.Globalization;
using System.IO.Compression;
using MedicalAi.Archive;
using MedicalAi.Findings;
using MedicalAi.Testing;

namespace MedicalAi.InferenceEngine.Tests;

public sealed class BrainSegmentationTests
{
    [Fact]
    public async Task The_sample_series_is_segmented_as_its_card_says()
    {
        await using EngineHost engine = await EngineHost.StartAsync(EngineHost.BundledModels, EngineHost.OfSeries);
        await engine.StoreAsync(EngineHost.BrainSlices());

        InferenceTask task = Assert.Single(await engine.WaitAsync(1, task => task.HasFindings || task.Status == InferenceTaskStatus.Failed));
        StudyFindings findings = await engine.ReadFindingsAsync(task);

        Assert.Equal(256, findings.Inputs.Count);
        Assert.Equal(["White matter", "Grey matter"], findings.Segmentation!.Segments.Select(segment => segment.Label));
        Assert.Equal(518.540, Volume(findings, 1), 0.05);
        Assert.Equal(735.212, Volume(findings, 2), 0.05);
        AssertLabels(findings.Segmentation!);
    }

    private static double Volume(StudyFindings findings, int segment)
    {
        Measurement volume = findings.Measurements.Single(measurement => measurement.SegmentNumber == segment);
        Assert.Equal(("118565006", "mL"), (volume.Quantity.Value, volume.Unit.Value));
        return volume.Value;
    }

    // The expected labels run to the left, down and to the front, the first fastest; the series is coronal, its rows run to the
    // left and its columns down. So a frame is a plane of them; along the normal, which leads to the back, from the last to the first.
    private static void AssertLabels(LabelMap labels)
    {
        using GZipStream file = new(File.OpenRead(TestData.Path("models/meshnet_model5_gw_ae/expected_labels.nii.gz")), CompressionMode.Decompress);
        MemoryStream bytes = new();
        file.CopyTo(bytes);
        ReadOnlySpan<byte> expected = bytes.ToArray().AsSpan(352);
        int different = 0;
        for (int frame = 0; frame < 256; frame++)
        {
            ReadOnlySpan<byte> plane = expected.Slice((255 - frame) * 65536, 65536);
            ReadOnlySpan<byte> ours = labels.GetFrame(frame).Span;
            for (int i = 0; i < plane.Length; i++)
            {
                different += plane[i] == ours[i] ? 0 : 1;
            }
        }

        // A few voxels may differ with the processor, as the card says.
        Assert.True(different < 500, string.Create(CultureInfo.InvariantCulture, $"{different} of 16777216 voxels differ."));
    }
}
