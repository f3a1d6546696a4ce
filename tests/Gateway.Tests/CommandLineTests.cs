using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using System.Xml.Linq;
using MedicalAi.Dicom;
using MedicalAi.Testing;

namespace MedicalAi.Gateway.Tests;

/// <summary>The program as a process: exit codes 0, 1 and 2, and what it says.</summary>
public sealed class CommandLineTests
{
    private static readonly string s_radiographs = Path.Combine(TestData.Root, "samples", "chest-radiographs");

    [Theory]
    [InlineData("")]
    [InlineData("cook")]
    [InlineData("serve --htpp 1")]
    [InlineData("serve --http nonsense")]
    [InlineData("serve --http 0.0.0.0:0")]
    [InlineData("send X@127.0.0.1:1")]
    [InlineData("send X@127.0.0.1:1 --prot 7")]
    [InlineData("echo nonsense")]
    [InlineData("echo X@127.0.0.1:70000")]
    [InlineData("commit X@127.0.0.1:1")]
    [InlineData("commit X@127.0.0.1:1 file --listen nowhere:7")]
    [InlineData("commit X@127.0.0.1:1 file --wait 0")]
    [InlineData("worklist")]
    [InlineData("worklist X@127.0.0.1:1 -k Colour=red")]
    [InlineData("dump")]
    [InlineData("dump file --json --xml")]
    [InlineData("dump file --json --check")]
    [InlineData("models cook")]
    [InlineData("deidentify in")]
    [InlineData("deidentify in out --option retain-names")]
    [InlineData("deidentify in out --option retain-full-dates --option retain-modified-dates")]
    [InlineData("deidentify in out --option clean-pixel-data")]
    [InlineData("deidentify in out --option clean-recognizable-visual-features")]
    public async Task Wrong_use_ends_with_2_and_says_what_is_wrong(string arguments)
    {
        ToolResult result = await RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.True(result.ExitCode == 2, result.ToString());
        Assert.StartsWith("gateway: ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("serve --help")]
    [InlineData("--version")]
    [InlineData("models list")]
    [InlineData("models verify")]
    public async Task What_can_be_answered_ends_with_0(string arguments)
    {
        ToolResult result = await RunAsync(arguments.Split(' '));
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.NotEmpty(result.Output);
    }

    [Fact]
    public async Task A_file_is_dumped_as_text_as_DICOM_JSON_and_as_XML()
    {
        string file = TestData.Path("dicom/pydicom/test_files/CT_small.dcm");
        ToolResult text = await RunAsync("dump", file);
        Assert.Contains("(0010,0020)", text.Output, StringComparison.Ordinal);
        ToolResult json = await RunAsync("dump", file, "--json");
        using JsonDocument document = JsonDocument.Parse(json.Output);
        Assert.Equal("CT", document.RootElement.GetProperty("00080060").GetProperty("Value")[0].GetString());
        ToolResult xml = await RunAsync("dump", file, "--xml");
        Assert.Equal("CT", XDocument.Parse(xml.Output).Root!.Elements().Single(attribute => attribute.Attribute("keyword")?.Value == "Modality").Value);
    }

    [Fact]
    public async Task A_dump_tells_that_a_file_names_another_transfer_syntax_than_it_has()
    {
        using TempFolder folder = new();
        byte[] file = TestData.Bytes("dicom/pydicom/test_files/CT_small.dcm");
        int named = file.AsSpan().IndexOf("1.2.840.10008.1.2.1"u8);
        "1.2.840.10008.1.2\0\0"u8.CopyTo(file.AsSpan(named));
        await File.WriteAllBytesAsync(folder.File("wrong.dcm"), file, TestContext.Current.CancellationToken);
        ToolResult dump = await RunAsync("dump", folder.File("wrong.dcm"));
        Assert.True(dump.ExitCode == 0, dump.ToString());
        Assert.Contains("names the transfer syntax 1.2.840.10008.1.2, and the data set is in 1.2.840.10008.1.2.1.", dump.Error, StringComparison.Ordinal);
        Assert.Contains("CompressedSamples^CT1", dump.Output, StringComparison.Ordinal);
        Assert.Contains("Error (0002,0010)", (await RunAsync("dump", folder.File("wrong.dcm"), "--check")).Output, StringComparison.Ordinal);
        Assert.Empty((await RunAsync("dump", TestData.Path("dicom/pydicom/test_files/CT_small.dcm"))).Error);
    }

    [Fact]
    public async Task DICOM_JSON_and_XML_are_dumped_like_the_file_they_were_made_of()
    {
        using TempFolder folder = new();
        string file = TestData.Path("dicom/pydicom/test_files/CT_small.dcm");
        string json = (await RunAsync("dump", file, "--json")).Output;
        await File.WriteAllTextAsync(folder.File("a.json"), json, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("a.xml"), (await RunAsync("dump", file, "--xml")).Output, TestContext.Current.CancellationToken);

        Assert.Equal(json, (await RunAsync("dump", folder.File("a.json"), "--json")).Output);
        Assert.Equal(json, (await RunAsync("dump", folder.File("a.xml"), "--json")).Output);
        Assert.StartsWith("# Native DICOM Model", (await RunAsync("dump", folder.File("a.xml"))).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_checked_and_the_exit_code_says_whether_it_has_errors()
    {
        ToolResult sound = await RunAsync("dump", Path.Combine(s_radiographs, "00cfd1c1.dcm"), "--check");
        Assert.True(sound.ExitCode == 0, sound.ToString());
        ToolResult wrong = await RunAsync("dump", TestData.Path("dicom/pydicom/test_files/rtplan.dcm"), "--check");
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("Error (0002,0003): MediaStorageSOPInstanceUID differs from SOPInstanceUID [PS3.10 7.1]", wrong.Output, StringComparison.Ordinal);
        ToolResult none = await RunAsync("dump", Path.Combine(TestData.Root, "LICENSE"), "--check");
        Assert.Equal(1, none.ExitCode);
        Assert.StartsWith("Error", none.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_and_a_folder_are_de_identified_alike_under_the_same_secret()
    {
        using TempFolder folder = new();
        string secret = folder.File("secret");
        await File.WriteAllTextAsync(secret, "a secret of the tests", TestContext.Current.CancellationToken);
        string input = Directory.CreateDirectory(folder.File("in")).FullName;
        File.Copy(TestData.Path("dicom/pydicom/test_files/CT_small.dcm"), Path.Combine(input, "one.dcm"));
        ToolResult one = await RunAsync("deidentify", Path.Combine(input, "one.dcm"), folder.File("one.dcm"), "--secret-file", secret, "--option", "retain-modified-dates");
        Assert.True(one.ExitCode == 0, one.ToString());
        ToolResult all = await RunAsync("deidentify", input, folder.File("out"), "--secret-file", secret, "--option", "retain-modified-dates");
        Assert.True(all.ExitCode == 0, all.ToString());
        byte[] written = await File.ReadAllBytesAsync(folder.File("one.dcm"), TestContext.Current.CancellationToken);
        string path = Assert.Single(Directory.GetFiles(folder.File("out")));
        Assert.StartsWith("2.25.", Path.GetFileName(path), StringComparison.Ordinal);
        Assert.Equal(written, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        ToolResult dump = await ExternalTool.RunAsync("dcmdump", [folder.File("one.dcm")], TestContext.Current.CancellationToken);
        Assert.True(dump.ExitCode == 0, dump.ToString());
        Assert.Contains("(0012,0062) CS [YES]", dump.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("CompressedSamples", dump.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_files_of_a_DICOMDIR_are_each_deidentified_into_a_folder()
    {
        using TempFolder folder = new();
        ToolResult result = await RunAsync("deidentify", TestData.Path("dicom/pydicom/test_files/dicomdirtests/DICOMDIR"), folder.File("out"));
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("31 de-identified, 0 failed", result.Output, StringComparison.Ordinal);
        Assert.Equal(31, Directory.GetFiles(folder.File("out")).Length);
    }

    [Fact]
    public async Task Of_two_files_of_one_UID_the_first_is_deidentified_and_the_other_is_told()
    {
        using TempFolder folder = new();
        string input = Directory.CreateDirectory(folder.File("in")).FullName;
        File.Copy(TestData.Path("dicom/pydicom/test_files/CT_small.dcm"), Path.Combine(input, "a.dcm"));
        File.Copy(TestData.Path("dicom/pydicom/test_files/CT_small.dcm"), Path.Combine(input, "b.dcm"));
        ToolResult result = await RunAsync("deidentify", input, folder.File("out"));
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Contains("1 de-identified, 1 failed", result.Output, StringComparison.Ordinal);
        Assert.Contains("b.dcm: another file of the input has the same SOP Instance UID", result.Error, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(folder.File("out")));
    }

    [Fact]
    public async Task A_file_longer_than_an_array_can_be_is_dumped_and_checked()
    {
        const long Length = 5L * 1024 * 1024 * 1024 / 2;
        using TempFolder folder = new();
        string path = folder.File("long.dcm");
        await using (FileStream file = new(path, FileMode.CreateNew))
        {
            await file.WriteAsync(await HeaderAsync(), TestContext.Current.CancellationToken);
            byte[] pixels = [0xE0, 0x7F, 0x10, 0x00, (byte)'O', (byte)'W', 0, 0, .. BitConverter.GetBytes((uint)Length)];
            await file.WriteAsync(pixels, TestContext.Current.CancellationToken);

            // A hole: it takes no room.
            file.SetLength(file.Position + Length);
        }

        ToolResult check = await RunAsync("dump", path, "--check");
        Assert.True(check.ExitCode == 0, check.ToString());
        ToolResult dump = await RunAsync("dump", path);
        Assert.Contains("2684354560", dump.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_set_as_JSON_is_checked_as_that_of_a_file_is()
    {
        using TempFolder folder = new();
        string file = TestData.Path("dicom/pydicom/test_files/badVR.dcm");
        await File.WriteAllTextAsync(folder.File("one.json"), (await RunAsync("dump", file, "--json")).Output, TestContext.Current.CancellationToken);
        ToolResult check = await RunAsync("dump", folder.File("one.json"), "--check");
        Assert.True(check.ExitCode == 1, check.ToString());
        Assert.Contains("(0028,0008): not a whole number of 32 bits", check.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_deidentified_in_its_place_with_its_pixels()
    {
        using TempFolder folder = new();
        byte[] before = await File.ReadAllBytesAsync(TestData.Path("dicom/pydicom/test_files/examples_rgb_color.dcm"), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(folder.File("one.dcm"), before, TestContext.Current.CancellationToken);
        ToolResult result = await RunAsync("deidentify", folder.File("one.dcm"), folder.File("one.dcm"));
        Assert.True(result.ExitCode == 0, result.ToString());
        DicomDataSet written = DicomFile.Parse(await File.ReadAllBytesAsync(folder.File("one.dcm"), TestContext.Current.CancellationToken)).Value.DataSet;
        Assert.Equal("YES", written.GetString(DicomTags.PatientIdentityRemoved));
        Assert.True(written.GetBytes(DicomTags.PixelData).Length > 64 * 1024);
        Assert.Equal(DicomFile.Parse(before).Value.DataSet.GetBytes(DicomTags.PixelData).ToArray(), written.GetBytes(DicomTags.PixelData).ToArray());
        Assert.Equal([folder.File("one.dcm")], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task A_ZIP_file_that_cannot_be_unpacked_is_named_and_the_rest_of_its_folder_taken()
    {
        using TempFolder folder = new();
        string input = Directory.CreateDirectory(folder.File("in")).FullName;
        File.Copy(TestData.Path("dicom/pydicom/test_files/CT_small.dcm"), Path.Combine(input, "a.dcm"));
        await File.WriteAllTextAsync(Path.Combine(input, "bad.zip"), "PK, and no more", TestContext.Current.CancellationToken);
        ToolResult result = await RunAsync("deidentify", input, folder.File("out"));
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Contains("1 de-identified, 1 failed", result.Output, StringComparison.Ordinal);
        Assert.Contains("bad.zip: the ZIP file cannot be unpacked", result.Error, StringComparison.Ordinal);

        ToolResult alone = await RunAsync("deidentify", Path.Combine(input, "bad.zip"), folder.File("out"));
        Assert.True(alone.ExitCode == 1, alone.ToString());
        Assert.Contains("bad.zip", Assert.Single(alone.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ZIP_files_in_one_another_without_end_end_in_an_error_and_an_empty_one_holds_no_file()
    {
        using TempFolder folder = new();
        await using (ZipArchive empty = await ZipFile.OpenAsync(folder.File("0.zip"), ZipArchiveMode.Create, TestContext.Current.CancellationToken))
        {
        }

        ToolResult none = await RunAsync("deidentify", folder.File("0.zip"), folder.File("out"));
        Assert.Equal((1, "gateway: There is no DICOM file in what was named.\n"), (none.ExitCode, none.Error));

        for (int i = 1; i <= 20; i++)
        {
            await using ZipArchive archive = await ZipFile.OpenAsync(folder.File($"{i}.zip"), ZipArchiveMode.Create, TestContext.Current.CancellationToken);
            await archive.CreateEntryFromFileAsync(folder.File($"{i - 1}.zip"), "in.zip", TestContext.Current.CancellationToken);
            await archive.CreateEntryFromFileAsync(TestData.Path("dicom/pydicom/test_files/CT_small.dcm"), "a.dcm", TestContext.Current.CancellationToken);
        }

        ToolResult deep = await RunAsync("deidentify", folder.File("20.zip"), folder.File("out"));
        Assert.True(deep.ExitCode == 1, deep.ToString());
        Assert.Contains("ZIP files in one another are opened 8 deep", deep.Error, StringComparison.Ordinal);
        Assert.Contains("1 de-identified, 8 failed", deep.Output, StringComparison.Ordinal);
    }

    private static async Task<byte[]> HeaderAsync()
    {
        DicomDataSet header = DicomFile.Parse(await File.ReadAllBytesAsync(TestData.Path("dicom/pydicom/test_files/CT_small.dcm"), TestContext.Current.CancellationToken)).Value.DataSet;
        header.Remove(DicomTags.PixelData);
        header.Remove(DicomTags.DataSetTrailingPadding);
        return DicomFile.ToBytes(header, TransferSyntax.ExplicitVrLittleEndian);
    }

    [Fact]
    public async Task A_short_secret_is_refused_and_nothing_is_written()
    {
        using TempFolder folder = new();
        await File.WriteAllTextAsync(folder.File("secret"), "short", TestContext.Current.CancellationToken);
        ToolResult result = await RunAsync(
            "deidentify", TestData.Path("dicom/pydicom/test_files/CT_small.dcm"), folder.File("out.dcm"), "--secret-file", folder.File("secret"));
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.False(File.Exists(folder.File("out.dcm")));
    }

    [Theory]
    [InlineData("LICENSE")]
    [InlineData("no/such/file")]
    [InlineData("src")]
    public async Task What_is_no_DICOM_file_cannot_be_dumped(string path)
    {
        ToolResult result = await RunAsync("dump", Path.Combine(TestData.Root, path));
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_peer_that_is_not_there_is_told_in_one_line()
    {
        ToolResult result = await RunAsync("echo", "NOBODY@127.0.0.1:1");
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Single(result.Error.TrimEnd().Split('\n'));
        ToolResult sent = await RunAsync("send", "NOBODY@127.0.0.1:1", s_radiographs);
        Assert.Equal(1, sent.ExitCode);
        Assert.Contains("4 failed", sent.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_told_in_one_line()
    {
        using TempFolder folder = new();
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        string taken = other.LocalEndpoint.ToString()!;
        foreach (string[] ports in (string[][])[["--http", taken, "--dicom", "127.0.0.1:0"], ["--http", "127.0.0.1:0", "--dicom", taken]])
        {
            ToolResult result = await RunAsync(["serve", "--data", folder.Path, .. ports]);
            Assert.True(result.ExitCode == 1, result.ToString());
            Assert.Contains("in use", result.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", result.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_data_folder_serves_one_gateway_only()
    {
        using TempFolder folder = new();
        using DataFolderLock held = DataFolderLock.TryTake(folder.Path)!;
        ToolResult result = await RunAsync("serve", "--data", folder.Path, "--http", "127.0.0.1:0", "--dicom", "127.0.0.1:0");
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Contains("in use by another gateway", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_are_imported_into_a_folder_that_nothing_serves_and_again_without_change()
    {
        using TempFolder folder = new();
        ToolResult first = await RunAsync("import", s_radiographs, "--data", folder.Path);
        Assert.True(first.ExitCode == 0, first.ToString());
        Assert.Contains("4 instances stored, 0 were there already, 0 failed", first.Output, StringComparison.Ordinal);
        ToolResult second = await RunAsync("import", s_radiographs, "--data", folder.Path);
        Assert.Contains("0 instances stored, 4 were there already, 0 failed", second.Output, StringComparison.Ordinal);
        ToolResult wrong = await RunAsync("import", Path.Combine(TestData.Root, "LICENSE"), "--data", folder.Path);
        Assert.True(wrong.ExitCode == 1, wrong.ToString());
    }

    [Fact]
    public async Task Folders_and_ZIP_files_are_searched_for_DICOM_files_and_other_files_passed_over()
    {
        using TempFolder data = new();
        using TempFolder input = new();
        Directory.CreateDirectory(input.File("below"));
        File.Copy(Path.Combine(s_radiographs, "pneumoniamnist_0002.dcm"), input.File("below/image"));
        await File.WriteAllTextAsync(input.File("below/notes.txt"), "no DICOM", TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(input.File("DICOMDIR"), [.. new byte[128], .. "DICM"u8], TestContext.Current.CancellationToken);
        System.IO.Compression.ZipFile.CreateFromDirectory(s_radiographs, input.File("below/images.zip"));
        ToolResult result = await RunAsync("import", input.Path, "--data", data.Path);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Matches("(4 instances stored, 1 were|5 instances stored, 0 were) there already, 0 failed", result.Output);
        Assert.Contains("2 files are no DICOM files", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync("import", data.File("missing"), "--data", data.Path)).ExitCode);
        Assert.Equal(1, (await RunAsync("import", input.File("below/notes.txt"), "--data", data.Path)).ExitCode);
    }

    [Fact]
    public async Task Of_a_DICOMDIR_the_files_that_it_names_are_imported_and_missing_ones_are_told()
    {
        using TempFolder data = new();
        string medium = TestData.Path("dicom/pydicom/test_files/dicomdirtests/");
        ToolResult whole = await RunAsync("import", medium + "DICOMDIR", "--data", data.Path);
        Assert.True(whole.ExitCode == 0, whole.ToString());
        Assert.Contains("31 instances stored, 0 were there already, 0 failed", whole.Output, StringComparison.Ordinal);
        Assert.Empty(whole.Error.Trim());

        using TempFolder part = new();
        File.Copy(medium + "DICOMDIR", part.File("DICOMDIR"));
        Directory.CreateDirectory(part.File("77654033/CR1"));
        File.Copy(medium + "77654033/CR1/6154", part.File("77654033/CR1/6154"));
        File.Copy(medium + "77654033/CR2/6247", part.File("6247"));
        ToolResult missing = await RunAsync("import", part.File("DICOMDIR"), "--data", data.Path);
        Assert.True(missing.ExitCode == 1, missing.ToString());
        Assert.Contains("0 instances stored, 1 were there already, 0 failed", missing.Output, StringComparison.Ordinal);
        Assert.Contains("the file 77654033/CR2/6247 is not on the medium", missing.Error, StringComparison.Ordinal);
        Assert.Equal(30, missing.Error.Split('\n').Count(line => line.EndsWith("is not on the medium", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Files_are_exported_to_a_medium_that_is_imported_again_through_its_DICOMDIR()
    {
        using TempFolder folder = new();
        string source = TestData.Path("dicom/pydicom/test_files/dicomdirtests/");
        ToolResult exported = await RunAsync("export", source + "DICOMDIR", source + "77654033", TestData.Path("dicom/pydicom/test_files/MR_small.dcm"), folder.File("medium"), "--id", "CD_1");
        Assert.True(exported.ExitCode == 0, exported.ToString());
        Assert.Contains("32 instances exported, 7 were there already, 0 failed", exported.Output, StringComparison.Ordinal);

        ToolResult imported = await RunAsync("import", folder.File("medium/DICOMDIR"), "--data", folder.File("data"));
        Assert.True(imported.ExitCode == 0, imported.ToString());
        Assert.Contains("32 instances stored, 0 were there already, 0 failed", imported.Output, StringComparison.Ordinal);
        ToolResult again = await RunAsync("import", source + "DICOMDIR", "--data", folder.File("data"));
        Assert.Contains("31 were there already", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_never_writes_over_what_is_there_and_tells_what_it_leaves_out()
    {
        using TempFolder folder = new();
        string image = TestData.Path("dicom/pydicom/test_files/CT_small.dcm");
        await File.WriteAllTextAsync(folder.File("there"), "", TestContext.Current.CancellationToken);
        Assert.Equal(1, (await RunAsync("export", image, folder.Path)).ExitCode);
        Assert.Equal(2, (await RunAsync("export", image)).ExitCode);
        Assert.Equal(2, (await RunAsync("export", image, folder.File("out"), "--id", "lower")).ExitCode);
        ToolResult study = await RunAsync("export", "1.2.840.1", folder.File("out"));
        Assert.True(study.ExitCode == 1 && study.Error.Contains("-k StudyInstanceUID=1.2.840.1", StringComparison.Ordinal), study.ToString());

        ToolResult wrong = await RunAsync("export", image, Path.Combine(TestData.Root, "LICENSE"), folder.File("out"));
        Assert.True(wrong.ExitCode == 1, wrong.ToString());
        Assert.Contains("1 instances exported, 0 were there already, 1 failed", wrong.Output, StringComparison.Ordinal);
        Assert.Contains("LICENSE", wrong.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(folder.File("out/DICOMDIR")));
    }

    [Fact]
    public async Task While_a_gateway_serves_the_folder_files_are_imported_through_it()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        using TempFolder folder = new();
        using DataFolderLock held = DataFolderLock.TryTake(folder.Path)!;
        new RunningGateway(Environment.ProcessId, gateway.Http.BaseAddress!.ToString(), gateway.Dicom.ToString(), "MEDICALAI").Write(folder.Path);
        ToolResult result = await RunAsync("import", s_radiographs, "--data", folder.Path);
        Assert.True(result.ExitCode == 0, result.ToString());
        using JsonDocument studies = JsonDocument.Parse(await gateway.Http.GetStringAsync("/dicomweb/studies", TestContext.Current.CancellationToken));
        Assert.Equal(4, studies.RootElement.GetArrayLength());
    }

    [Fact]
    public async Task A_model_is_run_on_files_and_nothing_is_kept()
    {
        ToolResult result = await RunAsync("models", "run", "pneumonia_cxr", Path.Combine(s_radiographs, "pneumoniamnist_0002.dcm"), "--json");
        Assert.True(result.ExitCode == 0, result.ToString());
        using JsonDocument tasks = JsonDocument.Parse(result.Output);
        Assert.True(tasks.RootElement[0].GetProperty("findings").GetProperty("classifications")[0].GetProperty("isPositive").GetBoolean());
        Assert.Equal(1, (await RunAsync("models", "run", "pneumonia_cxr", TestData.Path("dicom/pydicom/test_files/CT_small.dcm"))).ExitCode);
        Assert.Equal(1, (await RunAsync("models", "run", "no_such_model", s_radiographs)).ExitCode);
    }

    [Fact]
    public async Task A_wrong_model_is_explained()
    {
        using TempFolder folder = new();
        Directory.CreateDirectory(folder.File("broken"));
        await File.WriteAllTextAsync(folder.File("broken/model.json"), """{"name":"other"}""", TestContext.Current.CancellationToken);
        ToolResult result = await RunAsync("models", "verify", "--models", folder.Path);
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Contains("broken/model.json", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_model_is_told_by_models_verify()
    {
        using TempFolder folder = new();
        Directory.CreateDirectory(folder.File("pneumonia_cxr"));
        string manifest = await File.ReadAllTextAsync(Path.Combine(TestData.Root, "models", "pneumonia_cxr", "model.json"), TestContext.Current.CancellationToken);
        string ofTheBundledFile = JsonDocument.Parse(manifest).RootElement.GetProperty("sha256").GetString()!;
        byte[] noModel = "no model"u8.ToArray();
        await File.WriteAllBytesAsync(folder.File("pneumonia_cxr/model.onnx"), noModel, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("pneumonia_cxr/model.json"), manifest.Replace(ofTheBundledFile, Convert.ToHexStringLower(SHA256.HashData(noModel)), StringComparison.Ordinal), TestContext.Current.CancellationToken);

        ToolResult result = await RunAsync("models", "verify", "--models", folder.Path);

        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Contains("cannot be loaded", result.Error, StringComparison.Ordinal);
    }

    internal static Task<ToolResult> RunAsync(params string[] arguments) => ExternalTool.RunAsync(Executable, arguments, TestContext.Current.CancellationToken, Path.GetTempPath());

    // The build of the gateway that goes with the build of the tests.
    internal static string Executable => Path.Combine(TestData.Root, "src", "Gateway", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "gateway");
}
