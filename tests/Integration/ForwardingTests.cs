using System.Globalization;
using System.Text.Json;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;

namespace MedicalAi.Integration;

/// <summary>What comes in and what is found goes on to a PACS, here storescp of DCMTK.</summary>
public sealed class ForwardingTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(4);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_SR_and_SEG_of_a_study_go_to_the_PACS_and_nothing_else_does()
    {
        using TempFolder folder = new();
        string received = Directory.CreateDirectory(folder.File("received")).FullName;
        await using StoreScp pacs = await StoreScp.StartAsync(received);
        string aes = Write(folder, pacs.Port, """{ "name": "results", "to": ["PACS"], "source": "results", "match": { "Modality": ["SR", "SEG"] }, "priority": "high" }""");
        string brain = SampleStudies.UnpackBrain(folder);
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(folder.File("data"), Cancelled, "--aes", aes);
        await foreach (SentFile sent in new DicomSender(gateway.Scu).SendAsync(DicomSender.FindFiles([brain]), Cancelled))
        {
            Assert.True(sent.IsStored, sent.Error);
        }

        JsonElement task = Assert.Single(await gateway.WaitForTasksAsync(1, s_limit, Cancelled));
        Assert.True(task.GetProperty("status").GetString() == "completed", task.GetRawText() + gateway.Output);
        await WaitUntilAsync(async () => (await gateway.GetJsonAsync("/api/destinations/PACS/queue?state=sent", Cancelled)).GetArrayLength() == 2);
        List<string?> modalities = [];
        foreach (string file in Directory.GetFiles(received))
        {
            DicomDataSet dataSet = DicomFile.Parse(await File.ReadAllBytesAsync(file, Cancelled)).Value.DataSet;
            Assert.Equal(task.GetProperty("study").GetString(), dataSet.GetString(DicomTags.StudyInstanceUID));
            modalities.Add(dataSet.GetString(DicomTags.Modality));
        }

        Assert.Equal(["SEG", "SR"], modalities.Order());
    }

    [Fact]
    public async Task A_power_cut_in_the_middle_of_forwarding_loses_nothing()
    {
        using TempFolder folder = new();
        string received = Directory.CreateDirectory(folder.File("received")).FullName;
        await using StoreScp pacs = await StoreScp.StartAsync(received, "+uf");
        string aes = Write(folder, pacs.Port, """{ "name": "all", "to": ["PACS"] }""");
        string brain = SampleStudies.UnpackBrain(folder);
        string[] arguments = ["--aes", aes, "--roles", "dicom,web"];
        await using (GatewayProcess gateway = await GatewayProcess.StartAsync(folder.File("data"), Cancelled, arguments))
        {
            await foreach (SentFile sent in new DicomSender(gateway.Scu).SendAsync(DicomSender.FindFiles([brain]), Cancelled))
            {
                Assert.True(sent.IsStored, sent.Error);
            }

            await WaitUntilAsync(() => Task.FromResult(Directory.GetFiles(received).Length >= 20));
            await gateway.KillAsync();
        }

        Assert.True(Directory.GetFiles(received).Length < 256, "It was killed too late.");
        await using GatewayProcess again = await GatewayProcess.StartAsync(folder.File("data"), Cancelled, arguments);
        await WaitUntilAsync(async () => (await again.GetJsonAsync("/api/destinations/PACS/queue?state=sent&limit=1000", Cancelled)).GetArrayLength() == 256);
        HashSet<DicomUid> instances = [];
        int files = 0;
        foreach (string file in Directory.GetFiles(received))
        {
            if (await InstanceFile.ReadAsync(file, Cancelled) is { Ok: true } read)
            {
                instances.Add(read.Value.SopInstance);
                files++;
            }
        }

        Assert.Equal(256, instances.Count);

        // Those whose answers were not noted yet come again: at most what is noted together.
        Assert.True(files <= 256 + 64, string.Create(CultureInfo.InvariantCulture, $"{files} files for 256 instances"));
    }

    [Fact]
    public async Task A_power_cut_before_the_PACS_has_committed_itself_loses_nothing()
    {
        // Orthanc, which does not know at first where to tell us.
        using TempFolder folder = new();
        await using Orthanc pacs = await Orthanc.StartAsync(Cancelled);
        string aes = Write(folder, pacs.Port, """{ "name": "all", "to": ["ORTHANC"] }""", Orthanc.AeTitle, """, "commitment": true, "firstRetrySeconds": 1, "longestRetrySeconds": 2""");
        string brain = SampleStudies.UnpackBrain(folder);
        string[] arguments = ["--aes", aes, "--roles", "dicom,web"];
        await using (GatewayProcess gateway = await GatewayProcess.StartAsync(folder.File("data"), Cancelled, arguments))
        {
            await foreach (SentFile sent in new DicomSender(gateway.Scu).SendAsync(DicomSender.FindFiles([brain]), Cancelled))
            {
                Assert.True(sent.IsStored, sent.Error);
            }

            await WaitUntilAsync(async () => (await gateway.GetJsonAsync("/api/destinations/ORTHANC/queue?state=committing&limit=1000", Cancelled)).GetArrayLength() >= 50);
            await gateway.KillAsync();
        }

        await using GatewayProcess again = await GatewayProcess.StartAsync(folder.File("data"), Cancelled, arguments);
        await WaitUntilAsync(async () => (await again.GetJsonAsync("/api/destinations/ORTHANC", Cancelled)).GetProperty("queue").TryGetProperty("commitmentProblem", out _));
        Assert.Equal(0, (await again.GetJsonAsync("/api/destinations/ORTHANC/queue?state=sent", Cancelled)).GetArrayLength());
        await pacs.AddModalityAsync("gateway", "MEDICALAI", again.DicomPort, Cancelled);
        await WaitUntilAsync(async () => (await again.GetJsonAsync("/api/destinations/ORTHANC/queue?state=sent&limit=1000", Cancelled)).GetArrayLength() == 256);
        JsonElement held = JsonSerializer.Deserialize<JsonElement>(await pacs.Http.GetStringAsync("statistics", Cancelled));
        Assert.Equal(256, held.GetProperty("CountInstances").GetInt32());
    }

    private static string Write(TempFolder folder, int port, string rules, string title = "PACS", string sending = "")
    {
        string path = folder.File("aes.json");
        File.WriteAllText(path, $$"""{ "entities": [{ "aeTitle": "{{title}}", "host": "127.0.0.1", "port": {{port}}, "sending": { "instancesPerSecond": 100{{sending}} } }], "rules": [{{rules}}] }""");
        return path;
    }

    private static async Task WaitUntilAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        limit.CancelAfter(TimeSpan.FromSeconds(90));
        while (!await condition())
        {
            await Task.Delay(50, limit.Token);
        }
    }
}
