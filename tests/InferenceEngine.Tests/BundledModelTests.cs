using System.Globalization;
using System.Text.Json;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace MedicalAi.InferenceEngine.Tests;

public sealed class BundledModelTests
{
    [Fact]
    public async Task The_pneumonia_model_gives_the_probabilities_of_its_card()
    {
        byte[] images = TestData.Bytes("models/pneumonia_cxr/test_images.bin");
        string[][] expected = [.. File.ReadLines(TestData.Path("models/pneumonia_cxr/expected_test.csv")).Skip(1).Select(line => line.Split(','))];
        Model model = ModelRepository.Load(Path.Combine(TestData.Root, "models")).Find("pneumonia_cxr", "1.0.0")!;
        await using ModelRunner runner = Runner(model);

        float[][] outputs = await Task.WhenAll(expected.Select((_, i) => runner.RunImageAsync(
            [.. images.AsSpan(i * 784, 784).ToArray().Select(value => value / 255f)],
            TaskPriority.Routine,
            TestContext.Current.CancellationToken)));

        Assert.Equal(624, expected.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(float.Parse(expected[i][2], CultureInfo.InvariantCulture), outputs[i][0], 1e-4f);
        }
    }

    [Fact]
    public async Task The_brain_model_gives_the_labels_of_its_card_for_a_cube()
    {
        using JsonDocument card = JsonDocument.Parse(TestData.Bytes("models/meshnet_model5_gw_ae/expected.json"));
        JsonElement cube = card.RootElement.GetProperty("cases").EnumerateArray().Single(one => one.GetProperty("name").GetString() == "cube");
        int start = cube.GetProperty("start")[0].GetInt32();
        int size = cube.GetProperty("size")[0].GetInt32();
        float[] volume = new float[size * size * size];
        foreach (byte[] slice in EngineHost.BrainSlices())
        {
            // Slices are numbered from the back; columns run along x, rows along y, slices along z of the card.
            DicomDataSet image = DicomFile.Parse(slice).Value.DataSet;
            int z = image.GetInt32(DicomTags.InstanceNumber)!.Value - 1 - start;
            for (int y = 0; y < size && z >= 0 && z < size; y++)
            {
                for (int x = 0; x < size; x++)
                {
                    volume[(((x * size) + y) * size) + z] = image.GetBytes(DicomTags.PixelData).Span[2 * (((y + start) * 256) + x + start)] / 255f;
                }
            }
        }

        await using ModelRunner runner = Runner(ModelRepository.Load(EngineHost.BundledModels).Find("meshnet_model5_gw_ae", "1.0.0")!);
        byte[] labels = runner.RunVolume(volume, size, size, size, TestContext.Current.CancellationToken);

        int[] expected = [.. cube.GetProperty("label_counts").EnumerateArray().Select(count => count.GetInt32())];
        Assert.Equal(expected, Enumerable.Range(0, 3).Select(label => labels.Count(value => value == label)), (a, b) => Math.Abs(a - b) <= 20);
    }

    private static ModelRunner Runner(Model model) => new(
        model,
        new InferenceOptions { ModelsFolder = "", Accelerator = Accelerator.Cpu },
        new AdmissionGate(4096),
        TimeProvider.System,
        NullLogger.Instance);
}
