namespace MedicalAi.Dicom.Network.Tests;

public sealed class ClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static DicomUid Instance { get; } = new("1.2.3.4.5");

    [Fact]
    public async Task An_echo_is_answered_by_our_own_server()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        await using DicomClient client = await DicomClient.ConnectAsync(To(server.Port), [PresentationContext.Verification], Token);
        Assert.Equal(DimseStatus.Success, (await client.EchoAsync(Token)).Status);
        Assert.Equal(Implementation.VersionName, client.PeerImplementation);
        await client.ReleaseAsync(Token);
        Assert.False(client.IsEstablished);
    }

    [Fact]
    public async Task Every_storage_SOP_class_is_accepted_in_every_transfer_syntax_of_the_standard()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        PresentationContext[] all =
        [
            .. from entry in UidRegistry.StorageSopClasses
               from syntax in TransferSyntax.All
               select new PresentationContext(entry.Uid, [syntax]),
        ];
        Assert.True(all.Length > 5000);
        foreach (PresentationContext[] contexts in all.Chunk(PresentationContext.Maximum))
        {
            await using DicomClient client = await DicomClient.ConnectAsync(To(server.Port), contexts, Token);
            Assert.Equal(contexts.Select(context => (context.AbstractSyntax, context.TransferSyntaxes[0])), client.Contexts.Select(context => (context.AbstractSyntax, context.TransferSyntax!)));
            await client.ReleaseAsync(Token);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4088)]
    [InlineData(4090)]
    [InlineData(4092)]
    [InlineData(8180)]
    [InlineData(100_000)]
    public async Task A_data_set_arrives_as_it_was_whatever_its_length_and_the_length_of_PDUs(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        SinkService sink = new() { Keep = true };
        await using TestServer server = await TestServer.StartAsync(sink, new DicomServerOptions { MaxPduLength = 4096 });
        await using DicomClient client = await DicomClient.ConnectAsync(To(server.Port), [new PresentationContext(DicomUids.CTImageStorage, [TransferSyntax.ExplicitVrLittleEndian])], Token);
        for (int i = 0; i < 2; i++)
        {
            using MemoryStream stream = new(bytes);
            Assert.Equal(DimseStatus.Success, (await client.StoreAsync(DicomUids.CTImageStorage, Instance, TransferSyntax.ExplicitVrLittleEndian, stream, Token)).Status);
        }

        await client.ReleaseAsync(Token);
        Assert.All(sink.Received, received => Assert.Equal(bytes, received.DataSet));
        Assert.Equal(2, sink.Received.Count);
        Assert.Equal((Instance, DicomUids.CTImageStorage), (sink.Received.First().Request.Command.SopInstance, sink.Received.First().Request.Command.SopClass));
    }

    [Theory]
    [InlineData(8u)]
    [InlineData(16u)]
    [InlineData(0u)]
    public async Task What_we_send_keeps_the_maximum_length_of_the_peer(uint maxLength)
    {
        List<byte> received = [];
        (int port, Task script) = await RawPeer.ListenAsync(async peer =>
        {
            AssociateRequest request = Assert.IsType<AssociateRequest>(await peer.ReadAsync());
            await peer.SendAsync(Accept(request, maxLength));
            for (bool ended = false; !ended;)
            {
                byte[] body = System.Buffers.BuffersExtensions.ToArray(Assert.IsType<DataTransfer>(await peer.ReadAsync()).Body);
                Assert.True(maxLength == 0 || body.Length <= maxLength);
                if (body[5] is 0 or 2)
                {
                    received.AddRange(body[6..]);
                }

                ended = body[5] == 2;
            }

            await peer.SendCommandAsync(1, new DimseCommand { CommandField = 0x8001, MessageId = 1, Status = 0xB000 });
            Assert.IsType<ReleaseRequest>(await peer.ReadAsync());
            await peer.SendAsync(new ReleaseResponse());
        });
        byte[] bytes = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
        await using (DicomClient client = await DicomClient.ConnectAsync(To(port), [new PresentationContext(DicomUids.CTImageStorage, [TransferSyntax.ExplicitVrLittleEndian])], Token))
        {
            using MemoryStream stream = new(bytes);
            DimseResponse response = await client.StoreAsync(DicomUids.CTImageStorage, Instance, TransferSyntax.ExplicitVrLittleEndian, stream, Token);
            Assert.True(response.IsSuccess);
            await client.ReleaseAsync(Token);
        }

        await script;
        Assert.Equal(bytes, received);
    }

    [Fact]
    public async Task A_rejection_says_result_source_and_reason_in_words()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        AssociationRejectedException exception = await Assert.ThrowsAsync<AssociationRejectedException>(() =>
            DicomClient.ConnectAsync(To(server.Port) with { CalledAe = AeTitle.Parse("SOMEONE") }, [PresentationContext.Verification], Token));
        Assert.Equal((1, 1, 7), (exception.Result, exception.RejectSource, exception.Reason));
        Assert.Equal(NetworkFailure.Rejected, exception.Failure);
        Assert.Equal("The association was rejected: permanently, called AE title not recognized (service user).", exception.Message);
    }

    [Fact]
    public async Task A_peer_that_is_not_there_is_a_failure_to_connect()
    {
        (int port, Task script) = await RawPeer.ListenAsync(_ => Task.CompletedTask);
        using (RawPeer once = await RawPeer.ConnectAsync(port))
        {
            await script;
        }

        DicomNetworkException exception = await Assert.ThrowsAsync<DicomNetworkException>(() => DicomClient.ConnectAsync(To(port), [PresentationContext.Verification], Token));
        Assert.Equal(NetworkFailure.ConnectFailed, exception.Failure);
    }

    [Fact]
    public async Task A_peer_that_does_not_answer_is_aborted_after_the_timeout()
    {
        (int port, Task script) = await RawPeer.ListenAsync(async peer =>
        {
            Assert.IsType<AssociateRequest>(await peer.ReadAsync());
            Assert.Equal(new AbortPdu(0, 0), await peer.ReadAsync());
        });
        DicomNetworkException exception = await Assert.ThrowsAsync<DicomNetworkException>(() =>
            DicomClient.ConnectAsync(To(port) with { AssociationTimeout = TimeSpan.FromMilliseconds(200) }, [PresentationContext.Verification], Token));
        Assert.Equal(NetworkFailure.TimedOut, exception.Failure);
        await script;
    }

    [Theory]
    [InlineData("abort", NetworkFailure.Aborted)]
    [InlineData("close", NetworkFailure.ConnectionLost)]
    [InlineData("reset", NetworkFailure.ConnectionLost)]
    [InlineData("nonsense", NetworkFailure.ProtocolError)]
    [InlineData("other message", NetworkFailure.ProtocolError)]
    [InlineData("release", NetworkFailure.ProtocolError)]
    [InlineData("silence", NetworkFailure.TimedOut)]
    public async Task A_response_that_does_not_come_is_a_typed_failure(string instead, NetworkFailure failure)
    {
        (int port, Task script) = await RawPeer.ListenAsync(async peer =>
        {
            await peer.SendAsync(Accept(Assert.IsType<AssociateRequest>(await peer.ReadAsync()), 16384));
            await peer.ReadCommandAsync();
            switch (instead)
            {
                case "abort":
                    await peer.SendAsync(new AbortPdu(2, 0));
                    break;
                case "reset":
                    peer.Reset();
                    return;
                case "nonsense":
                    await peer.SendAsync(0x77, 0, 0, 0, 0, 0);
                    Assert.Equal(new AbortPdu(2, 1), await peer.ReadAsync());
                    break;
                case "other message":
                    await peer.SendCommandAsync(1, new DimseCommand { CommandField = 0x8030, MessageId = 77 });
                    Assert.Equal(new AbortPdu(2, 2), await peer.ReadAsync());
                    break;
                case "release":
                    await peer.SendAsync(new ReleaseRequest());
                    Assert.Equal(new AbortPdu(0, 0), await peer.ReadAsync());
                    break;
                case "silence":
                    Assert.Equal(new AbortPdu(0, 0), await peer.ReadAsync());
                    break;
                default:
                    break;
            }
        });
        await using DicomClient client = await DicomClient.ConnectAsync(To(port) with { ResponseTimeout = TimeSpan.FromMilliseconds(instead == "silence" ? 200 : 20_000) }, [PresentationContext.Verification], Token);
        DicomNetworkException exception = await Assert.ThrowsAnyAsync<DicomNetworkException>(async () => await client.EchoAsync(Token));
        Assert.Equal(failure, exception.Failure);
        Assert.False(client.IsEstablished);
        await script;
    }

    [Fact]
    public async Task An_abort_that_comes_while_a_large_data_set_is_sent_is_told_with_its_reason()
    {
        (int port, Task script) = await RawPeer.ListenAsync(async peer =>
        {
            await peer.SendAsync(Accept(Assert.IsType<AssociateRequest>(await peer.ReadAsync()), 16384));
            await peer.ReadCommandAsync();
            await peer.SendAsync(new AbortPdu(2, 6));
        });
        await using DicomClient client = await DicomClient.ConnectAsync(To(port), [new PresentationContext(DicomUids.CTImageStorage, [TransferSyntax.ExplicitVrLittleEndian])], Token);
        using MemoryStream stream = new(new byte[64 * 1024 * 1024]);
        AssociationAbortedException aborted = await Assert.ThrowsAsync<AssociationAbortedException>(async () => await client.StoreAsync(DicomUids.CTImageStorage, Instance, TransferSyntax.ExplicitVrLittleEndian, stream, Token));
        Assert.Equal((2, 6), (aborted.AbortSource, aborted.Reason));
        Assert.Equal("The peer aborted the association (by its service provider, invalid PDU parameter value).", aborted.Message);
        await script;
    }

    [Fact]
    public async Task An_abort_ends_the_sending_of_data_that_nobody_reads()
    {
        TaskCompletionSource done = new();
        (int port, Task script) = await RawPeer.ListenAsync(async peer =>
        {
            await peer.SendAsync(Accept(Assert.IsType<AssociateRequest>(await peer.ReadAsync()), 16384));
            await peer.ReadCommandAsync();
            await peer.SendAsync(new AbortPdu(0, 0));

            // The connection stays open and nothing is read, which would stall the sender.
            await done.Task;
        });
        await using DicomClient client = await DicomClient.ConnectAsync(To(port), [new PresentationContext(DicomUids.CTImageStorage, [TransferSyntax.ExplicitVrLittleEndian])], Token);
        await using SlowStream stream = new();
        await Assert.ThrowsAsync<AssociationAbortedException>(async () => await client.StoreAsync(DicomUids.CTImageStorage, Instance, TransferSyntax.ExplicitVrLittleEndian, stream, Token));
        done.SetResult();
        await script;
    }

    [Fact]
    public async Task An_answer_that_comes_before_the_end_of_the_data_set_is_taken_as_the_answer()
    {
        (int port, Task script) = await RawPeer.ListenAsync(async peer =>
        {
            await peer.SendAsync(Accept(Assert.IsType<AssociateRequest>(await peer.ReadAsync()), 16384));
            await peer.ReadCommandAsync();
            await peer.SendCommandAsync(1, new DimseCommand { CommandField = 0x8001, MessageId = 1, Status = DimseStatus.OutOfResources });
            while (await peer.ReadAsync() is DataTransfer)
            {
            }

            await peer.SendAsync(new ReleaseResponse());
        });
        await using DicomClient client = await DicomClient.ConnectAsync(To(port), [new PresentationContext(DicomUids.CTImageStorage, [TransferSyntax.ExplicitVrLittleEndian])], Token);
        using MemoryStream stream = new(new byte[8 * 1024 * 1024]);
        Assert.Equal(DimseStatus.OutOfResources, (await client.StoreAsync(DicomUids.CTImageStorage, Instance, TransferSyntax.ExplicitVrLittleEndian, stream, Token)).Status);
        await client.ReleaseAsync(Token);
        await script;
    }

    [Fact]
    public async Task Both_sides_that_ask_for_release_at_once_are_released()
    {
        (int port, Task script) = await RawPeer.ListenAsync(async peer =>
        {
            await peer.SendAsync(Accept(Assert.IsType<AssociateRequest>(await peer.ReadAsync()), 16384));
            Assert.IsType<ReleaseRequest>(await peer.ReadAsync());

            // Data that are still under way are allowed (AR-6); then our own request, which collides.
            await peer.SendCommandAsync(1, new DimseCommand { CommandField = 0x8030, MessageId = 77 });
            await peer.SendAsync(new ReleaseRequest());
            Assert.IsType<ReleaseResponse>(await peer.ReadAsync());
            await peer.SendAsync(new ReleaseResponse());
            Assert.Null(await peer.ReadAsync());
        });
        await using (DicomClient client = await DicomClient.ConnectAsync(To(port), [PresentationContext.Verification], Token))
        {
            await client.ReleaseAsync(Token);
        }

        await script;
    }

    [Fact]
    public async Task Cancelling_an_operation_aborts_the_association()
    {
        (int port, Task script) = await RawPeer.ListenAsync(async peer =>
        {
            await peer.SendAsync(Accept(Assert.IsType<AssociateRequest>(await peer.ReadAsync()), 16384));
            await peer.ReadCommandAsync();
            Assert.Equal(new AbortPdu(0, 0), await peer.ReadAsync());
        });
        await using DicomClient client = await DicomClient.ConnectAsync(To(port), [PresentationContext.Verification], Token);
        using CancellationTokenSource cancel = new(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await client.EchoAsync(cancel.Token));
        Assert.False(client.IsEstablished);
        await script;
    }

    [Fact]
    public async Task What_was_not_negotiated_fails_with_words_and_the_association_goes_on()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        DicomUid mine = new("1.2.3.4.5");
        await using DicomClient client = await DicomClient.ConnectAsync(To(server.Port), [PresentationContext.Verification, new PresentationContext(mine, [TransferSyntax.ExplicitVrLittleEndian])], Token);
        DicomNetworkException refused = await Assert.ThrowsAsync<DicomNetworkException>(async () => await client.StoreAsync(mine, Instance, TransferSyntax.ExplicitVrLittleEndian, Stream.Null, Token));
        Assert.Equal((NetworkFailure.NotNegotiated, "The peer does not take 1.2.3.4.5."), (refused.Failure, refused.Message));
        DicomNetworkException missing = await Assert.ThrowsAsync<DicomNetworkException>(async () => await client.StoreAsync(DicomUids.CTImageStorage, Instance, TransferSyntax.ExplicitVrLittleEndian, Stream.Null, Token));
        Assert.Equal("The peer does not take CT Image Storage in Explicit VR Little Endian or another uncompressed transfer syntax.", missing.Message);
        Assert.Equal(DimseStatus.Success, (await client.EchoAsync(Token)).Status);
    }

    [Fact]
    public async Task A_data_set_is_rewritten_where_the_peer_takes_another_uncompressed_syntax_only()
    {
        SinkService sink = new() { Keep = true };
        await using TestServer server = await TestServer.StartAsync(sink);
        DicomDataSet dataSet = new();
        dataSet.SetString(DicomTags.SOPClassUID, DicomUids.CTImageStorage.Value);
        dataSet.SetString(DicomTags.SOPInstanceUID, Instance.Value);
        dataSet.SetString(DicomTags.PatientID, "P1");
        byte[] big = DicomDataSetWriter.ToBytes(dataSet, TransferSyntax.ExplicitVrBigEndian);
        await using DicomClient client = await DicomClient.ConnectAsync(To(server.Port), [new PresentationContext(DicomUids.CTImageStorage, [TransferSyntax.ImplicitVrLittleEndian])], Token);
        using MemoryStream stream = new(big);
        Assert.Equal(DimseStatus.Success, (await client.StoreAsync(DicomUids.CTImageStorage, Instance, TransferSyntax.ExplicitVrBigEndian, stream, Token)).Status);
        Assert.Equal(DimseStatus.Success, (await client.StoreAsync(dataSet, TransferSyntax.ExplicitVrLittleEndian, Token)).Status);
        await Assert.ThrowsAsync<DicomNetworkException>(async () => await client.StoreAsync(dataSet, TransferSyntax.Find(DicomUids.RLELossless)!, Token));
        byte[] expected = DicomDataSetWriter.ToBytes(dataSet, TransferSyntax.ImplicitVrLittleEndian);
        Assert.Equal(2, sink.Received.Count);
        Assert.All(sink.Received, received => Assert.Equal(expected, received.DataSet));
    }

    [Fact]
    public async Task A_data_set_of_odd_length_is_rewritten_padded_or_refused_before_anything_is_sent()
    {
        SinkService sink = new() { Keep = true };
        await using TestServer server = await TestServer.StartAsync(sink);
        PresentationContext[] contexts = [new(DicomUids.CTImageStorage, [TransferSyntax.ExplicitVrLittleEndian]), new(DicomUids.CTImageStorage, [TransferSyntax.DeflatedExplicitVrLittleEndian])];
        await using DicomClient client = await DicomClient.ConnectAsync(To(server.Port), contexts, Token);
        byte[] oddValue = [0x10, 0, 0x20, 0, (byte)'L', (byte)'O', 1, 0, (byte)'P'];
        Assert.Equal(DimseStatus.Success, await StoreAsync(oddValue, TransferSyntax.ExplicitVrLittleEndian));
        Assert.Equal(DimseStatus.Success, await StoreAsync([3, 0, 9], TransferSyntax.DeflatedExplicitVrLittleEndian));
        await Assert.ThrowsAsync<InvalidDataException>(() => StoreAsync(oddValue[..7], TransferSyntax.ExplicitVrLittleEndian));
        Assert.True(client.IsEstablished);
        Assert.Equal([[0x10, 0, 0x20, 0, (byte)'L', (byte)'O', 2, 0, (byte)'P', (byte)' '], [3, 0, 9, 0]], sink.Received.Select(received => received.DataSet));

        async Task<ushort> StoreAsync(byte[] bytes, TransferSyntax syntax)
        {
            using MemoryStream stream = new(bytes);
            return (await client.StoreAsync(DicomUids.CTImageStorage, Instance, syntax, stream, Token)).Status;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(129)]
    public async Task An_association_has_1_to_128_presentation_contexts(int count) =>
        await Assert.ThrowsAsync<ArgumentException>(() => DicomClient.ConnectAsync(To(1), Enumerable.Repeat(PresentationContext.Verification, count), Token));

    private static DicomClientOptions To(int port) => new() { Host = "127.0.0.1", Port = port, CalledAe = AeTitle.Parse("MEDICALAI") };

    private static AssociateAccept Accept(AssociateRequest request, uint maxLength) => new(
        request.Called,
        request.Calling,
        request.ApplicationContext,
        [.. request.Contexts.Select(context => new ContextAnswer(context.Id, 0, context.TransferSyntaxes[0]))],
        new UserInformation { MaxPduLength = maxLength, ImplementationClassUid = "1.2.3" });

    /// <summary>Gives bytes without end, a few at a time, so that a sender never fills the line.</summary>
    private sealed class SlowStream : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(1, cancellationToken);
            return buffer.Length;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
