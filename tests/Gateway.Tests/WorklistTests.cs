using System.Globalization;
using System.Text.Json;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MedicalAi.Gateway.Tests;

/// <summary>dcmtk's worklist, asked from the command line and by a gateway that serves.</summary>
public sealed class WorklistTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_scheduled_is_found_by_keys_of_the_patient_and_of_the_step()
    {
        await using WorklistScp worklist = await WorklistScp.StartAsync(
            Cancel, new WorklistEntry("P1", "A1", "1.2.3", "STAT", "CTHEAD", Name: "Müller^Jürgen"), new WorklistEntry("P2", "A2", "1.2.4", "ROUTINE", "XR", Modality: "CR"));
        string peer = string.Create(CultureInfo.InvariantCulture, $"RIS@127.0.0.1:{worklist.Port}");
        ToolResult all = await CommandLineTests.RunAsync("worklist", peer);
        Assert.True(all.ExitCode == 0, all.ToString());
        Assert.Contains("CTHEAD", all.Output, StringComparison.Ordinal);
        Assert.Contains("# match 2", all.Output, StringComparison.Ordinal);

        foreach (string key in (string[])["Modality=CR", "PatientID=P2", "(0008,0050)=A2"])
        {
            ToolResult one = await CommandLineTests.RunAsync("worklist", peer, "-k", key, "--json");
            Assert.True(one.ExitCode == 0, one.ToString());
            using JsonDocument match = JsonDocument.Parse(Assert.Single(one.Output.TrimEnd().Split('\n')));
            Assert.Equal("1.2.4", match.RootElement.GetProperty("0020000D").GetProperty("Value")[0].GetString());
        }

        ToolResult named = await CommandLineTests.RunAsync("worklist", peer, "-k", "PatientName=Mül*", "--json");
        Assert.Contains("Müller^Jürgen", named.Output, StringComparison.Ordinal);
        ToolResult none = await CommandLineTests.RunAsync("worklist", peer, "-k", "PatientID=P9");
        Assert.True(none.ExitCode == 0 && none.Output.Length == 0, none.ToString());
    }

    [Fact]
    public async Task The_order_of_a_study_that_comes_in_is_learnt_from_the_worklist_of_the_settings()
    {
        await using WorklistScp worklist = await WorklistScp.StartAsync(Cancel, new WorklistEntry("P1", "A1", "1.9.9", "STAT", "CTHEAD"), new WorklistEntry("P1", "A2", "1.9.8", "LOW", "CTCHEST"));
        using TempFolder folder = new();
        string registry = folder.File("aes.json");
        await File.WriteAllTextAsync(registry, string.Create(CultureInfo.InvariantCulture, $$"""{ "entities": [{ "aeTitle": "RIS", "host": "127.0.0.1", "port": {{worklist.Port}} }] }"""), Cancel);
        await using ServedGateway gateway = await ServedGateway.StartAsync(options => options with { AesFile = registry, Worklist = AeTitle.Parse("RIS") });
        DicomDataSet image = new DicomDataSet()
            .SetUid(DicomTags.SOPClassUID, DicomUids.SecondaryCaptureImageStorage)
            .SetUid(DicomTags.SOPInstanceUID, new DicomUid("1.2.3.1.1.1"))
            .SetString(DicomTags.AccessionNumber, "A1")
            .SetString(DicomTags.PatientID, "P1")
            .SetUid(DicomTags.StudyInstanceUID, new DicomUid("1.2.3.1"))
            .SetUid(DicomTags.SeriesInstanceUID, new DicomUid("1.2.3.1.1"));
        await gateway.Services.GetRequiredService<IngestService>().IngestAsync(image, TransferSyntax.ExplicitVrLittleEndian, new UploadOrigin(UploadOrigin.Import), Cancel);
        StudyOrder? order = null;
        for (long end = Environment.TickCount64 + 60_000; order is null && Environment.TickCount64 < end; await Task.Delay(20, Cancel))
        {
            order = (await gateway.Services.GetRequiredService<IStudyIndex>().ReadSnapshotAsync(new DicomUid("1.2.3.1"), Cancel))?.Order;
        }

        Assert.Equal(TaskPriority.Stat, order?.Priority);
    }
}
