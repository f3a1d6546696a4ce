using System.Text.Json;
using MedicalAi.Dicom;
using MedicalAi.Testing;

namespace MedicalAi.Integration;

/// <summary>A study goes the whole way: in by C-STORE or STOW-RS, through the models, out as SR, SEG and FHIR.</summary>
public sealed class WholeWayTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(4);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_head_MR_sent_by_storescu_comes_out_as_SEG_SR_and_DiagnosticReport_with_the_volumes_of_the_model_card()
    {
        using TempFolder folder = new();
        string brain = SampleStudies.UnpackBrain(folder);
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(folder.File("data"), Cancelled);

        ToolResult sent = await ExternalTool.RunAsync("storescu", ["-aec", "MEDICALAI", "+sd", "127.0.0.1", $"{gateway.DicomPort}", brain], Cancelled);
        Assert.True(sent.ExitCode == 0, sent.ToString());
        JsonElement task = Assert.Single(await gateway.WaitForTasksAsync(1, s_limit, Cancelled));
        Assert.True(task.GetProperty("status").GetString() == "completed", task.GetRawText() + gateway.Output);

        string study = task.GetProperty("study").GetString()!;
        DicomDataSet found = Assert.Single(await gateway.FindAsync($"studies?StudyInstanceUID={study}", Cancelled));
        Assert.Equal(["MR", "SEG", "SR"], found.GetStrings(DicomTags.ModalitiesInStudy).Order());
        Assert.Equal(258, found.GetInt32(DicomTags.NumberOfStudyRelatedInstances));

        byte[] segmentation = await RetrieveResultAsync(gateway, study, "SEG");
        byte[] report = await RetrieveResultAsync(gateway, study, "SR");
        await AssertValidAsync(folder, segmentation, report);
        double[] volumes = [.. MeasuredVolumes(DicomFile.Parse(report).Value.DataSet)];
        Assert.Equal([518.540, 735.212], volumes, (expected, actual) => Math.Abs(expected - actual) < 0.05);

        JsonElement reports = await gateway.GetJsonAsync($"/fhir/DiagnosticReport?identifier=urn:dicom:uid|urn:oid:{study}", Cancelled);
        JsonElement all = await gateway.GetJsonAsync("/fhir/DiagnosticReport?status=preliminary", Cancelled);
        Assert.Equal(1, all.GetProperty("total").GetInt32());
        JsonElement diagnostic = all.GetProperty("entry")[0].GetProperty("resource");
        Assert.Equal("preliminary", diagnostic.GetProperty("status").GetString());
        Assert.Equal("Bundle", reports.GetProperty("resourceType").GetString());
        List<double> observed = [];
        foreach (JsonElement reference in diagnostic.GetProperty("result").EnumerateArray())
        {
            JsonElement observation = await gateway.GetJsonAsync("/fhir/" + reference.GetProperty("reference").GetString(), Cancelled);
            observed.Add(observation.GetProperty("valueQuantity").GetProperty("value").GetDouble());
            Assert.Equal("mL", observation.GetProperty("valueQuantity").GetProperty("code").GetString());
        }

        Assert.Equal(volumes, observed, (expected, actual) => Math.Abs(expected - actual) < 0.001);
        JsonElement imagingStudy = await gateway.GetJsonAsync("/fhir/" + diagnostic.GetProperty("imagingStudy")[0].GetProperty("reference").GetString(), Cancelled);
        Assert.Contains(imagingStudy.GetProperty("identifier").EnumerateArray(), identifier => identifier.GetProperty("value").GetString() == $"urn:oid:{study}");
    }

    [Fact]
    public async Task Radiographs_sent_by_STOW_RS_get_the_probabilities_of_the_model()
    {
        using TempFolder folder = new();
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(folder.File("data"), Cancelled);
        foreach (string file in (string[])[SampleStudies.PneumoniaFile, SampleStudies.NormalFile])
        {
            using HttpResponseMessage stored = await gateway.StoreAsync(await File.ReadAllBytesAsync(file, Cancelled), Cancelled);
            Assert.True(stored.IsSuccessStatusCode, await stored.Content.ReadAsStringAsync(Cancelled));
        }

        IReadOnlyList<JsonElement> tasks = await gateway.WaitForTasksAsync(2, s_limit, Cancelled);

        Dictionary<string, double> probabilities = [];
        foreach (JsonElement task in tasks)
        {
            Assert.True(task.GetProperty("status").GetString() == "completed", task.GetRawText() + gateway.Output);
            JsonElement one = await gateway.GetJsonAsync($"/api/tasks/{task.GetProperty("id").GetString()}", Cancelled);
            probabilities[task.GetProperty("study").GetString()!] = one.GetProperty("findings").GetProperty("classifications")[0].GetProperty("probability").GetDouble();
            byte[] report = await RetrieveResultAsync(gateway, task.GetProperty("study").GetString()!, "SR");
            await AssertValidAsync(folder, report);
        }

        // From the model's expected outputs: test images 2 and 3.
        Assert.Equal(0.997041, probabilities[StudyOf(SampleStudies.PneumoniaFile)], 1e-4);
        Assert.Equal(0.000167, probabilities[StudyOf(SampleStudies.NormalFile)], 1e-4);
    }

    private static string StudyOf(string file) => DicomFile.Parse(File.ReadAllBytes(file)).Value.DataSet.GetString(DicomTags.StudyInstanceUID)!;

    private static async Task<byte[]> RetrieveResultAsync(GatewayProcess gateway, string study, string modality)
    {
        DicomDataSet instance = Assert.Single(await gateway.FindAsync($"studies/{study}/instances?Modality={modality}", Cancelled));
        return await gateway.RetrieveAsync(
            $"studies/{study}/series/{instance.GetString(DicomTags.SeriesInstanceUID)}/instances/{instance.GetString(DicomTags.SOPInstanceUID)}",
            Cancelled);
    }

    private static async Task AssertValidAsync(TempFolder folder, params byte[][] files)
    {
        foreach (byte[] file in files)
        {
            string path = folder.File(Guid.NewGuid().ToString("N") + ".dcm");
            await File.WriteAllBytesAsync(path, file, Cancelled);
            ToolResult judged = await ExternalTool.RunAsync("dciodvfy", [path], Cancelled);
            Assert.DoesNotContain("Error", judged.Error, StringComparison.Ordinal);
            ToolResult dumped = await ExternalTool.RunAsync("dcmdump", [path], Cancelled);
            Assert.True(dumped.ExitCode == 0, dumped.ToString());
            ToolResult read = await ExternalTool.RunAsync("/usr/bin/python3", ["-c", "import pydicom,sys; d = pydicom.dcmread(sys.argv[1]); d.walk(lambda s, e: None); print(d.SOPClassUID)", path], Cancelled);
            Assert.True(read.ExitCode == 0, read.ToString());
        }
    }

    /// <summary>The numbers of all NUM items of an SR whose quantity is a volume, in their order.</summary>
    private static IEnumerable<double> MeasuredVolumes(DicomDataSet content)
    {
        foreach (DicomDataSet item in content.GetItems(DicomTags.ContentSequence))
        {
            if (item.GetString(DicomTags.ValueType) == "NUM" && item.GetItems(DicomTags.ConceptNameCodeSequence) is [var name, ..] && name.GetString(DicomTags.CodeValue) == "118565006")
            {
                yield return item.GetItems(DicomTags.MeasuredValueSequence)[0].GetDouble(DicomTags.NumericValue)!.Value;
            }

            foreach (double nested in MeasuredVolumes(item))
            {
                yield return nested;
            }
        }
    }
}
