using System.Globalization;
using MedicalAi.Archive;
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

    private static ModelRunner Runner(Model model) => new(
        model,
        new InferenceOptions { ModelsFolder = "", Accelerator = Accelerator.Cpu },
        TimeProvider.System,
        NullLogger.Instance);
}
