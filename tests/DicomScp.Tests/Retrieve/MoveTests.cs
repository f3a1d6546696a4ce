using MedicalAi.Dicom;
using MedicalAi.Testing;

namespace MedicalAi.DicomScp.Tests;

/// <summary>C-MOVE as movescu and storescp of DCMTK see it.</summary>
public sealed class MoveTests
{
    private static readonly TransferSyntax s_jpeg = TransferSyntax.Find(new DicomUid("1.2.840.10008.1.2.4.70"))!;
    private static readonly string[] s_study = ["QueryRetrieveLevel=STUDY", $"StudyInstanceUID={RetrieveGateway.Study}"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("-P", new[] { "QueryRetrieveLevel=PATIENT", "PatientID=P1" }, 3)]
    [InlineData("-S", new[] { "QueryRetrieveLevel=STUDY", "StudyInstanceUID=1.2.3.1" }, 3)]
    [InlineData("-S", new[] { "QueryRetrieveLevel=SERIES", "StudyInstanceUID=1.2.3.1", "SeriesInstanceUID=1.2.3.1.2" }, 2)]
    [InlineData("-S", new[] { "QueryRetrieveLevel=IMAGE", "StudyInstanceUID=1.2.3.1", "SeriesInstanceUID=1.2.3.1.2", "SOPInstanceUID=1.2.3.1.9.3" }, 1)]
    [InlineData("-S", new[] { "QueryRetrieveLevel=STUDY", "StudyInstanceUID=1.2.3.7" }, 0)]
    public async Task Movescu_gets_what_it_asks_for_at_its_own_port(string model, string[] keys, int expected)
    {
        int port = StoreScp.FindFreePort();
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync(("MOVESCU", port));
        await gateway.StoreStudyAsync(3);
        using TempFolder folder = new();

        ToolResult result = await MoveAsync(gateway, [model, "+P", $"{port}", "-od", folder.Path], keys);

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(new DcmtkResponse("0000", null, expected, 0, 0), DcmtkResponse.Last(result));
        Assert.All(await RetrieveGateway.ReadAsync(folder.Path), one => Assert.Equal(DicomJson.ToBytes(RetrieveGateway.Instance(one.Value.DataSet.GetInt32(DicomTags.InstanceNumber)!.Value)), DicomJson.ToBytes(one.Value.DataSet)));
        Assert.Equal(expected, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public async Task A_study_of_500_instances_goes_to_a_third_party()
    {
        using TempFolder folder = new();
        await using StoreScp store = await StoreScp.StartAsync(folder.Path);
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync(("STORESCP", store.Port));
        await gateway.StoreStudyAsync(500, length: 20_000);

        ToolResult result = await MoveAsync(gateway, ["-S", "-aem", "STORESCP"], s_study);

        Assert.Equal(new DcmtkResponse("0000", null, 500, 0, 0), DcmtkResponse.Last(result));
        Assert.Equal(500, (await RetrieveGateway.ReadAsync(folder.Path)).Count);
        Assert.InRange(result.ToString().Split("Pending: Sub-operations are continuing").Length, 2, 60);
    }

    [Fact]
    public async Task An_unknown_destination_is_refused()
    {
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync(("OTHER", 11112));
        await gateway.StoreStudyAsync(1);

        Assert.Contains("0xa801", (await MoveAsync(gateway, ["-S", "-aem", "NOWHERE"], s_study)).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_destination_that_cannot_be_reached_fails_every_instance_with_its_reason()
    {
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync(("AWAY", StoreScp.FindFreePort()));
        await gateway.StoreStudyAsync(3);

        ToolResult result = await MoveAsync(gateway, ["-S", "-aem", "AWAY"], s_study);

        Assert.Equal(new DcmtkResponse("A702", null, 0, 3, 0), DcmtkResponse.Last(result));
        Assert.Contains("3 of 3 not sent: 127.0.0.1:", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compressed_instances_fail_at_a_destination_that_takes_implicit_little_endian_only_and_the_others_are_rewritten()
    {
        using TempFolder folder = new();
        await using StoreScp store = await StoreScp.StartAsync(folder.Path, "+xi");
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync(("STORESCP", store.Port));
        await gateway.StoreAsync((RetrieveGateway.Instance(1), TransferSyntax.ExplicitVrBigEndian), (RetrieveGateway.Instance(2), TransferSyntax.DeflatedExplicitVrLittleEndian), (RetrieveGateway.Compressed(3), s_jpeg));

        ToolResult result = await MoveAsync(gateway, ["-S", "-aem", "STORESCP"], s_study);

        Assert.Equal(new DcmtkResponse("B000", null, 2, 1, 0), DcmtkResponse.Last(result));
        Assert.Contains("1 of 3 not sent: The peer does not take MR Image Storage in JPEG", result.ToString(), StringComparison.Ordinal);
        SortedDictionary<string, DicomFile> received = await RetrieveGateway.ReadAsync(folder.Path);
        Assert.Equal([RetrieveGateway.UidOf(1).Value, RetrieveGateway.UidOf(2).Value], received.Keys);
        Assert.All(received.Values, file => Assert.Equal(TransferSyntax.ImplicitVrLittleEndian, file.TransferSyntax));
        Assert.Equal(DicomJson.ToBytes(RetrieveGateway.Instance(1)), DicomJson.ToBytes(received.First().Value.DataSet));
    }

    [Fact]
    public async Task A_destination_that_is_ended_in_the_middle_fails_the_rest_with_its_reason()
    {
        using TempFolder folder = new();
        StoreScp store = await StoreScp.StartAsync(folder.Path, "--sleep-during", "1", "-dhl");
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync(("STORESCP", store.Port));
        await gateway.StoreStudyAsync(500);

        Task<ToolResult> moving = MoveAsync(gateway, ["-S", "-aem", "STORESCP"], s_study);
        while (Directory.GetFiles(folder.Path).Length < 2 && !moving.IsCompleted)
        {
            await Task.Delay(20, Token);
        }

        await store.DisposeAsync();
        ToolResult result = await moving;

        DcmtkResponse last = DcmtkResponse.Last(result);
        Assert.Equal(("B000", 500), (last.Status, last.Completed + last.Failed));
        Assert.InRange(last.Completed!.Value, 1, 20);
        Assert.Contains($"{last.Failed} of 500 not sent: ", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_move_is_answered_with_the_number_of_instances_that_remain()
    {
        using TempFolder folder = new();
        await using StoreScp store = await StoreScp.StartAsync(folder.Path);
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync(("STORESCP", store.Port));
        await gateway.StoreStudyAsync(500);

        DcmtkResponse last = DcmtkResponse.Last(await MoveAsync(gateway, ["-S", "-aem", "STORESCP", "--cancel", "1"], s_study));

        Assert.Equal(("FE00", 0, 0, 500), (last.Status, last.Failed, last.Warning, last.Remaining + last.Completed));
        Assert.InRange(last.Remaining!.Value, 1, 500);
    }

    private static Task<ToolResult> MoveAsync(RetrieveGateway gateway, string[] options, params string[] keys) => ExternalTool.RunAsync(
        "movescu", ["-d", "+xa", "-aec", "MEDICALAI", .. options, .. keys.SelectMany(key => new[] { "-k", key }), "127.0.0.1", $"{gateway.Port}"], Token);
}
