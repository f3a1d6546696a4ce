using CsCheck;

namespace MedicalAi.Dicom.Network.Tests;

/// <summary>Peers that break the protocol, by mistake or on purpose.</summary>
public sealed class ProtocolErrorTests
{
    private static readonly DimseCommand s_echo = new() { CommandField = DimseCommand.CEchoRequest, MessageId = 5, SopClass = DicomUids.Verification };
    private static readonly DimseCommand s_store = new() { CommandField = DimseCommand.CStoreRequest, MessageId = 1, SopClass = DicomUids.CTImageStorage, SopInstance = new("1.2.3"), HasDataSet = true };

    [Fact]
    public async Task Before_an_association_every_other_PDU_is_aborted_by_the_service_user_as_the_table_says()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        foreach (Pdu pdu in new Pdu[] { new ReleaseRequest(), new ReleaseResponse(), new AssociateReject(1, 1, 1) })
        {
            using RawPeer peer = await RawPeer.ConnectAsync(server.Port);
            await peer.SendAsync(pdu);
            Assert.Equal(new AbortPdu(0, 0), await peer.ReadAsync());
        }
    }

    [Fact]
    public async Task An_HTTP_request_is_aborted()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        using RawPeer peer = await RawPeer.ConnectAsync(server.Port);
        await peer.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        Assert.Equal(new AbortPdu(0, 0), await peer.ReadAsync());
    }

    [Theory]
    [InlineData("associate again", 2)]
    [InlineData("release response", 2)]
    [InlineData("unknown type", 1)]
    [InlineData("longer than announced", 6)]
    [InlineData("empty data", 6)]
    [InlineData("value longer than its PDU", 6)]
    [InlineData("context not accepted", 6)]
    [InlineData("even context", 6)]
    [InlineData("data set without command", 6)]
    [InlineData("command over 16 KiB", 6)]
    [InlineData("command that is none", 6)]
    [InlineData("command within a data set", 6)]
    [InlineData("other context within a data set", 6)]
    public async Task Within_an_association_what_may_not_be_is_aborted_by_the_service_provider(string what, int reason)
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService(), new DicomServerOptions { MaxPduLength = 4096 });
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port);
        await (what switch
        {
            "associate again" => peer.SendAsync(RawPeer.Request),
            "release response" => peer.SendAsync(new ReleaseResponse()),
            "unknown type" => peer.SendAsync(0x17, 0, 0, 0, 0, 4, 0, 0, 0, 0),
            "longer than announced" => peer.SendAsync(4, 0, 0, 0, 0x10, 0x01),
            "empty data" => peer.SendAsync(4, 0, 0, 0, 0, 0),
            "value longer than its PDU" => peer.SendAsync(4, 0, 0, 0, 0, 8, 0, 0, 0, 5, 1, 3, 0, 0),
            "context not accepted" => peer.SendCommandAsync(99, s_echo),
            "even context" => peer.SendCommandAsync(2, s_echo),
            "data set without command" => peer.SendDataAsync(3, [1, 2]),
            "command over 16 KiB" => LongCommandAsync(),
            "command that is none" => peer.SendAsync(4, 0, 0, 0, 0, 8, 0, 0, 0, 4, 1, 3, 9, 9),
            "command within a data set" => WithinDataSetAsync(1, 3),
            _ => WithinDataSetAsync(0, 1),
        });
        Assert.Equal(new AbortPdu(2, (byte)reason), await peer.ReadAsync());

        async Task LongCommandAsync()
        {
            for (int i = 0; i < 5; i++)
            {
                await peer.SendAsync([4, 0, 0, 0, 0x0F, 0xFA, 0, 0, 0x0F, 0xF6, 1, 1, .. new byte[0x0FF4]]);
            }
        }

        async Task WithinDataSetAsync(byte flags, byte context)
        {
            await peer.SendCommandAsync(3, s_store);
            await peer.SendAsync(4, 0, 0, 0, 0, 8, 0, 0, 0, 4, 3, 0, 9, 9);
            await peer.SendAsync(4, 0, 0, 0, 0, 8, 0, 0, 0, 4, context, flags, 9, 9);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public async Task Even_and_repeated_presentation_context_ids_are_no_association(byte id)
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        using RawPeer peer = await RawPeer.ConnectAsync(server.Port);
        await peer.SendAsync(RawPeer.Request with { Contexts = [.. RawPeer.Request.Contexts, RawPeer.Request.Contexts[0] with { Id = id }] });
        Assert.Equal(new AbortPdu(0, 0), await peer.ReadAsync());
    }

    [Fact]
    public async Task A_release_request_within_a_data_set_is_aborted()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port);
        await peer.SendCommandAsync(3, s_store);
        await peer.SendAsync(new ReleaseRequest());
        Assert.Equal(new AbortPdu(0, 0), await peer.ReadAsync());
    }

    [Fact]
    public async Task A_connection_without_a_request_is_closed_when_ARTIM_expires_even_if_bytes_drip()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService(), new DicomServerOptions { ArtimTimeout = TimeSpan.FromMilliseconds(500) });
        using RawPeer silent = await RawPeer.ConnectAsync(server.Port);
        using RawPeer dripping = await RawPeer.ConnectAsync(server.Port);
        Task<Pdu?> closed = dripping.ReadAsync();
        foreach (byte next in PduEncoder.Encode(RawPeer.Request))
        {
            if (closed.IsCompleted)
            {
                break;
            }

            try
            {
                await dripping.SendAsync(next);
            }
            catch (IOException)
            {
                break;
            }

            await Task.WhenAny(closed, Task.Delay(20, TestContext.Current.CancellationToken));
        }

        Assert.Null(await silent.ReadAsync());
        await Assert.ThrowsAnyAsync<Exception>(async () => Assert.IsType<AssociateAccept>(await closed));
    }

    [Fact]
    public async Task A_silent_association_is_aborted()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService(), new DicomServerOptions { IdleTimeout = TimeSpan.FromMilliseconds(300) });
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port);
        Assert.Equal(new AbortPdu(0, 0), await peer.ReadAsync());
    }

    [Fact]
    public async Task A_peer_that_takes_no_responses_is_let_go()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService(), new DicomServerOptions { IdleTimeout = TimeSpan.FromSeconds(1), ArtimTimeout = TimeSpan.FromSeconds(1) });
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port);
        using MetricsProbe metrics = new();
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            // Never reads; the server stops reading when its answers find no room, and then gives up.
            while (true)
            {
                await peer.SendCommandAsync(1, s_echo);
            }
        });
        await metrics.WaitAsync("gateway_associations_total", "timeout");
    }

    [Fact]
    public async Task Truncated_requests_random_bytes_and_resets_leave_other_associations_alone()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        using RawPeer good = await RawPeer.AssociateAsync(server.Port);
        byte[] request = PduEncoder.Encode(RawPeer.Request);
        Random random = new(20261124);
        for (int i = 0; i < 100; i++)
        {
            using RawPeer bad = await RawPeer.ConnectAsync(server.Port);
            byte[] bytes = (i % 4) switch
            {
                0 => request[..random.Next(request.Length)],
                1 => RandomBytes(random, random.Next(2000)),
                2 => [.. request, .. RandomBytes(random, random.Next(2000))],
                _ => Change(request, random),
            };
            await bad.SendAsync(bytes);
            if (i % 3 == 0)
            {
                bad.Reset();
            }
        }

        await good.SendCommandAsync(1, s_echo);
        Assert.Equal(DimseStatus.Success, (await good.ReadCommandAsync()).Status);
    }

    [Fact]
    public void Any_bytes_are_a_PDU_an_error_or_a_beginning() =>
        Gen.Select(Gen.Byte[1, 8], Gen.Byte.Array[0, 300]).Sample((type, rest) =>
        {
            byte[] bytes = [type, 0, 0, 0, (byte)(rest.Length >> 8), (byte)rest.Length, .. rest];
            System.Buffers.ReadOnlySequence<byte> buffer = new(bytes);
            PduDecoder.TryDecode(ref buffer, 4096, out _);
        });

    private static byte[] RandomBytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Change(byte[] bytes, Random random)
    {
        byte[] changed = [.. bytes];
        changed[random.Next(changed.Length)] ^= (byte)random.Next(1, 256);
        return changed;
    }
}
