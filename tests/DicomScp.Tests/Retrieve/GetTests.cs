using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Testing;

namespace MedicalAi.DicomScp.Tests;

/// <summary>C-GET as getscu of DCMTK sees it.</summary>
public sealed class GetTests
{
    private static readonly TransferSyntax s_jpeg = TransferSyntax.Find(new DicomUid("1.2.840.10008.1.2.4.70"))!;
    private static readonly string[] s_study = ["QueryRetrieveLevel=STUDY", $"StudyInstanceUID={RetrieveGateway.Study}"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("-P", new[] { "QueryRetrieveLevel=PATIENT", "PatientID=P1" }, new[] { 1, 2, 3 })]
    [InlineData("-P", new[] { "QueryRetrieveLevel=STUDY", "PatientID=P1", "StudyInstanceUID=1.2.3.1" }, new[] { 1, 2, 3 })]
    [InlineData("-S", new[] { "QueryRetrieveLevel=STUDY", "StudyInstanceUID=1.2.3.1" }, new[] { 1, 2, 3 })]
    [InlineData("-S", new[] { "QueryRetrieveLevel=STUDY", @"StudyInstanceUID=1.2.3.1\1.2.3.2\1.2.3.7" }, new[] { 1, 2, 3, 4 })]
    [InlineData("-S", new[] { "QueryRetrieveLevel=SERIES", "StudyInstanceUID=1.2.3.1", "SeriesInstanceUID=1.2.3.1.2" }, new[] { 1, 3 })]
    [InlineData("-S", new[] { "QueryRetrieveLevel=SERIES", "StudyInstanceUID=1.2.3.1", @"SeriesInstanceUID=1.2.3.1.2\1.2.3.1.1" }, new[] { 1, 2, 3 })]
    [InlineData("-S", new[] { "QueryRetrieveLevel=IMAGE", "StudyInstanceUID=1.2.3.1", "SeriesInstanceUID=1.2.3.1.2", @"SOPInstanceUID=1.2.3.1.9.3\1.2.3.1.9.2" }, new[] { 3 })]
    [InlineData("-P", new[] { "QueryRetrieveLevel=STUDY", "PatientID=P2", "StudyInstanceUID=1.2.3.1" }, new int[0])]
    [InlineData("-S", new[] { "QueryRetrieveLevel=STUDY", "StudyInstanceUID=1.2.3.7" }, new int[0])]
    public async Task Each_level_gives_the_instances_below_its_unique_keys(string model, string[] keys, int[] expected)
    {
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync();
        await gateway.StoreStudyAsync(3);
        await gateway.StoreAsync((RetrieveGateway.Instance(4, study: "1.2.3.2", patient: "P2"), TransferSyntax.ExplicitVrLittleEndian));
        using TempFolder folder = new();

        ToolResult result = await GetAsync(gateway, folder, [model], keys);

        Assert.Equal(new DcmtkResponse("0000", null, expected.Length, 0, 0), DcmtkResponse.Last(result));
        Assert.Equal(expected.Select(number => RetrieveGateway.UidOf(number, number == 4 ? "1.2.3.2" : RetrieveGateway.Study).Value), (await RetrieveGateway.ReadAsync(folder.Path)).Keys);
    }

