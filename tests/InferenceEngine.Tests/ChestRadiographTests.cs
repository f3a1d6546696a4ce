using System.Globalization;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Findings;
using MedicalAi.Testing;

namespace MedicalAi.InferenceEngine.Tests;

public sealed class ChestRadiographTests
{
    private static readonly double[] s_expected =
        [.. File.ReadLines(TestData.Path("models/pneumonia_cxr/expected_test.csv")).Skip(1).Select(line => double.Parse(line.Split(',')[2], CultureInfo.InvariantCulture))];

    [Fact]
    public async Task The_sample_radiographs_get_the_probabilities_of_the_card()
    {
        await using EngineHost engine = await EngineHost.StartAsync(EngineHost.BundledModels);
        await engine.StoreAsync([EngineHost.Radiograph("pneumoniamnist_0002.dcm"), EngineHost.Radiograph("pneumoniamnist_0003.dcm")]);

        Dictionary<string, Classification> found = await ClassifyAsync(engine, 2);

        Assert.Equal([s_expected[3], s_expected[2]], found.Values.Select(classification => classification.Probability).Order(), (a, b) => Math.Abs(a - b) < 1e-4);
        Assert.Equal([false, true], found.Values.OrderBy(classification => classification.Probability).Select(classification => classification.IsPositive));
        Assert.All(found.Values, classification => Assert.Equal(new CodedConcept("233604007", "SCT", "Pneumonia"), classification.Finding));
    }

    [Fact]
    public async Task The_same_picture_stored_differently_gets_the_same_probability()
    {
        DicomFile file = DicomFile.Parse(EngineHost.Radiograph("pneumoniamnist_0002.dcm")).Value;
        await using EngineHost engine = await EngineHost.StartAsync(EngineHost.BundledModels);
        await engine.StoreAsync(
        [
            Change(file, "1", TransferSyntax.ExplicitVrLittleEndian, _ => { }),
            Change(file, "2", TransferSyntax.ExplicitVrBigEndian, _ => { }),
            Change(file, "3", TransferSyntax.DeflatedExplicitVrLittleEndian, _ => { }),
            Change(file, "4", TransferSyntax.ImplicitVrLittleEndian, Invert),
            Change(file, "5", TransferSyntax.ExplicitVrLittleEndian, UseTable),
        ]);

        Dictionary<string, Classification> found = await ClassifyAsync(engine, 5);

        Assert.All(found.Values, classification => Assert.Equal(s_expected[2], classification.Probability, 1e-4));
    }

    [Fact]
    public async Task Images_of_several_studies_make_up_a_batch_and_get_the_same_probabilities()
    {
        const int studies = 48;
        DicomFile file = DicomFile.Parse(EngineHost.Radiograph("pneumoniamnist_0002.dcm")).Value;
        byte[] images = TestData.Bytes("models/pneumonia_cxr/test_images.bin");
        await using EngineHost engine = await EngineHost.StartAsync(EngineHost.BundledModels);
        await engine.StoreAsync(Enumerable.Range(0, studies).Select(i => Change(file, $"7.{i}", TransferSyntax.ExplicitVrLittleEndian, image =>
        {
            image.SetInt(DicomTags.Rows, 28L).SetInt(DicomTags.Columns, 28L);
            image.SetString(DicomTags.WindowCenter, "127.5").SetString(DicomTags.WindowWidth, "255").SetString(DicomTags.VOILUTFunction, "LINEAR_EXACT");
            image.SetBytes(DicomTags.PixelData, Vr.OW, images.AsMemory(i * 784, 784));
        })));

        Dictionary<string, Classification> found = await ClassifyAsync(engine, studies);

        for (int i = 0; i < studies; i++)
        {
            Assert.Equal(s_expected[i], found[$"2.25.7.{i}"].Probability, 1e-4);
        }

        Assert.True(engine.BatchSizes.Max() > 1, "Each image was run alone.");
    }

    [Fact]
    public async Task A_model_that_cannot_be_loaded_fails_its_own_tasks_with_the_reason_and_no_other()
    {
        using TempFolder models = new();
        ModelFolder.Add(models, "pneumonia_cxr", like: "pneumonia_cxr");
        ModelFolder.Add(models, "broken", like: "pneumonia_cxr", "this is no model"u8.ToArray());
        await using EngineHost engine = await EngineHost.StartAsync(models.Path);
        await engine.StoreAsync([EngineHost.Radiograph("pneumoniamnist_0002.dcm")]);

        IReadOnlyList<InferenceTask> tasks = await engine.WaitAsync(2, task => task.HasFindings || task.Status == InferenceTaskStatus.Failed);

        InferenceTask failed = tasks.Single(task => task.Model == "broken");
        Assert.Equal(InferenceTaskStatus.Failed, failed.Status);
        Assert.Contains("cannot be loaded", failed.Error, StringComparison.Ordinal);
        Assert.True(tasks.Single(task => task.Model == "pneumonia_cxr").HasFindings);
    }

