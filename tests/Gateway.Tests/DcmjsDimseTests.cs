using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using MedicalAi.Dicom;
using MedicalAi.Testing;

namespace MedicalAi.Gateway.Tests;

/// <summary>The npm package dcmjs-dimse at the other end: its SCU into a gateway, and our commands to an archive made of it.</summary>
public sealed partial class DcmjsDimseTests : IDisposable
{
    private const string CtStudy = "1.3.6.1.4.1.5962.1.2.1.20040119072730.12322";
    private const string CtSeries = "1.3.6.1.4.1.5962.1.3.1.1.20040119072730.12322";
    private const string RleStudy = "1.3.6.1.4.1.5962.1.2.4.20040826185059.5457";

    // Explicit and implicit VR, RLE and JPEG baseline, images and others.
    private static readonly string[] s_files =
        [.. new[] { "CT_small", "MR_small_RLE", "SC_rgb_jpeg_dcmtk", "reportsi", "rtplan" }.Select(name => TestData.Path($"dicom/pydicom/test_files/{name}.dcm"))];

    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_its_SCU_stores_it_finds_gets_and_has_moved_to_its_SCP()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        int port = gateway.Dicom!.Value.Port;
        string gotByUs = Folder("ours"), gotByIt = Folder("got"), moved = Folder("moved");
        await using DcmjsScp archive = await DcmjsScp.StartAsync(moved);
        await AddDestinationAsync(gateway, DcmjsScp.AeTitle, archive.Port);

        object[] stores = [new { operation = "C-ECHO" }, .. s_files.Select(file => new { operation = "C-STORE", file })];
        Assert.All(await DcmjsDimse.AskAsync(port, stores), answer => Assert.Equal(0, Status(answer)));
        string[] studies = [.. (await ReadAsync(s_files)).Values.Select(file => file.DataSet.GetString(DicomTags.StudyInstanceUID)!)];
        Assert.Equal(5, studies.Length);
        AssertDone(await RunAsync("get", $"MEDICALAI@127.0.0.1:{port}", gotByUs, "-k", $"StudyInstanceUID={string.Join('\\', studies)}"));
        AssertSame(await ReadAsync(s_files), await ReadAsync(Directory.GetFiles(gotByUs)));

        JsonElement[] found = await DcmjsDimse.AskAsync(
            port,
            new { operation = "C-FIND", keys = new { QueryRetrieveLevel = "STUDY", PatientName = "compressedsamples*", PatientID = "", StudyInstanceUID = "", StudyDate = "20040101-20040131", NumberOfStudyRelatedInstances = "" } },
            new { operation = "C-FIND", keys = new { QueryRetrieveLevel = "SERIES", StudyInstanceUID = CtStudy, SeriesInstanceUID = "", Modality = "" } },
            new { operation = "C-FIND", keys = new { QueryRetrieveLevel = "IMAGE", StudyInstanceUID = CtStudy, SeriesInstanceUID = CtSeries, SOPInstanceUID = "", InstanceNumber = "" } },
            new { operation = "C-FIND", keys = new { QueryRetrieveLevel = "STUDY", PatientID = "NOBODY", StudyInstanceUID = "" } });
        Assert.All(found, answer => Assert.Equal(0, Status(answer)));
        JsonElement study = Match(found[0]);
        Assert.Equal((CtStudy, "1CT1", 1), (study.GetProperty("StudyInstanceUID").GetString(), study.GetProperty("PatientID").GetString(), study.GetProperty("NumberOfStudyRelatedInstances").GetInt32()));
        Assert.Equal("CompressedSamples^CT1", study.GetProperty("PatientName")[0].GetProperty("Alphabetic").GetString());
        Assert.Equal((CtSeries, "CT"), (Match(found[1]).GetProperty("SeriesInstanceUID").GetString(), Match(found[1]).GetProperty("Modality").GetString()));
        Assert.Equal(1, Match(found[2]).GetProperty("InstanceNumber").GetInt32());
        Assert.Equal(0, found[3].GetProperty("matches").GetArrayLength());

        // It proposes storage in uncompressed transfer syntaxes only, and not of plans.
        JsonElement[] got = await DcmjsDimse.AskAsync(port, [.. studies.Select(uid => new { operation = "C-GET", folder = gotByIt, keys = new { QueryRetrieveLevel = "STUDY", StudyInstanceUID = uid } })]);
        SortedDictionary<string, DicomFile> plain = await ReadAsync(Directory.GetFiles(gotByIt));
        AssertSame(await ReadAsync([s_files[0], s_files[3]]), plain);
        Assert.Equal(2, got.Count(answer => Status(answer) == 0 && answer.GetProperty("completed").GetInt32() == 1));
        string[] refused = [.. got.Where(answer => Status(answer) == 0xA702).Select(answer => answer.GetProperty("comment").GetString()!)];
        Assert.Equal(3, refused.Length);
        Assert.Contains("1 of 1 not sent: The peer does not take MR Image Storage in RLE", refused);

