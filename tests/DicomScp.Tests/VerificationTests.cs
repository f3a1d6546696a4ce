using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp.Tests;

public sealed class VerificationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DimseCommand.CEchoRequest, "1.2.840.10008.1.1", DimseStatus.Success)]
    [InlineData(DimseCommand.CEchoRequest, "1.2.840.10008.5.1.4.1.1.2", DimseStatus.SopClassNotSupported)]
    [InlineData(DimseCommand.NGetRequest, "1.2.840.10008.1.1", DimseStatus.UnrecognizedOperation)]
    public async Task Only_C_ECHO_of_Verification_is_answered_with_success(ushort command, string sopClass, ushort status)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        DicomClientOptions options = new() { Host = "127.0.0.1", Port = gateway.Port, CalledAe = AeTitle.Parse("MEDICALAI") };
        await using DicomClient client = await DicomClient.ConnectAsync(options, [PresentationContext.Verification], Token);
        DimseResponse response = await client.InvokeAsync(client.Contexts[0], new DimseCommand { CommandField = command, SopClass = new DicomUid(sopClass) }, null, Token);
        Assert.Equal(status, response.Status);
        await client.ReleaseAsync(Token);
    }
}
