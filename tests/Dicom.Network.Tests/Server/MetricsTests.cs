namespace MedicalAi.Dicom.Network.Tests;

public sealed class MetricsTests
{
    [Theory]
    [InlineData("released")]
    [InlineData("aborted")]
    [InlineData("rejected")]
    [InlineData("lost")]
    [InlineData("protocol_error")]
    public async Task Associations_are_counted_by_how_they_end(string outcome)
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        using MetricsProbe metrics = new();
        using RawPeer peer = await RawPeer.ConnectAsync(server.Port);
        await peer.SendAsync(outcome == "rejected" ? RawPeer.Request with { Called = "X" } : RawPeer.Request);
        await peer.ReadAsync();
        if (outcome == "released")
        {
            await peer.SendAsync(new ReleaseRequest());
        }
        else if (outcome == "aborted")
        {
            await peer.SendAsync(new AbortPdu(0, 0));
        }
        else if (outcome == "protocol_error")
        {
            await peer.SendAsync(RawPeer.Request);
        }

        peer.CloseSending();
        await metrics.WaitAsync("gateway_associations_total", "acceptor", outcome);
    }

    [Fact]
    public async Task Requests_are_counted_by_command_and_status()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        using MetricsProbe metrics = new();
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port);
        await peer.SendCommandAsync(1, new DimseCommand { CommandField = DimseCommand.CEchoRequest, MessageId = 5, SopClass = DicomUids.Verification });
        await peer.ReadCommandAsync();
        await metrics.WaitAsync("gateway_associations_active", "acceptor");
        await metrics.WaitAsync("gateway_dimse_requests_total", "C-ECHO", "0000");
        await metrics.WaitAsync("gateway_dimse_request_duration_seconds", "C-ECHO");
    }
}
