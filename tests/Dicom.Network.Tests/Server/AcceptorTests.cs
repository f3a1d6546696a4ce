namespace MedicalAi.Dicom.Network.Tests;

public sealed class AcceptorTests
{
    [Fact]
    public async Task Echoscu_is_answered()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        (int exitCode, string output) = await Dcmtk.RunAsync("echoscu", "-v", "-aec", "MEDICALAI", "127.0.0.1", $"{server.Port}");
        Assert.True(exitCode == 0, output);
    }
}
