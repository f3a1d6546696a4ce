namespace MedicalAi.Dicom.Network.Tests;

/// <summary>The asynchronous operations window (PS3.7 D.3.3.3), on both sides.</summary>
public sealed class AsynchronousOperationsTests
{
    private static readonly PresentationContext s_ct = new(DicomUids.CTImageStorage, [TransferSyntax.ExplicitVrLittleEndian]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Within_the_window_operations_run_at_once_and_are_answered_as_they_end()
    {
        TaskCompletionSource firstMayEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
        SinkService service = new()
        {
            Keep = true,
            OnEnd = (request, token) => request.Command.MessageId == 1 ? firstMayEnd.Task.WaitAsync(token) : Task.CompletedTask,
        };
        await using TestServer server = await TestServer.StartAsync(service);
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port, RawPeer.Request with { User = RawPeer.Request.User with { AsyncOperationsWindow = (2, 1) } });
        await peer.SendCommandAsync(3, Store(1));
        await peer.SendDataAsync(3, [1, 1]);
        await peer.SendCommandAsync(3, Store(2));
        await peer.SendDataAsync(3, [2, 2]);
        Assert.Equal((ushort)2, (await peer.ReadCommandAsync()).MessageId);
        firstMayEnd.SetResult();
        Assert.Equal((ushort)1, (await peer.ReadCommandAsync()).MessageId);
        Assert.Equal([[2, 2], [1, 1]], service.Received.Select(received => received.DataSet));
    }

