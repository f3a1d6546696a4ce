using System.Security.Cryptography;
using System.Text.Json;
using MedicalAi.Dicom;
using MedicalAi.Testing;

namespace MedicalAi.DicomWeb.Tests;

/// <summary>The npm package dicomweb-client, which the viewers use, against the real server.</summary>
public sealed class DicomWebClientTests
{
    // Native 16 bits, JPEG lossless, big-endian, JPEG 2000, deflated, a report, frames native and of JPEG-LS.
    private static readonly string[] s_files =
    [
        "pydicom/test_files/CT_small.dcm", "dcm4che/CT-JPEGLosslessSV1.dcm", "pydicom/test_files/MR_small_bigendian.dcm", "pydicom/test_files/JPEG2000.dcm",
        "dcm4che/report_dfl", "pydicom/test_files/reportsi.dcm", "dcm4che/NM-MONO2-16-13x-heart", "highdicom/sm_image_jpegls.dcm",
    ];

    [Fact]
    public async Task Dicomweb_client_stores_searches_and_retrieves()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        string folder = Path.Combine(TestData.Root, "tests", "tools", "dicomweb-client");
        Assert.True(Directory.Exists(Path.Combine(folder, "node_modules", "dicomweb-client")), $"Run \"npm ci\" in {folder} first; ./test does.");
        string[] files = [.. s_files.Select(name => TestData.Path("dicom/" + name))];
        ToolResult result = await ExternalTool.RunAsync("node", [Path.Combine(folder, "check.js"), gateway.BaseUrl, .. files], TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.ToString());
        using JsonDocument document = JsonDocument.Parse(result.Output);
        JsonElement got = document.RootElement;

        Assert.Equal(files.Length, got.GetProperty("stored").GetArrayLength());
        Assert.Equal(404, got.GetProperty("missing").GetInt32());
        Dictionary<string, DicomFile> sent = files.Select(file => DicomFile.Parse(File.ReadAllBytes(file)).Value).ToDictionary(file => file.DataSet.GetString(DicomTags.SOPInstanceUID)!);
        Assert.Equal(sent.Keys.Order(), got.GetProperty("instances").EnumerateArray().Select(one => one.GetProperty("sopInstanceUID").GetString()).Order());
        foreach (JsonElement one in got.GetProperty("instances").EnumerateArray())
        {
            DicomFile file = sent[one.GetProperty("sopInstanceUID").GetString()!];
            Assert.Equal(file.TransferSyntax.Uid.Value, one.GetProperty("transferSyntax").GetString());
            Assert.Equal(file.DataSet.GetString(DicomTags.SOPInstanceUID), one.GetProperty("metadata").GetString());
            Assert.NotEqual(0, one.GetProperty("ofStudy").GetInt32());
            Assert.Equal(await DigestAsync(gateway, file), one.GetProperty("instance").GetString());
            if (file.DataSet.Contains(DicomTags.PixelData))
            {
                Assert.Equal(file.DataSet.GetInt32(DicomTags.NumberOfFrames) ?? 1, one.GetProperty("frames").GetArrayLength());
                Assert.NotEqual(0, one.GetProperty("bulk")[0].GetInt32());
            }
        }
    }

    [Fact]
    public async Task Curl_stores_a_file_and_gets_it_back()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using TempFolder folder = new();
        string file = TestData.Path("dicom/pydicom/test_files/CT_small.dcm");
        ToolResult stored = await ExternalTool.RunAsync("curl", ["-sS", "--fail-with-body", "-H", "Content-Type: application/dicom", "--data-binary", "@" + file, gateway.BaseUrl + "/studies"], TestContext.Current.CancellationToken);
        Assert.True(stored.ExitCode == 0, stored.ToString());
        using JsonDocument answer = JsonDocument.Parse(stored.Output);
        string url = answer.RootElement.GetProperty("00081199").GetProperty("Value")[0].Value("00081190").GetString()!;
        ToolResult got = await ExternalTool.RunAsync("curl", ["-sS", "--fail-with-body", "--compressed", "-H", "Accept: application/dicom", "-o", folder.File("got.dcm"), url], TestContext.Current.CancellationToken);
        Assert.True(got.ExitCode == 0, got.ToString());
        DicomFile back = DicomFile.Parse(await File.ReadAllBytesAsync(folder.File("got.dcm"), TestContext.Current.CancellationToken)).Value;
        DicomFile sent = DicomFile.Parse(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)).Value;
        Assert.Equal(DicomJson.ToBytes(sent.DataSet), DicomJson.ToBytes(back.DataSet));
    }

    /// <summary>What another client, ours, gets of the same instance.</summary>
    private static async Task<string> DigestAsync(TestGateway gateway, DicomFile file)
    {
        using HttpResponseMessage response = await gateway.GetAsync(
            $"studies/{file.DataSet.GetString(DicomTags.StudyInstanceUID)}/series/{file.DataSet.GetString(DicomTags.SeriesInstanceUID)}/instances/{file.DataSet.GetString(DicomTags.SOPInstanceUID)}",
            "application/dicom");
        return Convert.ToHexStringLower(SHA256.HashData(await response.ReadBytesAsync()));
    }
}
