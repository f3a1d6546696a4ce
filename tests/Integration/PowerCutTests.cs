using System.Text.Json;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;

namespace MedicalAi.Integration;

/// <summary>The process is killed at any moment: nothing acknowledged is lost, and results come exactly once.</summary>
public sealed class PowerCutTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(4);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_acknowledged_instance_is_there_after_the_process_was_killed_in_the_middle_of_ingest()
    {
        using TempFolder folder = new();
        string data = folder.File("data");
        Dictionary<DicomUid, byte[]> acknowledged = [];
        for (int round = 0; round < 3; round++)
        {
            await using GatewayProcess gateway = await GatewayProcess.StartAsync(data, Cancelled, "--stability", "3600");
            int atLeast = 40 + (round * 37);
            int stored = 0;
            TaskCompletionSource enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Task[] senders = [.. Enumerable.Range(0, 4).Select(sender => SendAsync(gateway, round, sender, acknowledged, () =>
            {
                if (Interlocked.Increment(ref stored) == atLeast)
                {
                    enough.SetResult();
                }
            }))];
            await Task.WhenAny(Task.WhenAll(senders), enough.Task);
            await gateway.KillAsync();
            await Task.WhenAll(senders);
            Assert.True(stored >= atLeast);
        }

        await using GatewayProcess again = await GatewayProcess.StartAsync(data, Cancelled, "--stability", "3600");
        foreach ((DicomUid instance, byte[] dataSet) in acknowledged)
        {
            DicomDataSet sent = DicomDataSet.Parse(dataSet, TransferSyntax.ExplicitVrLittleEndian).Value;
            byte[] kept = await again.RetrieveAsync(
                $"studies/{sent.GetString(DicomTags.StudyInstanceUID)}/series/{sent.GetString(DicomTags.SeriesInstanceUID)}/instances/{instance}",
                Cancelled);
            Assert.Equal(dataSet, GatewayQueries.DataSetOf(kept));
        }

        Assert.True(acknowledged.Count >= 40 + 77 + 114);
    }

    [Fact]
    public async Task Results_come_exactly_once_though_the_process_is_killed_again_and_again_during_inference_and_reports()
    {
        using TempFolder folder = new();
        string data = folder.File("data");
        const int Studies = 12;
        await using (GatewayProcess gateway = await GatewayProcess.StartAsync(data, Cancelled, "--stability", "0.2"))
        {
            DicomDataSet image = DicomFile.Parse(await File.ReadAllBytesAsync(SampleStudies.PneumoniaFile, Cancelled)).Value.DataSet;
            for (int i = 0; i < Studies; i++)
            {
                image.SetUid(DicomTags.StudyInstanceUID, DicomUid.NewUid()).SetUid(DicomTags.SeriesInstanceUID, DicomUid.NewUid()).SetUid(DicomTags.SOPInstanceUID, DicomUid.NewUid());
                using HttpResponseMessage stored = await gateway.StoreAsync(DicomFile.ToBytes(image, TransferSyntax.ExplicitVrLittleEndian), Cancelled);
                Assert.True(stored.IsSuccessStatusCode);
            }

            await WaitForAsync(gateway, tasks => tasks.Count > 0);
            await gateway.KillAsync();
        }

        // Killed a little later each time, so that it happens in all phases.
        for (int round = 1; round <= 4; round++)
        {
            await using GatewayProcess gateway = await GatewayProcess.StartAsync(data, Cancelled, "--stability", "0.2");
            int done = round * 2;
            await WaitForAsync(gateway, tasks => tasks.Count(task => task.GetProperty("status").GetString() == "completed") >= done);
            await gateway.KillAsync();
        }

        await using GatewayProcess last = await GatewayProcess.StartAsync(data, Cancelled, "--stability", "0.2");
        IReadOnlyList<JsonElement> tasks = await last.WaitForTasksAsync(Studies, s_limit, Cancelled);

        Assert.Equal(Studies, tasks.Count);
        Assert.All(tasks, task => Assert.Equal("completed", task.GetProperty("status").GetString()));
        Assert.Equal(Studies, (await last.FindAsync("instances?Modality=SR", Cancelled)).Count);
        Assert.Equal(Studies, (await last.GetJsonAsync("/fhir/DiagnosticReport?_count=100", Cancelled)).GetProperty("total").GetInt32());
        Assert.Equal(0, (await last.GetJsonAsync("/api/system", Cancelled)).GetProperty("quarantined").GetInt32());
    }

    private static async Task WaitForAsync(GatewayProcess gateway, Func<IReadOnlyList<JsonElement>, bool> holds)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        end.CancelAfter(s_limit);
        while (!holds(await gateway.ListTasksAsync(null, end.Token)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), end.Token);
        }
    }

    /// <summary>Sends small instances over one association until it breaks.</summary>
    private static async Task SendAsync(GatewayProcess gateway, int round, int sender, Dictionary<DicomUid, byte[]> acknowledged, Action stored)
    {
        try
        {
            await using DicomClient client = await DicomClient.ConnectAsync(
                gateway.Scu,
                PresentationContext.ForStorage(DicomUids.SecondaryCaptureImageStorage, TransferSyntax.ExplicitVrLittleEndian),
                Cancelled);
            DicomUid study = DicomUid.NewUid();
            DicomUid series = DicomUid.NewUid();
            for (int i = 0; i < 10_000; i++)
            {
                DicomUid instance = DicomUid.NewUid();
                DicomDataSet dataSet = new DicomDataSet()
                    .SetUid(DicomTags.SOPClassUID, DicomUids.SecondaryCaptureImageStorage)
                    .SetUid(DicomTags.SOPInstanceUID, instance)
                    .SetUid(DicomTags.StudyInstanceUID, study)
                    .SetUid(DicomTags.SeriesInstanceUID, series)
                    .SetString(DicomTags.PatientID, $"KILL-{round}-{sender}")
                    .SetBytes(DicomTags.PixelData, Vr.OB, new byte[4096]);
                byte[] bytes = DicomDataSetWriter.ToBytes(dataSet, TransferSyntax.ExplicitVrLittleEndian);
                using MemoryStream stream = new(bytes);
                DimseResponse response = await client.StoreAsync(DicomUids.SecondaryCaptureImageStorage, instance, TransferSyntax.ExplicitVrLittleEndian, stream, Cancelled);
                if (response.Status == 0)
                {
                    lock (acknowledged)
                    {
                        acknowledged.Add(instance, bytes);
                    }

                    stored();
                }
            }
        }
        catch (Exception e) when (e is DicomNetworkException or IOException)
        {
            // The process was killed.
        }
    }
}
