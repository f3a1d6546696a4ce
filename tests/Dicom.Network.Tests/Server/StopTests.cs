namespace MedicalAi.Dicom.Network.Tests;

public sealed class StopTests
{
    private static readonly DimseCommand s_echo = new() { CommandField = DimseCommand.CEchoRequest, MessageId = 5, SopClass = DicomUids.Verification };

    [Fact]
    public async Task On_stop_a_running_operation_ends_with_its_response_and_a_release_is_answered()
    {
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously), mayEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
        SinkService service = new()
        {
            OnRequest = async (_, token) =>
            {
                started.SetResult();
                await mayEnd.Task.WaitAsync(token);
                return null;
            },
        };
        await using TestServer server = await TestServer.StartAsync(service, new DicomServerOptions { ReleaseGrace = TimeSpan.FromSeconds(10) });
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port);
        await peer.SendCommandAsync(1, s_echo);
        await started.Task;
        Task stopping = server.StopAsync();
        Assert.False(stopping.IsCompleted);
        mayEnd.SetResult();
        Assert.Equal(DimseStatus.Success, (await peer.ReadCommandAsync()).Status);
        await peer.SendAsync(new ReleaseRequest());
        Assert.IsType<ReleaseResponse>(await peer.ReadAsync());
        peer.CloseSending();
        await stopping.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task On_stop_an_operation_that_never_came_to_its_data_set_is_given_up_with_its_association()
    {
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        SinkService service = new()
        {
            OnRequest = async (_, token) =>
            {
                started.SetResult();
                await Task.Delay(Timeout.Infinite, token);
                return null;
            },
        };
        await using TestServer server = await TestServer.StartAsync(service, new DicomServerOptions { DrainTimeout = TimeSpan.FromMilliseconds(200), ReleaseGrace = TimeSpan.FromMilliseconds(200) });
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port, RawPeer.Request with { User = RawPeer.Request.User with { AsyncOperationsWindow = (2, 1) } });
        await peer.SendCommandAsync(3, new DimseCommand { CommandField = DimseCommand.CStoreRequest, MessageId = 1, SopClass = DicomUids.CTImageStorage, SopInstance = new("1.2.3"), HasDataSet = true });
        await started.Task;
        Task stopping = server.StopAsync();
        Assert.IsType<AbortPdu>(await peer.ReadAsync());
        peer.Dispose();
        await stopping.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task On_stop_a_peer_that_asks_for_more_is_aborted()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService(), new DicomServerOptions { ReleaseGrace = TimeSpan.FromSeconds(10) });
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port);
        Task stopping = server.StopAsync();
        await peer.SendCommandAsync(1, s_echo);
        Pdu? answer = await peer.ReadAsync();

        // The request may just have been in time.
        if (answer is DataTransfer)
        {
            await peer.SendCommandAsync(1, s_echo);
            answer = await peer.ReadAsync();
        }

        Assert.Equal(new AbortPdu(0, 0), answer);
        peer.Dispose();
        await stopping.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task On_stop_an_idle_peer_is_aborted_after_a_short_grace()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService(), new DicomServerOptions { ReleaseGrace = TimeSpan.FromMilliseconds(200) });
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port);
        using RawPeer without = await RawPeer.ConnectAsync(server.Port);
        await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(new AbortPdu(0, 0), await peer.ReadAsync());
    }

    [Fact]
    public async Task On_stop_an_operation_that_does_not_end_is_cancelled_and_its_association_aborted()
    {
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        SinkService service = new()
        {
            OnRequest = async (_, token) =>
            {
                started.SetResult();
                await Task.Delay(Timeout.Infinite, token);
                return null;
            },
        };
        await using TestServer server = await TestServer.StartAsync(service, new DicomServerOptions { DrainTimeout = TimeSpan.FromMilliseconds(200), ReleaseGrace = TimeSpan.FromMilliseconds(200) });
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port);
        await peer.SendCommandAsync(1, s_echo);
        await started.Task;
        Task stopping = server.StopAsync();
        Assert.Equal(new AbortPdu(0, 0), await peer.ReadAsync());
        await stopping.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }
}
