using System.Text.Json;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;
using Microsoft.Extensions.DependencyInjection;
using static MedicalAi.DicomScp.Tests.Committing;

namespace MedicalAi.DicomScp.Tests;

/// <summary>Storage commitment with Orthanc, as SCU and as SCP.</summary>
public sealed class OrthancCommitmentTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Orthanc_sends_asks_and_is_told_what_is_committed(bool isComplete)
    {
        await using Orthanc orthanc = await Orthanc.StartAsync(Token);
        using TempFolder folder = new();
        await using TestGateway gateway = await TestGateway.StartAsync(configure: services =>
        {
            Knows(folder, Orthanc.AeTitle, orthanc.Port)(services);
            services.AddSingleton(new CommitmentOptions { Patience = TimeSpan.Zero });
        });
        await orthanc.AddModalityAsync("gateway", "MEDICALAI", gateway.Port, Token);
        string file = TestData.Path("dicom/pydicom/test_files/CT_small.dcm");
        InstanceFile instance = (await InstanceFile.ReadAsync(file, Token)).Value;
        await orthanc.StoreAsync(file, Token);
        if (isComplete)
        {
            string[] all = JsonSerializer.Deserialize<string[]>(await orthanc.Http.GetStringAsync("instances", Token))!;
            await orthanc.PostAsync("modalities/gateway/store", new { Resources = all }, Token);
        }

        JsonElement asked = await orthanc.PostAsync(
            "modalities/gateway/storage-commitment",
            new { DicomInstances = new[] { new { SOPClassUID = instance.SopClass.Value, SOPInstanceUID = instance.SopInstance.Value } } },
            Token);
        string report;
        do
        {
            await Task.Delay(50, Token);
            report = await orthanc.Http.GetStringAsync(asked.GetProperty("Path").GetString()!.TrimStart('/'), Token);
        }
        while (report.Contains("\"Pending\"", StringComparison.Ordinal));

        using JsonDocument told = JsonDocument.Parse(report);
        Assert.Equal(isComplete ? "Success" : "Failure", told.RootElement.GetProperty("Status").GetString());
        JsonElement one = told.RootElement.GetProperty(isComplete ? "Success" : "Failures")[0];
        Assert.Equal(instance.SopInstance.Value, one.GetProperty("SOPInstanceUID").GetString());
        if (!isComplete)
        {
            Assert.Equal(CommitmentFailure.NoSuchObjectInstance, one.GetProperty("FailureReason").GetInt32());
        }

        Assert.Equal(Orthanc.AeTitle, (await WaitForAsync(gateway, transaction => transaction.State == CommitmentState.Reported)).CallingAe);
    }

    [Fact]
    public async Task Orthanc_commits_itself_and_tells_our_SCP()
    {
        await using Orthanc orthanc = await Orthanc.StartAsync(Token);
        await using TestGateway gateway = await TestGateway.StartAsync();
        await orthanc.AddModalityAsync("gateway", "MEDICALAI", gateway.Port, Token);
        string file = TestData.Path("dicom/pydicom/test_files/CT_small.dcm");
        InstanceFile instance = (await InstanceFile.ReadAsync(file, Token)).Value;
        await orthanc.StoreAsync(file, Token);

        DicomClientOptions to = new() { Host = "127.0.0.1", Port = orthanc.Port, CalledAe = AeTitle.Parse(Orthanc.AeTitle), CallingAe = AeTitle.Parse("MEDICALAI") };
        CommitmentResult result = await gateway.Services.GetRequiredService<CommitmentRequests>().RequestAsync(
            to,
            [new SopReference(instance.SopClass, instance.SopInstance), new SopReference(instance.SopClass, new DicomUid("1.2.3.9"))],
            new CommitmentWait { OnAssociation = TimeSpan.FromSeconds(1), InAll = Limit },
            Token);
        Assert.Equal([null, CommitmentFailure.NoSuchObjectInstance], result.Instances.Select(one => one.FailureReason));
    }
}
