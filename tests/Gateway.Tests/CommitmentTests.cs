using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MedicalAi.Gateway.Tests;

/// <summary>Storage commitment from the command line, and what the API tells of it.</summary>
public sealed class CommitmentTests
{
    private static readonly string s_radiographs = Path.Combine(TestData.Root, "samples", "chest-radiographs");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_sent_is_committed_on_the_same_association_and_what_was_not_is_told_and_ends_with_1()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        string peer = $"MEDICALAI@{gateway.Dicom}";
        ToolResult sent = await CommandLineTests.RunAsync("send", peer, s_radiographs);
        Assert.True(sent.ExitCode == 0, sent.ToString());
        ToolResult all = await CommandLineTests.RunAsync("commit", peer, s_radiographs);
        Assert.True(all.ExitCode == 0, all.ToString());
        Assert.Contains($"4 of 4 instances are committed by {peer}", all.Output, StringComparison.Ordinal);

        string other = TestData.Path("dicom/pydicom/test_files/CT_small.dcm");
        ToolResult some = await CommandLineTests.RunAsync("commit", peer, s_radiographs, other);
        Assert.True(some.ExitCode == 1, some.ToString());
        Assert.Contains("4 of 5 instances", some.Output, StringComparison.Ordinal);
        Assert.Contains($"{other}: no such object instance (0112)", some.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Orthanc_reports_to_the_address_on_which_the_command_listens()
    {
        await using Orthanc orthanc = await Orthanc.StartAsync(Cancel);
        int port;
        using (TcpListener free = new(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        await orthanc.AddModalityAsync("gateway", "MEDICALAI", port, Cancel);
        string file = TestData.Path("dicom/pydicom/test_files/CT_small.dcm");
        await orthanc.StoreAsync(file, Cancel);
        string peer = string.Create(CultureInfo.InvariantCulture, $"ORTHANC@127.0.0.1:{orthanc.Port}");
        ToolResult told = await CommandLineTests.RunAsync("commit", peer, file, "--listen", $"127.0.0.1:{port}");
        Assert.True(told.ExitCode == 0, told.ToString());
        Assert.Contains("1 of 1 instances are committed", told.Output, StringComparison.Ordinal);

        // It calls back, and nobody listens.
        ToolResult untold = await CommandLineTests.RunAsync("commit", peer, file, "--wait", "0.5");
        Assert.True(untold.ExitCode == 1, untold.ToString());
        Assert.Single(untold.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_peer_without_storage_commitment_is_told_in_one_line()
    {
        using TempFolder folder = new();
        await using StoreScp scp = await StoreScp.StartAsync(folder.Path);
        ToolResult result = await CommandLineTests.RunAsync("commit", string.Create(CultureInfo.InvariantCulture, $"STORESCP@127.0.0.1:{scp.Port}"), s_radiographs);
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Contains("The peer does not know Storage Commitment.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Transactions_are_listed_and_one_that_was_given_up_is_tried_again()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        ICommitmentIndex index = gateway.Services.GetRequiredService<ICommitmentIndex>();
        NewCommitment commitment = new(new DicomUid("1.2.77"), "MODALITY", "MEDICALAI", null, [new SopReference(DicomUids.CTImageStorage, new DicomUid("1.2.3"))]);
        (long id, _) = await index.AddAsync(commitment, Cancel);
        await index.SaveResultsAsync(id, [CommitmentFailure.NoSuchObjectInstance], Cancel);
        await index.EndAsync(id, CommitmentState.Expired, "Nobody is there.", Cancel);

        JsonElement listed = (await gateway.Http.GetFromJsonAsync<JsonElement>("/api/commitments?state=expired", Cancel)).EnumerateArray().Single();
        Assert.Equal(
            ("1.2.77", "MODALITY", "expired", 1, 1, "Nobody is there."),
            (listed.GetProperty("transactionUid").GetString(), listed.GetProperty("requestor").GetString(), listed.GetProperty("state").GetString(), listed.GetProperty("instances").GetInt32(), listed.GetProperty("failed").GetInt32(), listed.GetProperty("error").GetString()));
        Assert.Empty((await gateway.Http.GetFromJsonAsync<JsonElement>("/api/commitments?state=reported", Cancel)).EnumerateArray());
        Assert.Equal(HttpStatusCode.Accepted, (await gateway.Http.PostAsync($"/api/commitments/{id}/retry", null, Cancel)).StatusCode);
        await ApiTests.AssertProblemAsync(await gateway.Http.PostAsync("/api/commitments/4711/retry", null, Cancel), HttpStatusCode.Conflict);
        await ApiTests.AssertProblemAsync(await gateway.Http.GetAsync("/api/commitments?state=lost", Cancel), HttpStatusCode.BadRequest);
        await ApiTests.AssertProblemAsync(await gateway.Http.GetAsync("/api/commitments?colour=red", Cancel), HttpStatusCode.BadRequest);
    }
}
