using System.Net;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Network.Tests;

public sealed class AcceptorTests
{
    private static readonly DimseCommand s_echo = new() { CommandField = DimseCommand.CEchoRequest, MessageId = 5, SopClass = DicomUids.Verification };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Echoscu_is_answered()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        ToolResult result = await ExternalTool.RunAsync("echoscu", ["-v", "-aec", "MEDICALAI", "--repeat", "3", "127.0.0.1", $"{server.Port}"], Token);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Fact]
    public async Task Echoscu_with_128_presentation_contexts_is_answered()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        ToolResult result = await ExternalTool.RunAsync("echoscu", ["-v", "-aec", "MEDICALAI", "--propose-pc", "128", "127.0.0.1", $"{server.Port}"], Token);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Fact]
    public async Task Echoscu_is_told_that_the_called_AE_title_is_not_known()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        ToolResult result = await ExternalTool.RunAsync("echoscu", ["-v", "-aec", "SOMEONE", "127.0.0.1", $"{server.Port}"], Token);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("Called AE Title Not Recognized", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Echoscu_is_told_that_its_abort_arrived_by_a_server_that_goes_on()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        ToolResult aborted = await ExternalTool.RunAsync("echoscu", ["-v", "--abort", "-aec", "MEDICALAI", "127.0.0.1", $"{server.Port}"], Token);
        Assert.True(aborted.ExitCode == 0, aborted.ToString());
        ToolResult next = await ExternalTool.RunAsync("echoscu", ["-v", "-aec", "MEDICALAI", "127.0.0.1", $"{server.Port}"], Token);
        Assert.True(next.ExitCode == 0, next.ToString());
    }

    [Theory]
    [InlineData("", "the request as it should be", -1, 0, 0)]
    [InlineData("version", "protocol version not supported", 1, 2, 2)]
    [InlineData("application", "application context name not supported", 1, 1, 2)]
    [InlineData("calling", "calling AE title not recognized", 1, 1, 3)]
    [InlineData("called", "called AE title not recognized", 1, 1, 7)]
    [InlineData("contexts", "nothing proposed", 1, 1, 1)]
    [InlineData("tiny", "no fragment fits in its PDUs", 1, 1, 1)]
    public async Task A_request_is_rejected_with_result_source_and_reason(string change, string why, int result, int source, int reason)
    {
        DicomServerOptions options = new() { KnownCallers = [AeTitle.Parse("TESTER")] };
        await using TestServer server = await TestServer.StartAsync(new SinkService(), options);
        using RawPeer peer = await RawPeer.ConnectAsync(server.Port);
        await peer.SendAsync(change switch
        {
            "version" => RawPeer.Request with { ProtocolVersion = 2 },
            "application" => RawPeer.Request with { ApplicationContext = "1.2.3" },
            "calling" => RawPeer.Request with { Calling = "STRANGER" },
            "called" => RawPeer.Request with { Called = "medicalai" },
            "contexts" => RawPeer.Request with { Contexts = [] },
            "tiny" => RawPeer.Request with { User = RawPeer.Request.User with { MaxPduLength = 7 } },
            _ => RawPeer.Request,
        });
        Pdu? answer = await peer.ReadAsync();
        Assert.True(result < 0 ? answer is AssociateAccept : answer!.Equals(new AssociateReject((byte)result, (byte)source, (byte)reason)), $"{why}: {answer}");
    }

    [Fact]
    public async Task After_a_reject_the_peer_closes_the_connection_and_not_we()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService(), new DicomServerOptions { ArtimTimeout = TimeSpan.FromSeconds(30) });
        using RawPeer peer = await RawPeer.ConnectAsync(server.Port);
        await peer.SendAsync(RawPeer.Request with { Called = "X" });

        // More than the server ever reads: a close on unread bytes would reset the connection.
        await peer.SendAsync(new byte[100_000]);
        Assert.IsType<AssociateReject>(await peer.ReadAsync());
        await peer.SendAsync(new byte[1000]);
        peer.CloseSending();
        Assert.Null(await peer.ReadAsync());
    }

    [Fact]
    public async Task After_a_reject_the_connection_is_closed_by_us_when_ARTIM_expires()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService(), new DicomServerOptions { ArtimTimeout = TimeSpan.FromMilliseconds(300) });
        using RawPeer peer = await RawPeer.ConnectAsync(server.Port);
        await peer.SendAsync(RawPeer.Request with { Called = "X" });
        Assert.IsType<AssociateReject>(await peer.ReadAsync());
        Assert.Null(await peer.ReadAsync());
    }

    [Fact]
    public async Task One_association_more_than_the_limit_is_rejected_for_now()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService(), new DicomServerOptions { MaxAssociations = 1 });
        using (RawPeer first = await RawPeer.AssociateAsync(server.Port))
        {
            using RawPeer second = await RawPeer.ConnectAsync(server.Port);
            await second.SendAsync(RawPeer.Request);
            Assert.Equal(new AssociateReject(2, 3, 2), await second.ReadAsync());
            await first.SendAsync(new ReleaseRequest());
            Assert.IsType<ReleaseResponse>(await first.ReadAsync());
        }

        // The slot is free at the latest when the first connection has closed.
        using RawPeer third = await RawPeer.ConnectAsync(server.Port);
        await third.SendAsync(RawPeer.Request);
        Assert.IsType<AssociateAccept>(await third.ReadAsync());
    }

    [Fact]
    public async Task Connections_that_ask_for_nothing_are_limited_and_do_not_hinder_those_that_ask()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService(), new DicomServerOptions { MaxPendingConnections = 2 });
        using RawPeer asking = await RawPeer.AssociateAsync(server.Port);
        using RawPeer first = await RawPeer.ConnectAsync(server.Port);
        using RawPeer second = await RawPeer.ConnectAsync(server.Port);
        using (RawPeer third = await RawPeer.ConnectAsync(server.Port))
        {
            Assert.Null(await third.ReadAsync());
        }

        await asking.SendCommandAsync(1, s_echo);
        Assert.Equal(DimseStatus.Success, (await asking.ReadCommandAsync()).Status);
        await first.SendAsync(RawPeer.Request);
        Assert.IsType<AssociateAccept>(await first.ReadAsync());
        using RawPeer next = await RawPeer.AssociateAsync(server.Port);
    }

    [Fact]
    public async Task Connections_of_one_address_that_ask_for_nothing_do_not_shut_the_others_out()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService(), new DicomServerOptions { MaxPendingConnections = 10, MaxPendingConnectionsPerAddress = 2 });
        IPAddress hostile = IPAddress.Parse("127.0.0.2");
        using RawPeer first = await RawPeer.ConnectAsync(server.Port, hostile), second = await RawPeer.ConnectAsync(server.Port, hostile), third = await RawPeer.ConnectAsync(server.Port, hostile);
        RawPeer[] peers = [first, second, third];
        Task<Pdu?>[] reads = [.. peers.Select(peer => peer.ReadAsync())];

        // Which of them is one too many depends on which is looked at last.
        Task<Pdu?> closed = await Task.WhenAny(reads);
        Assert.Null(await closed);
        using RawPeer other = await RawPeer.AssociateAsync(server.Port);

        int waiting = closed == reads[0] ? 1 : 0;
        await peers[waiting].SendAsync(RawPeer.Request);
        Assert.IsType<AssociateAccept>(await reads[waiting]);
        using RawPeer next = await RawPeer.ConnectAsync(server.Port, hostile);
        await next.SendAsync(RawPeer.Request);
        Assert.IsType<AssociateAccept>(await next.ReadAsync());
    }

    [Fact]
    public async Task Each_presentation_context_is_answered_by_its_own_result()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        using RawPeer peer = await RawPeer.ConnectAsync(server.Port);
        string implicitLittle = TransferSyntax.ImplicitVrLittleEndian.Uid.Value, jpeg = DicomUids.JPEGBaseline8Bit.Value, mine = "1.3.6.1.4.1.1.1";
        await peer.SendAsync(RawPeer.Request with
        {
            Contexts =
            [
                new ProposedContext(255, DicomUids.CTImageStorage.Value, [mine, jpeg, implicitLittle]),
                new ProposedContext(7, "1.2.3.4", [implicitLittle]),
                new ProposedContext(3, DicomUids.CTImageStorage.Value, [mine]),
                new ProposedContext(9, "not a uid", [implicitLittle]),
                new ProposedContext(11, DicomUids.CTImageStorage.Value, []),
            ],
        });
        AssociateAccept accept = Assert.IsType<AssociateAccept>(await peer.ReadAsync());
        Assert.Equal([(255, 0), (7, 3), (3, 4), (9, 3), (11, 4)], accept.Contexts.Select(context => ((int)context.Id, (int)context.Result)));
        Assert.Equal(jpeg, accept.Contexts[0].TransferSyntax);
    }

    [Fact]
    public async Task We_tell_our_implementation_our_window_and_grant_the_SCU_role_only()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService(), new DicomServerOptions { MaxPduLength = 65536 });
        using RawPeer peer = await RawPeer.ConnectAsync(server.Port);
        await peer.SendAsync(RawPeer.Request with
        {
            User = RawPeer.Request.User with
            {
                AsyncOperationsWindow = (0, 8),
                Roles = [new RoleSelection(DicomUids.CTImageStorage.Value, true, true), new RoleSelection("1.2.3", true, true), new RoleSelection(DicomUids.Verification.Value, false, true)],
            },
        });
        AssociateAccept accept = Assert.IsType<AssociateAccept>(await peer.ReadAsync());
        Assert.Equal(Implementation.ClassUid.Value, accept.User.ImplementationClassUid);
        Assert.Equal(Implementation.VersionName, accept.User.ImplementationVersionName);
        Assert.Equal(65536u, accept.User.MaxPduLength);

        // Any number that it invokes is ours; it performs more than we would invoke.
        Assert.Equal(((ushort)16, (ushort)4), accept.User.AsyncOperationsWindow);
        Assert.Equal([new RoleSelection(DicomUids.CTImageStorage.Value, true, false)], accept.User.Roles);

        // Of Verification it wants to be SCP only, which we cannot use.
        Assert.Equal([1, 0], accept.Contexts.Select(context => (int)context.Result));
        Assert.Equal(("MEDICALAI", "TESTER"), (accept.Called, accept.Calling));
    }

    [Fact]
    public async Task Without_a_proposal_no_window_and_no_role_is_answered()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        using RawPeer peer = await RawPeer.ConnectAsync(server.Port);
        await peer.SendAsync(RawPeer.Request);
        AssociateAccept accept = Assert.IsType<AssociateAccept>(await peer.ReadAsync());
        Assert.Null(accept.User.AsyncOperationsWindow);
        Assert.Empty(accept.User.Roles);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(8u)]
    [InlineData(16u)]
    [InlineData(uint.MaxValue)]
    public async Task Responses_keep_the_maximum_length_of_the_peer(uint maxLength)
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port, RawPeer.Request with { User = RawPeer.Request.User with { MaxPduLength = maxLength } });
        await peer.SendCommandAsync(1, s_echo);
        List<byte> command = [];
        for (bool last = false; !last;)
        {
            byte[] body = System.Buffers.BuffersExtensions.ToArray(Assert.IsType<DataTransfer>(await peer.ReadAsync()).Body);
            Assert.True(maxLength == 0 || body.Length <= maxLength, $"{body.Length}");
            command.AddRange(body[6..]);
            last = (body[5] & 2) != 0;
        }

        DimseCommand response = DimseCommand.Decode([.. command])!;
        Assert.Equal((0x8030, 5, 0), (response.CommandField, response.MessageId, response.Status));
        Assert.Equal(DicomUids.Verification, response.SopClass);
    }

    [Fact]
    public async Task Requests_of_one_association_are_answered_in_order_even_if_they_come_at_once()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port);
        for (ushort id = 1; id <= 20; id++)
        {
            await peer.SendCommandAsync(1, s_echo with { MessageId = id });
        }

        for (ushort id = 1; id <= 20; id++)
        {
            Assert.Equal(id, (await peer.ReadCommandAsync()).MessageId);
        }
    }

    [Fact]
    public async Task A_release_is_answered_and_the_peer_closes()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port);
        await peer.SendAsync(new ReleaseRequest());
        Assert.IsType<ReleaseResponse>(await peer.ReadAsync());
        peer.CloseSending();
        Assert.Null(await peer.ReadAsync());
    }

    [Fact]
    public async Task A_peer_that_aborts_after_the_release_need_not_wait_for_the_connection_to_be_closed()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port);
        await peer.SendAsync(new ReleaseRequest());
        Assert.IsType<ReleaseResponse>(await peer.ReadAsync());
        long begin = Environment.TickCount64;
        byte[] late = [4, 0, 0, 0, 0, 3, 1, 2, 3, .. PduEncoder.Encode(new AbortPdu(0, 0))];
        await peer.SendAsync(late[..5]);
        await peer.SendAsync(late[5..16]);
        await peer.SendAsync(late[16..]);
        Assert.Null(await peer.ReadAsync());
        Assert.InRange(Environment.TickCount64 - begin, 0, 15_000);
    }

    [Fact]
    public async Task A_response_and_a_cancel_that_nobody_waits_for_are_told_apart()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port);
        await peer.SendCommandAsync(1, new DimseCommand { CommandField = DimseCommand.CCancelRequest, MessageId = 3 });
        await peer.SendCommandAsync(1, s_echo);
        Assert.Equal(5, (await peer.ReadCommandAsync()).MessageId);
        await peer.SendCommandAsync(1, s_echo with { CommandField = 0x8030 });
        Assert.Equal(new AbortPdu(2, 2), await peer.ReadAsync());
    }

    [Fact]
    public async Task A_service_that_throws_is_a_processing_failure_and_the_association_goes_on()
    {
        SinkService service = new() { OnRequest = (request, _) => request.Command.CommandField == DimseCommand.CEchoRequest ? ValueTask.FromResult<DimseResponse?>(null) : throw new InvalidOperationException("broken") };
        await using TestServer server = await TestServer.StartAsync(service);
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port);
        await peer.SendCommandAsync(3, new DimseCommand { CommandField = DimseCommand.CStoreRequest, MessageId = 1, SopClass = DicomUids.CTImageStorage, SopInstance = new("1.2.3"), HasDataSet = true });
        await peer.SendDataAsync(3, new byte[100_000]);
        DimseCommand response = await peer.ReadCommandAsync();
        Assert.Equal((0x8001, DimseStatus.ProcessingFailure), (response.CommandField, response.Status));
        await peer.SendCommandAsync(1, s_echo);
        Assert.Equal(DimseStatus.Success, (await peer.ReadCommandAsync()).Status);
    }
}