    [Theory]
    [InlineData("-S", new[] { "QueryRetrieveLevel=SERIES", "SeriesInstanceUID=1.2.3.1.2" })]
    [InlineData("-S", new[] { "QueryRetrieveLevel=PATIENT", "PatientID=P1" })]
    [InlineData("-S", new[] { "StudyInstanceUID=1.2.3.1" })]
    [InlineData("-S", new[] { "QueryRetrieveLevel=FRAME", "StudyInstanceUID=1.2.3.1" })]
    [InlineData("-S", new[] { "QueryRetrieveLevel=STUDY" })]
    [InlineData("-S", new[] { "QueryRetrieveLevel=STUDY", "StudyInstanceUID=1.2.3.*" })]
    [InlineData("-P", new[] { "QueryRetrieveLevel=STUDY", "StudyInstanceUID=1.2.3.1" })]
    public async Task An_identifier_without_a_unique_key_that_is_needed_is_refused(string model, string[] keys)
    {
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync();
        await gateway.StoreStudyAsync(1);
        using TempFolder folder = new();

        Assert.Contains("0xa900", (await GetAsync(gateway, folder, [model], keys)).ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Files_come_as_they_were_stored()
    {
        string[] names = ["pydicom/test_files/CT_small.dcm", "highdicom/dx_image.dcm", "fo-dicom/GH227.dcm"];
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync();
        foreach (string name in names)
        {
            DicomFile original = DicomFile.Parse(TestData.Bytes("dicom/" + name)).Value;
            await gateway.StoreAsync((original.DataSet, original.TransferSyntax));
            using TempFolder folder = new();

            ToolResult result = await GetAsync(gateway, folder, ["-S", "+xd"], "QueryRetrieveLevel=STUDY", $"StudyInstanceUID={original.DataSet.GetString(DicomTags.StudyInstanceUID)}");

            Assert.Equal(new DcmtkResponse("0000", null, 1, 0, 0), DcmtkResponse.Last(result));
            DicomFile received = Assert.Single(await RetrieveGateway.ReadAsync(folder.Path)).Value;
            Assert.Equal(DicomJson.ToBytes(DicomDataSet.Parse(DicomDataSetWriter.ToBytes(original.DataSet, received.TransferSyntax), received.TransferSyntax).Value), DicomJson.ToBytes(received.DataSet));
        }
    }

    [Fact]
    public async Task Compressed_instances_fail_for_a_peer_that_takes_only_uncompressed_ones_and_the_others_come()
    {
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync();
        await gateway.StoreStudyAsync(2);
        await gateway.StoreAsync((RetrieveGateway.Compressed(3), s_jpeg));
        using TempFolder folder = new();

        ToolResult result = await GetAsync(gateway, folder, ["-S"], s_study);

        Assert.Equal(new DcmtkResponse("B000", null, 2, 1, 0), DcmtkResponse.Last(result));
        Assert.Contains("1 of 3 not sent: The peer does not take MR Image Storage in JPEG", result.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, (await RetrieveGateway.ReadAsync(folder.Path)).Count);
    }

    [Fact]
    public async Task Compressed_instances_come_in_the_syntax_in_which_they_are_stored_where_that_was_accepted()
    {
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync();
        await gateway.StoreAsync((RetrieveGateway.Compressed(3), s_jpeg));
        using TempFolder folder = new();

        ToolResult result = await GetAsync(gateway, folder, ["-S", "+xs"], s_study);

        Assert.Equal(new DcmtkResponse("0000", null, 1, 0, 0), DcmtkResponse.Last(result));
        Assert.Equal(s_jpeg, Assert.Single(await RetrieveGateway.ReadAsync(folder.Path)).Value.TransferSyntax);
    }

    [Fact]
    public async Task When_everything_fails_the_operation_fails()
    {
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync();
        await gateway.StoreAsync((RetrieveGateway.Compressed(3), s_jpeg));
        using TempFolder folder = new();

        Assert.Equal(new DcmtkResponse("A702", null, 0, 1, 0), DcmtkResponse.Last(await GetAsync(gateway, folder, ["-S"], s_study)));
    }

    [Fact]
    public async Task What_is_no_longer_in_the_store_fails_and_the_others_come()
    {
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync();
        await gateway.StoreStudyAsync(3);
        InstanceRow lost = (await gateway.Reader.FindInstanceAsync(null, null, RetrieveGateway.UidOf(2), Token))!;
        await gateway.Get<IObjectStore>().DeleteAsync(lost.File.Key, Token);
        using TempFolder folder = new();

        ToolResult result = await GetAsync(gateway, folder, ["-S"], s_study);

        Assert.Equal(new DcmtkResponse("B000", null, 2, 1, 0), DcmtkResponse.Last(result));
        Assert.Contains("Its object is not in the store", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_study_of_500_instances_comes_with_few_pending_responses()
    {
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync();
        await gateway.StoreStudyAsync(500, length: 20_000);
        using TempFolder folder = new();

        ToolResult result = await GetAsync(gateway, folder, ["-S"], s_study);

        Assert.Equal(new DcmtkResponse("0000", null, 500, 0, 0), DcmtkResponse.Last(result));
        SortedDictionary<string, DicomFile> received = await RetrieveGateway.ReadAsync(folder.Path);
        Assert.Equal(500, received.Count);
        Assert.All(Enumerable.Range(1, 500), number => Assert.Equal(DicomJson.ToBytes(RetrieveGateway.Instance(number, length: 20_000)), DicomJson.ToBytes(received[RetrieveGateway.UidOf(number).Value].DataSet)));
        Assert.InRange(result.ToString().Split("Pending: Sub-operations are continuing").Length, 2, 60);
    }

    private static Task<ToolResult> GetAsync(RetrieveGateway gateway, TempFolder folder, string[] options, params string[] keys) => ExternalTool.RunAsync(
        "getscu", ["-d", "+B", "-aec", "MEDICALAI", .. options, .. keys.SelectMany(key => new[] { "-k", key }), "-od", folder.Path, "127.0.0.1", $"{gateway.Port}"], Token);
}