    [Fact]
    public async Task A_number_that_is_none_fails_its_own_task_and_not_the_others_of_its_batch()
    {
        DicomFile file = DicomFile.Parse(EngineHost.Radiograph("pneumoniamnist_0002.dcm")).Value;
        using TempFolder models = new();
        ModelFolder.Add(models, "logarithm", like: "pneumonia_cxr", OnnxFile.LogarithmOfMean(), manifest =>
        {
            manifest["input"]!["steps"]![4]!["rows"] = 2;
            manifest["input"]!["steps"]![4]!["columns"] = 2;
            manifest["batch"]!["maximumDelayMilliseconds"] = 1000;
        });
        await using EngineHost engine = await EngineHost.StartAsync(models.Path);
        await engine.StoreAsync(
        [
            Change(file, "1", TransferSyntax.ExplicitVrLittleEndian, _ => { }),
            Change(file, "2", TransferSyntax.ExplicitVrLittleEndian, image => image.SetBytes(DicomTags.PixelData, Vr.OW, new byte[224 * 224])),
            Change(file, "3", TransferSyntax.ExplicitVrLittleEndian, _ => { }),
        ]);

        IReadOnlyList<InferenceTask> tasks = await engine.WaitAsync(3, task => task.HasFindings || task.Status == InferenceTaskStatus.Failed);

        Assert.Contains("a number that is none", Assert.Single(tasks, task => task.Status == InferenceTaskStatus.Failed).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_cannot_be_decoded_fails_its_task_with_the_reason_and_no_other()
    {
        DicomFile file = DicomFile.Parse(EngineHost.Radiograph("pneumoniamnist_0002.dcm")).Value;
        await using EngineHost engine = await EngineHost.StartAsync(EngineHost.BundledModels);
        await engine.StoreAsync(
        [
            Change(file, "1", TransferSyntax.Find(DicomUids.JPEG2000)!, image => image.SetFragments(DicomTags.PixelData, new DicomFragments(default, [new DicomFragment(new byte[100])]))),
            Change(file, "2", TransferSyntax.ExplicitVrLittleEndian, image => image.SetBytes(DicomTags.PixelData, Vr.OW, new byte[10])),
            Change(file, "3", TransferSyntax.ExplicitVrLittleEndian, _ => { }),
        ]);

        IReadOnlyList<InferenceTask> tasks = await engine.WaitAsync(3, task => task.HasFindings || task.Status == InferenceTaskStatus.Failed);

        string[] reasons = [.. tasks.Where(task => task.Status == InferenceTaskStatus.Failed).Select(task => task.Error!).Order(StringComparer.Ordinal)];
        Assert.Equal(2, reasons.Length);
        Assert.Contains(reasons, reason => reason.Contains("cannot be read", StringComparison.Ordinal));
        Assert.Contains(reasons, reason => reason.Contains("compressed", StringComparison.Ordinal));
    }

    private static async Task<Dictionary<string, Classification>> ClassifyAsync(EngineHost engine, int count)
    {
        Dictionary<string, Classification> found = [];
        foreach (InferenceTask task in await engine.WaitAsync(count, task => task.HasFindings || task.Status == InferenceTaskStatus.Failed))
        {
            Assert.Null(task.Error);
            StudyFindings findings = await engine.ReadFindingsAsync(task);
            found.Add(findings.Study.Value, Assert.Single(findings.Classifications));
        }

        return found;
    }

    /// <summary>The same image as of another study.</summary>
    private static byte[] Change(DicomFile file, string suffix, TransferSyntax syntax, Action<DicomDataSet> change)
    {
        DicomDataSet image = [];
        foreach (DicomElement element in file.DataSet)
        {
            image.Set(element);
        }

        image.SetUid(DicomTags.StudyInstanceUID, new DicomUid("2.25." + suffix));
        image.SetUid(DicomTags.SeriesInstanceUID, new DicomUid("2.25.1." + suffix));
        image.SetUid(DicomTags.SOPInstanceUID, new DicomUid("2.25.2." + suffix));
        change(image);
        return DicomFile.ToBytes(image, syntax);
    }

    private static void Invert(DicomDataSet image)
    {
        Assert.Equal(8, image.GetInt32(DicomTags.BitsStored));
        image.SetString(DicomTags.PhotometricInterpretation, "MONOCHROME1");
        image.SetString(DicomTags.PresentationLUTShape, "INVERSE");
        image.SetBytes(DicomTags.PixelData, Vr.OW, image.GetBytes(DicomTags.PixelData).ToArray().Select(value => (byte)(255 - value)).ToArray());
    }

    /// <summary>The window as a VOI LUT of 4096 entries, long enough to be left in the object.</summary>
    private static void UseTable(DicomDataSet image)
    {
        image.Remove(DicomTags.WindowCenter);
        image.Remove(DicomTags.WindowWidth);
        DicomDataSet table = [];
        table.SetBytes(DicomTags.LUTDescriptor, Vr.US, new byte[] { 0, 16, 0, 0, 16, 0 });
        table.SetBytes(DicomTags.LUTData, Vr.OW, Enumerable.Range(0, 4096).SelectMany(i => BitConverter.GetBytes((ushort)(Math.Min(i, 255) * 257))).ToArray());
        image.SetSequence(DicomTags.VOILUTSequence, table);
    }
}