    [Fact]
    public async Task A_message_ID_that_is_in_use_is_a_duplicate_invocation()
    {
        TaskCompletionSource mayEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
        SinkService service = new() { OnEnd = (_, token) => mayEnd.Task.WaitAsync(token) };
        await using TestServer server = await TestServer.StartAsync(service);
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port, RawPeer.Request with { User = RawPeer.Request.User with { AsyncOperationsWindow = (4, 1) } });
        await peer.SendCommandAsync(3, Store(1));
        await peer.SendDataAsync(3, [1, 1]);
        await peer.SendCommandAsync(3, Store(1));
        await peer.SendDataAsync(3, [2, 2]);
        Assert.Equal(DimseStatus.DuplicateInvocation, (await peer.ReadCommandAsync()).Status);
        mayEnd.SetResult();
        Assert.Equal(DimseStatus.Success, (await peer.ReadCommandAsync()).Status);
    }

    [Fact]
    public async Task A_message_ID_may_be_used_again_as_soon_as_it_is_answered()
    {
        TaskCompletionSource again = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int requests = 0;
        SinkService service = new()
        {
            OnRequest = async (_, _) =>
            {
                await Task.Yield();
                if (Interlocked.Increment(ref requests) == 2)
                {
                    again.SetResult();
                }

                return new DimseResponse(0xB0F1);
            },
        };
        using HeldAfterAnswer held = new(0xB0F1, again.Task);
        await using TestServer server = await TestServer.StartAsync(service);
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port, RawPeer.Request with { User = RawPeer.Request.User with { AsyncOperationsWindow = (4, 1) } });
        for (int i = 0; i < 2; i++)
        {
            await peer.SendCommandAsync(3, Store(1));
            await peer.SendDataAsync(3, [1, 1]);
            Assert.Equal(0xB0F1, (await peer.ReadCommandAsync()).Status);
        }
    }

    [Fact]
    public async Task A_peer_that_we_asked_may_fill_the_window_again_as_soon_as_it_is_answered()
    {
        TaskCompletionSource third = new(TaskCreationOptions.RunContinuationsAsynchronously);
        SinkService service = new()
        {
            OnRequest = async (request, _) =>
            {
                await Task.Yield();
                return request.Command.MessageId == 1 ? new DimseResponse(0xB0F2) : null;
            },
            OnEnd = async (request, token) =>
            {
                if (request.Command.MessageId == 3)
                {
                    third.SetResult();
                }

                await third.Task.WaitAsync(token);
            },
        };
        using HeldAfterAnswer held = new(0xB0F2, third.Task);
        PresentationContext get = new(DicomUids.StudyRootQueryRetrieveInformationModelGet, [TransferSyntax.ImplicitVrLittleEndian]);
        (int port, Task script) = await RawPeer.ListenAsync(async peer =>
        {
            AssociateRequest request = Assert.IsType<AssociateRequest>(await peer.ReadAsync());
            await peer.SendAsync(new AssociateAccept(
                request.Called,
                request.Calling,
                request.ApplicationContext,
                [.. request.Contexts.Select(context => new ContextAnswer(context.Id, 0, context.TransferSyntaxes[0]))],
                RawPeer.Request.User with { AsyncOperationsWindow = (1, 2), Roles = [new RoleSelection(DicomUids.CTImageStorage.Value, false, true)] }));
            DimseCommand asked = await peer.ReadCommandAsync();
            Assert.IsType<DataTransfer>(await peer.ReadAsync());
            await peer.SendCommandAsync(3, Store(1));
            await peer.SendDataAsync(3, [1, 1]);
            await peer.SendCommandAsync(3, Store(2));
            await peer.SendDataAsync(3, [2, 2]);
            Assert.Equal((1, 0xB0F2), await ReadAsync(peer));
            await peer.SendCommandAsync(3, Store(3));
            await peer.SendDataAsync(3, [3, 3]);
            Assert.Equal([(2, 0), (3, 0)], new[] { await ReadAsync(peer), await ReadAsync(peer) }.Order());
            await peer.SendCommandAsync(1, new DimseCommand { CommandField = DimseCommand.CGetRequest | 0x8000, MessageId = asked.MessageId, Status = DimseStatus.Success });
        });
        await using DicomClient client = await DicomClient.ConnectAsync(new() { Host = "127.0.0.1", Port = port, Services = [service], MaxOperationsPerformed = 2 }, [get, s_ct with { Roles = AssociationRoles.Scp }], Token);
        Task<DimseResponse> retrieve = client.GetAsync(get.AbstractSyntax, new DicomDataSet().SetString(DicomTags.QueryRetrieveLevel, "STUDY"), null, Token).AsTask();
        await script;
        Assert.Equal(DimseStatus.Success, (await retrieve).Status);

        static async Task<(int, int)> ReadAsync(RawPeer peer) => await peer.ReadCommandAsync() is var answer ? (answer.MessageId, answer.Status) : default;
    }

    [Fact]
    public async Task As_SCU_as_many_operations_are_under_way_as_was_agreed()
    {
        int running = 0, most = 0;
        TaskCompletionSource threeRun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        SinkService service = new()
        {
            OnEnd = async (_, token) =>
            {
                int now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                if (now == 3)
                {
                    threeRun.TrySetResult();
                }

                await threeRun.Task.WaitAsync(token);
                Interlocked.Decrement(ref running);
            },
        };
        await using TestServer server = await TestServer.StartAsync(service, new DicomServerOptions { MaxOperationsPerformed = 3 });
        await using DicomClient client = await DicomClient.ConnectAsync(To(server.Port) with { MaxOperationsInvoked = 8 }, [s_ct], Token);
        Assert.Equal(3, client.OperationsInvoked);
        DimseResponse[] responses = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => StoreAsync(client, i)));
        Assert.All(responses, response => Assert.Equal(DimseStatus.Success, response.Status));
        Assert.Equal(3, most);
        Assert.Equal(12, service.Requests);
        await client.ReleaseAsync(Token);
    }

    [Fact]
    public async Task Without_an_agreement_operations_asked_for_at_once_follow_each_other()
    {
        int running = 0, most = 0;
        SinkService service = new()
        {
            OnEnd = async (_, _) =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref running));
                await Task.Yield();
                Interlocked.Decrement(ref running);
            },
        };
        await using TestServer server = await TestServer.StartAsync(service);
        await using DicomClient client = await DicomClient.ConnectAsync(To(server.Port), [s_ct], Token);
        Assert.Equal(1, client.OperationsInvoked);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => StoreAsync(client, i)));
        Assert.Equal((1, 8), (most, service.Requests));
    }

    [Fact]
    public async Task When_the_association_fails_every_operation_that_is_under_way_learns_why()
    {
        (int port, Task script) = await RawPeer.ListenAsync(async peer =>
        {
            AssociateRequest request = Assert.IsType<AssociateRequest>(await peer.ReadAsync());
            await peer.SendAsync(new AssociateAccept(
                request.Called, request.Calling, request.ApplicationContext, [new ContextAnswer(1, 0, TransferSyntax.ExplicitVrLittleEndian.Uid.Value)], new UserInformation { MaxPduLength = 16384, AsyncOperationsWindow = (0, 1) }));
            await peer.ReadCommandAsync();
            await peer.ReadAsync();
            await peer.SendAsync(new AbortPdu(2, 6));
        });
        await using DicomClient client = await DicomClient.ConnectAsync(To(port) with { MaxOperationsInvoked = 4 }, [s_ct], Token);
        Task<DimseResponse>[] stores = [.. Enumerable.Range(0, 6).Select(i => StoreAsync(client, i))];
        foreach (Task<DimseResponse> store in stores)
        {
            Assert.Equal(NetworkFailure.Aborted, (await Assert.ThrowsAnyAsync<DicomNetworkException>(() => store)).Failure);
        }

        await script;
    }

    private static DimseCommand Store(ushort id) => new() { CommandField = DimseCommand.CStoreRequest, MessageId = id, SopClass = DicomUids.CTImageStorage, SopInstance = new($"1.2.{id}"), HasDataSet = true };

    private static async Task<DimseResponse> StoreAsync(DicomClient client, int i)
    {
        using MemoryStream stream = new(new byte[100_000]);
        return await client.StoreAsync(DicomUids.CTImageStorage, new DicomUid($"1.2.{i + 1}"), TransferSyntax.ExplicitVrLittleEndian, stream, Token);
    }

    private static DicomClientOptions To(int port) => new() { Host = "127.0.0.1", Port = port, CalledAe = AeTitle.Parse("MEDICALAI") };

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }
}
