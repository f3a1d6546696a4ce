using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using MedicalAi.Dicom;
using MedicalAi.Testing;

namespace MedicalAi.Gateway.Tests;

/// <summary><c>gateway find</c>, <c>get</c> and <c>move</c>, with dcmqrscp of DCMTK and a gateway of our own at the other end.</summary>
public sealed class RetrieveCommandTests : IDisposable
{
    private const string Study = "1.3.6.1.4.1.5962.1.2.1.20040119072730.12322";
    private static readonly string s_file = TestData.Path("dicom/pydicom/test_files/CT_small.dcm");
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_dcmqrscp_has_is_found_got_and_moved()
    {
        await using StoreScp viewer = await StoreScp.StartAsync(Directory.CreateDirectory(Path.Combine(_folder.Path, "viewer")).FullName);
        using Process archive = await StartDcmqrscpAsync(viewer.Port, out int port);
        try
        {
            string peer = $"QRSCP@127.0.0.1:{port}";
            AssertDone(await RunAsync("send", peer, s_file));
            await CheckAsync(peer);
            AssertDone(await RunAsync("move", peer, "--to", "VIEWER", "-k", $"StudyInstanceUID={Study}"));
            Assert.Single(Directory.GetFiles(Path.Combine(_folder.Path, "viewer")));
            ToolResult unknown = await RunAsync("move", peer, "--to", "NOBODY", "-k", $"StudyInstanceUID={Study}");
            Assert.True(unknown.ExitCode == 1, unknown.ToString());
            Assert.Contains("A801", unknown.Error, StringComparison.Ordinal);
        }
        finally
        {
            archive.Kill();
            await archive.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task What_Orthanc_has_is_found_got_and_moved_to_our_gateway_and_Orthanc_retrieves_it_from_there()
    {
        await using Orthanc orthanc = await Orthanc.StartAsync(Token);
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        await orthanc.AddModalityAsync("gateway", "MEDICALAI", gateway.Dicom!.Value.Port, Token);
        string peer = $"{Orthanc.AeTitle}@127.0.0.1:{orthanc.Port}";
        AssertDone(await RunAsync("send", peer, s_file));
        await CheckAsync(peer);
        AssertDone(await RunAsync("move", peer, "--to", "MEDICALAI", "-k", $"StudyInstanceUID={Study}"));
        Assert.Contains(Study, await gateway.Http.GetStringAsync("/dicomweb/studies", Token), StringComparison.Ordinal);

        // The other way: it forgets the study, queries us, and has us send it.
        foreach (string id in JsonSerializer.Deserialize<string[]>(await orthanc.Http.GetStringAsync("studies", Token))!)
        {
            (await orthanc.Http.DeleteAsync($"studies/{id}", Token)).EnsureSuccessStatusCode();
        }

        using StringContent entry = new($$"""{ "host": "127.0.0.1", "port": {{orthanc.Port}} }""", Encoding.UTF8, "application/json");
        (await gateway.Http.PutAsync($"/api/destinations/{Orthanc.AeTitle}", entry, Token)).EnsureSuccessStatusCode();
        await orthanc.PostAsync("modalities/gateway/echo", new { }, Token);
        JsonElement query = await orthanc.PostAsync("modalities/gateway/query", new { Level = "Study", Query = new { PatientName = "compressedsamples*" } }, Token);
        string answers = $"queries/{query.GetProperty("ID").GetString()}/answers";
        Assert.Single(JsonSerializer.Deserialize<string[]>(await orthanc.Http.GetStringAsync(answers, Token))!);
        await orthanc.PostAsync($"{answers}/0/retrieve", new { TargetAet = Orthanc.AeTitle, Synchronous = true }, Token);
        Assert.Single(JsonSerializer.Deserialize<string[]>(await orthanc.Http.GetStringAsync("instances", Token))!);
    }

    [Fact]
    public async Task What_our_gateway_has_is_found_and_got_with_the_bytes_that_were_sent()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        string peer = $"MEDICALAI@127.0.0.1:{gateway.Dicom!.Value.Port}";
        AssertDone(await RunAsync("send", peer, s_file));
        await CheckAsync(peer);
    }

    [Theory]
    [InlineData("find -k NoSuchKey=1", "NoSuchKey")]
    [InlineData("find --level FOO", "FOO")]
    [InlineData("move -k StudyInstanceUID=1.2", "--to")]
    [InlineData("get out --sop-class Nonsense", "Nonsense")]
    [InlineData("export out -k PatientName=Doe", "PatientName")]
    [InlineData("export more out -k StudyInstanceUID=1.2", "one peer")]
    [InlineData("export out", "-k", 1)]
    public async Task Wrong_use_is_told_in_words(string arguments, string told, int exitCode = 2)
    {
        string[] words = arguments.Split(' ');
        ToolResult result = await RunAsync([words[0], "PACS@127.0.0.1:104", .. words[1..]]);
        Assert.True(result.ExitCode == exitCode, result.ToString());
        Assert.Contains(told, result.Error, StringComparison.Ordinal);
    }

    private async Task CheckAsync(string peer)
    {
        AssertDone(await RunAsync("echo", peer));
        ToolResult found = await RunAsync("find", peer, "-k", "PatientName=CompressedSamples*", "--json");
        AssertDone(found);
        Assert.Contains(Study, Assert.Single(found.Output.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.Contains("CompressedSamples^CT1", (await RunAsync("find", peer, "--patient-root", "--level", "PATIENT", "-k", "PatientID=1CT1")).Output, StringComparison.Ordinal);
        Assert.Contains("Nothing matches", (await RunAsync("find", peer, "-k", "PatientID=NOBODY")).Error, StringComparison.Ordinal);
        string output = Path.Combine(_folder.Path, "got");
        ToolResult got = await RunAsync("get", peer, output, "-k", $"StudyInstanceUID={Study}");
        AssertDone(got);
        Assert.Contains("1 retrieved, 0 failed", got.Output, StringComparison.Ordinal);
        string file = Assert.Single(Directory.GetFiles(output));
        ToolResult theirs = await ExternalTool.RunAsync("dcmdump", ["+L", "+P", "7FE0,0010", s_file], Token), ours = await ExternalTool.RunAsync("dcmdump", ["+L", "+P", "7FE0,0010", file], Token);
        Assert.Equal(theirs.Output, ours.Output);
        Assert.NotEmpty(ours.Output);
        await CheckMediumAsync(peer);
    }

    // What a peer has goes onto a medium, which pydicom reads and of which dcmmkdir makes the same directory.
    private async Task CheckMediumAsync(string peer)
    {
        string parent = Directory.CreateDirectory(Path.Combine(_folder.Path, "media")).FullName, medium = Path.Combine(parent, "cd");
        ToolResult exported = await RunAsync("export", peer, medium, "-k", $"StudyInstanceUID={Study}", "--id", "CD_1");
        AssertDone(exported);
        Assert.Contains("1 instances exported, 0 were there already, 0 failed", exported.Output, StringComparison.Ordinal);
        Assert.Equal([medium], Directory.GetFileSystemEntries(parent));
        ToolResult pydicom = await ExternalTool.RunAsync(
            "/usr/bin/python3",
            ["-c", "import sys, pydicom.fileset\nfor one in pydicom.fileset.FileSet(sys.argv[1]): print(one.StudyInstanceUID, one.PatientID, one.load().Rows)", Path.Combine(medium, "DICOMDIR")],
            Token);
        Assert.Equal($"{Study} 1CT1 128", pydicom.Output.Trim());
        string theirs = Path.Combine(medium, "THEIRS");
        AssertDone(await ExternalTool.RunAsync("dcmmkdir", ["+F", "CD_1", "+r", "+id", medium, "+D", theirs, "DICOM"], Token));
        Assert.Equal(Records(theirs), Records(Path.Combine(medium, "DICOMDIR")));

        ToolResult nothing = await RunAsync("export", peer, Path.Combine(parent, "none"), "-k", "StudyInstanceUID=1.2.3.4.5.6");
        Assert.True(nothing.ExitCode == 1, nothing.ToString());
        Assert.False(Path.Exists(Path.Combine(parent, "none")), nothing.ToString());
    }

    private static string[] Records(string directory)
    {
        DicomTag[] compared =
        [
            DicomTags.DirectoryRecordType, DicomTags.ReferencedFileID, DicomTags.ReferencedSOPClassUIDInFile, DicomTags.ReferencedSOPInstanceUIDInFile, DicomTags.ReferencedTransferSyntaxUIDInFile,
            DicomTags.PatientID, DicomTags.PatientName, DicomTags.StudyInstanceUID, DicomTags.StudyDate, DicomTags.StudyTime, DicomTags.StudyID, DicomTags.AccessionNumber, DicomTags.StudyDescription,
            DicomTags.SeriesInstanceUID, DicomTags.SeriesNumber, DicomTags.Modality, DicomTags.InstanceNumber,
        ];
        DicomDataSet[] records = [.. DicomFile.Parse(File.ReadAllBytes(directory)).Value.DataSet.GetItems(DicomTags.DirectoryRecordSequence)!];
        Assert.NotEmpty(records);
        return [.. records.Select(record => string.Join(' ', compared.Where(record.Contains).Select(tag => $"{tag}={string.Join('/', record.GetStrings(tag))}"))).Order(StringComparer.Ordinal)];
    }

    private static void AssertDone(ToolResult result) => Assert.True(result.ExitCode == 0, result.ToString());

    private static Task<ToolResult> RunAsync(params string[] arguments) => ExternalTool.RunAsync(CommandLineTests.Executable, arguments, Token, Path.GetTempPath());

    private Task<Process> StartDcmqrscpAsync(int viewerPort, out int port)
    {
        port = StoreScp.FindFreePort();
        string store = Directory.CreateDirectory(Path.Combine(_folder.Path, "store")).FullName, settings = _folder.File("dcmqrscp.cfg");
        File.WriteAllText(settings, $"""
            NetworkTCPPort = {port}
            MaxPDUSize = 16384
            MaxAssociations = 16
            HostTable BEGIN
            viewer = (VIEWER, 127.0.0.1, {viewerPort})
            HostTable END
            VendorTable BEGIN
            VendorTable END
            AETable BEGIN
            QRSCP {store} RW (100, 1024mb) ANY
            AETable END

            """);
        Process process = Process.Start(new ProcessStartInfo("dcmqrscp", ["-c", settings]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        return WaitAsync(process, port);
    }

    private static async Task<Process> WaitAsync(Process process, int port)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                using TcpClient probe = new();
                await probe.ConnectAsync(IPAddress.Loopback, port, Token);
                return process;
            }
            catch (SocketException) when (i < 200)
            {
                await Task.Delay(25, Token);
            }
        }
    }
}
