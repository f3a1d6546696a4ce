using MedicalAi.Testing;

namespace MedicalAi.Dicom.Network.Tests;

public sealed class AcceptorTests
{
    [Fact]
    public async Task Echoscu_is_answered()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        ToolResult result = await ExternalTool.RunAsync("echoscu", ["-v", "-aec", "MEDICALAI", "127.0.0.1", $"{server.Port}"], TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.ToString());
    }
}
