using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Testing;

namespace MedicalAi.DicomScp.Tests;

public sealed class StorageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Echoscu_is_answered()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        ToolResult result = await ExternalTool.RunAsync("echoscu", ["-aec", "MEDICALAI", "127.0.0.1", $"{gateway.Port}"], Token);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Fact]
    public async Task What_dcmtk_sends_comes_back_with_identical_data_set_bytes()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        string path = TestData.Path("dicom/dcm4che/MR-JPEGLosslessSV1.dcm");
        ToolResult result = await ExternalTool.RunAsync("dcmsend", ["-v", "-aec", "MEDICALAI", "127.0.0.1", $"{gateway.Port}", path], Token);
        Assert.True(result.ExitCode == 0, result.ToString());
        DicomFile sent = DicomFile.Parse(await File.ReadAllBytesAsync(path, Token)).Value;
        InstanceRow stored = (await gateway.Reader.FindInstanceAsync(null, null, sent.DataSet.GetUid(DicomTags.SOPInstanceUID)!.Value, Token))!;
        Assert.Equal(sent.TransferSyntax.Uid, stored.TransferSyntax.Uid);
    }
}