        JsonElement[] move = await DcmjsDimse.AskAsync(
            port,
            new { operation = "C-MOVE", to = DcmjsScp.AeTitle, keys = new { QueryRetrieveLevel = "STUDY", StudyInstanceUID = studies } },
            new { operation = "C-MOVE", to = "NOBODY", keys = new { QueryRetrieveLevel = "STUDY", StudyInstanceUID = CtStudy } });
        Assert.Equal((0, 5, 0), (Status(move[0]), move[0].GetProperty("completed").GetInt32(), move[0].GetProperty("failed").GetInt32()));
        Assert.Equal(0xA801, Status(move[1]));
        AssertSame(await ReadAsync(s_files), await ReadAsync(Directory.GetFiles(moved)));
    }

    [Fact]
    public async Task What_our_commands_send_to_its_SCP_they_find_get_and_have_moved_to_our_gateway()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        string kept = Folder("kept"), got = Folder("got"), arrived = Folder("arrived");
        await using DcmjsScp archive = await DcmjsScp.StartAsync(kept, ("MEDICALAI", gateway.Dicom!.Value.Port));
        string peer = $"{DcmjsScp.AeTitle}@127.0.0.1:{archive.Port}";
        SortedDictionary<string, DicomFile> sent = await ReadAsync(s_files);
        string[] studies = [.. sent.Values.Select(file => file.DataSet.GetString(DicomTags.StudyInstanceUID)!)];

        Assert.Contains("DCMJS-DIMSE", (await RunAsync("echo", peer)).Output, StringComparison.Ordinal);
        ToolResult wrong = await RunAsync("echo", $"OTHER@127.0.0.1:{archive.Port}");
        Assert.True(wrong.ExitCode == 1 && wrong.Error.Contains("called AE title", StringComparison.OrdinalIgnoreCase), wrong.ToString());

        ToolResult send = await RunAsync(["send", peer, .. s_files]);
        AssertDone(send);
        Assert.Contains("5 of 5 instances stored", send.Output, StringComparison.Ordinal);
        AssertSame(sent, await ReadAsync(Directory.GetFiles(kept)));

        Assert.Equal(2, (await RunAsync("find", peer, "-k", "PatientName=CompressedSamples*", "--json")).Output.Trim().Split('\n').Length);
        Assert.Contains(CtSeries, (await RunAsync("find", peer, "--level", "SERIES", "-k", $"StudyInstanceUID={CtStudy}", "--json")).Output, StringComparison.Ordinal);
        Assert.Contains("Nothing matches", (await RunAsync("find", peer, "-k", "PatientID=NOBODY")).Error, StringComparison.Ordinal);

        // It does not query by the SOP classes of a study: a get asks for an image of each series.
        foreach (string study in studies)
        {
            ToolResult one = await RunAsync("get", peer, got, "-k", $"StudyInstanceUID={study}");
            AssertDone(one);
            Assert.Contains("1 retrieved, 0 failed", one.Output, StringComparison.Ordinal);
        }

        AssertSame(sent, await ReadAsync(Directory.GetFiles(got)));

        foreach (string study in studies)
        {
            AssertDone(await RunAsync("move", peer, "--to", "MEDICALAI", "-k", $"StudyInstanceUID={study}"));
        }

        ToolResult nobody = await RunAsync("move", peer, "--to", "NOBODY", "-k", $"StudyInstanceUID={RleStudy}");
        Assert.True(nobody.ExitCode == 1 && nobody.Error.Contains("A801", StringComparison.Ordinal), nobody.ToString());
        AssertDone(await RunAsync("get", $"MEDICALAI@127.0.0.1:{gateway.Dicom!.Value.Port}", arrived, "-k", $"StudyInstanceUID={string.Join('\\', studies)}"));
        AssertSame(sent, await ReadAsync(Directory.GetFiles(arrived)));
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder.Path, name)).FullName;

    private static int Status(JsonElement answer) => answer.GetProperty("status").GetInt32();

    private static JsonElement Match(JsonElement answer) => Assert.Single(answer.GetProperty("matches").EnumerateArray());

    private static async Task AddDestinationAsync(ServedGateway gateway, string title, int port)
    {
        using StringContent entry = new($$"""{ "host": "127.0.0.1", "port": {{port}} }""", Encoding.UTF8, "application/json");
        (await gateway.Http.PutAsync($"/api/destinations/{title}", entry, Token)).EnsureSuccessStatusCode();
    }

    private static async Task<SortedDictionary<string, DicomFile>> ReadAsync(IEnumerable<string> paths)
    {
        SortedDictionary<string, DicomFile> files = new(StringComparer.Ordinal);
        foreach (string path in paths)
        {
            DicomFile file = DicomFile.Parse(await File.ReadAllBytesAsync(path, Token)).Value;
            files.Add(file.DataSet.GetString(DicomTags.SOPInstanceUID)!, file);
        }

        return files;
    }

    private static void AssertSame(SortedDictionary<string, DicomFile> sent, SortedDictionary<string, DicomFile> arrived)
    {
        Assert.Equal(sent.Keys, arrived.Keys);
        Assert.All(arrived, one => Assert.Equal(Text(sent[one.Key]), Text(one.Value)));
        Assert.All(arrived.Values.Where(file => file.TransferSyntax.IsEncapsulated), file => Assert.Equal(sent[file.DataSet.GetString(DicomTags.SOPInstanceUID)!].TransferSyntax, file.TransferSyntax));
    }

    // The package leaves private elements out of what it writes, and writes decimal strings as the numbers that they are.
    private static string Text(DicomFile file)
    {
        foreach (DicomTag tag in file.DataSet.Select(element => element.Tag).Where(tag => tag.IsPrivate).ToArray())
        {
            file.DataSet.Remove(tag);
        }

        return Number().Replace(Encoding.UTF8.GetString(DicomJson.ToBytes(file.DataSet)), number => double.Parse(number.Value, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"(?<=[\[,])-?[0-9][0-9.e+-]*(?=[\],])")]
    private static partial Regex Number();

    private static void AssertDone(ToolResult result) => Assert.True(result.ExitCode == 0, result.ToString());

    private static Task<ToolResult> RunAsync(params string[] arguments) => ExternalTool.RunAsync(CommandLineTests.Executable, arguments, Token, Path.GetTempPath());
}
