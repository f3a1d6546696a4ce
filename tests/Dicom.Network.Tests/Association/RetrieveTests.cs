using System.Runtime.CompilerServices;

namespace MedicalAi.Dicom.Network.Tests;

/// <summary>Query and retrieve between our own two sides: responses that are several, sub-operations on the same association, roles.</summary>
public sealed class RetrieveTests
{
    private static readonly DicomUid s_find = DicomUids.StudyRootQueryRetrieveInformationModelFind;
    private static readonly DicomUid s_get = DicomUids.StudyRootQueryRetrieveInformationModelGet;
    private static readonly DicomDataSet s_keys = new DicomDataSet().SetString(DicomTags.QueryRetrieveLevel, "STUDY");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Matches_come_in_order_and_the_association_goes_on()
    {
        await using TestServer server = await TestServer.StartAsync(new QueryService { Matches = 1000 });
        await using DicomClient client = await ConnectAsync(server.Port, s_find);
        for (int round = 0; round < 2; round++)
        {
            List<string> found = [];
            await foreach (DicomDataSet match in client.FindAsync(s_find, s_keys, cancellationToken: Token))
            {
                found.Add(match.GetString(DicomTags.PatientID)!);
            }

            Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"{i}"), found);
        }

        await client.ReleaseAsync(Token);
    }

    [Fact]
    public async Task Who_stops_to_enumerate_cancels_the_operation_and_the_association_goes_on()
    {
        QueryService service = new() { Matches = int.MaxValue };
        await using TestServer server = await TestServer.StartAsync(service);
        await using DicomClient client = await ConnectAsync(server.Port, s_find);
        await foreach (DicomDataSet match in client.FindAsync(s_find, s_keys, cancellationToken: Token))
        {
            if (match.GetString(DicomTags.PatientID) == "10")
            {
                break;
            }
        }

        Assert.Equal(DimseStatus.Success, (await client.EchoAsync(Token)).Status);
        Assert.Equal(1, service.Cancelled);
    }

    [Fact]
    public async Task A_cancelled_token_cancels_the_operation_and_the_association_goes_on()
    {
        await using TestServer server = await TestServer.StartAsync(new QueryService { Matches = int.MaxValue });
        await using DicomClient client = await ConnectAsync(server.Port, s_find);
        using CancellationTokenSource cancel = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (DicomDataSet match in client.FindAsync(s_find, s_keys, cancellationToken: cancel.Token))
            {
                await cancel.CancelAsync();
            }
        });
        Assert.Equal(DimseStatus.Success, (await client.EchoAsync(Token)).Status);
    }

    [Fact]
    public async Task A_failure_comes_after_the_matches_before_it()
    {
        await using TestServer server = await TestServer.StartAsync(new QueryService { Matches = 3, Last = new DimseResponse(DimseStatus.OutOfResources, "The index is away") });
        await using DicomClient client = await ConnectAsync(server.Port, s_find);
        int matches = 0;
        DimseFailureException failure = await Assert.ThrowsAsync<DimseFailureException>(async () =>
        {
            await foreach (DicomDataSet match in client.FindAsync(s_find, s_keys, cancellationToken: Token))
            {
                matches++;
            }
        });
        Assert.Equal((3, DimseStatus.OutOfResources), (matches, failure.Response.Status));
        Assert.Equal("The peer answered refused, out of resources (A700): The index is away.", failure.Message);
        Assert.True(client.IsEstablished);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Instances_come_on_the_same_association_to_who_asked_as_their_SCP(int window)
    {
        QueryService service = new() { Matches = 20 };
        SinkService sink = new() { Keep = true };
        await using TestServer server = await TestServer.StartAsync(service);
        DicomClientOptions options = To(server.Port) with { Services = [sink], MaxOperationsPerformed = (ushort)window };
        PresentationContext storage = new(DicomUids.CTImageStorage, [TransferSyntax.ExplicitVrLittleEndian]) { Roles = AssociationRoles.Scp };
        await using DicomClient client = await DicomClient.ConnectAsync(options, [new PresentationContext(s_get, [TransferSyntax.ImplicitVrLittleEndian]), storage], Token);
        List<SubOperations> progress = [];
        DimseResponse response = await client.GetAsync(s_get, s_keys, new Progress(progress), Token);
        Assert.Equal(new SubOperations(null, 20, 0, 0), response.SubOperations);
        Assert.Equal(DimseStatus.Success, response.Status);
        Assert.Equal(20, sink.Received.Count);
        Assert.All(sink.Received, received => Assert.Equal(100_000, received.DataSet.Length));
        Assert.Contains(new SubOperations(10, 10, 0, 0), progress);
        await client.ReleaseAsync(Token);
    }

    [Fact]
    public async Task A_retrieve_can_be_cancelled_while_instances_come()
    {
        QueryService service = new() { Matches = int.MaxValue };
        using CancellationTokenSource cancel = new();
        SinkService sink = new()
        {
            OnRequest = async (request, _) =>
            {
                if (request.Command.SopInstance == new DicomUid("1.2.6"))
                {
                    await cancel.CancelAsync();
                }

                return null;
            },
        };
        await using TestServer server = await TestServer.StartAsync(service);
        PresentationContext storage = new(DicomUids.CTImageStorage, [TransferSyntax.ExplicitVrLittleEndian]) { Roles = AssociationRoles.Scp };
        await using DicomClient client = await DicomClient.ConnectAsync(To(server.Port) with { Services = [sink] }, [new PresentationContext(s_get, [TransferSyntax.ImplicitVrLittleEndian]), storage, PresentationContext.Verification], Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await client.GetAsync(s_get, s_keys, null, cancel.Token));
        Assert.Equal(DimseStatus.Success, (await client.EchoAsync(Token)).Status);
        Assert.Equal(1, service.Cancelled);
    }

    [Fact]
    public async Task What_is_asked_for_beyond_the_window_within_a_retrieve_is_refused_and_keeps_nobody_from_hearing_the_peer()
    {
        TaskCompletionSource maySend = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(new QueryService { Matches = 1, MaySend = maySend.Task });
        using RawPeer peer = await RetrieveAsync(server.Port);
        await peer.SendCommandAsync(1, new DimseCommand { CommandField = DimseCommand.CEchoRequest, MessageId = 2, SopClass = DicomUids.Verification });
        DimseCommand refused = await peer.ReadCommandAsync();
        Assert.Equal(((ushort)2, DimseStatus.ResourceLimitation), (refused.MessageId, refused.Status));

        maySend.SetResult();
        DimseCommand store = await peer.ReadCommandAsync();
        Assert.Equal(DimseCommand.CStoreRequest, store.CommandField);
        peer.Reset();
        await using DicomClient other = await ConnectAsync(server.Port, s_find);
        Assert.Equal(DimseStatus.Success, (await other.EchoAsync(Token)).Status);
        await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(10), Token);
    }

    [Fact]
    public async Task Who_answers_an_instance_with_a_long_data_set_is_broken_off_before_it_fills_the_memory()
    {
        await using TestServer server = await TestServer.StartAsync(new QueryService { Matches = 1 });
        using RawPeer peer = await RetrieveAsync(server.Port);
        DimseCommand store = await peer.ReadCommandAsync();
        for (bool isLast = false; !isLast;)
        {
            isLast = (System.Buffers.BuffersExtensions.ToArray(Assert.IsType<DataTransfer>(await peer.ReadAsync()).Body)[5] & 2) != 0;
        }

        await peer.SendCommandAsync(3, new DimseCommand { CommandField = DimseCommand.CStoreRequest | 0x8000, MessageId = store.MessageId, SopClass = store.SopClass, SopInstance = store.SopInstance, HasDataSet = true });
        await peer.SendDataAsync(3, new byte[100_000]);
        Assert.Equal(new AbortPdu(2, 6), await peer.ReadAsync());
    }

    [Fact]
    public async Task Without_the_role_of_SCP_nothing_is_sent_on_the_association()
    {
        await using TestServer server = await TestServer.StartAsync(new QueryService { Matches = 2 });
        PresentationContext storage = new(DicomUids.CTImageStorage, [TransferSyntax.ExplicitVrLittleEndian]);
        await using DicomClient client = await DicomClient.ConnectAsync(To(server.Port), [new PresentationContext(s_get, [TransferSyntax.ImplicitVrLittleEndian]), storage], Token);
        DimseResponse response = await client.GetAsync(s_get, s_keys, null, Token);
        Assert.Equal(new SubOperations(null, 0, 2, 0), response.SubOperations);
    }

    [Fact]
    public async Task A_normalized_operation_carries_its_data_set_both_ways()
    {
        await using TestServer server = await TestServer.StartAsync(new QueryService());
        await using DicomClient client = await ConnectAsync(server.Port, DicomUids.StorageCommitmentPushModel);
        DicomDataSet action = new DicomDataSet().SetString(DicomTags.TransactionUID, "1.2.3");
        DimseResponse response = await client.InvokeAsync(
            client.Contexts[0],
            new DimseCommand { CommandField = DimseCommand.NActionRequest, SopClass = DicomUids.StorageCommitmentPushModel, SopInstance = new("1.2.840.10008.1.20.1.1"), ActionType = 1 },
            action,
            Token);
        Assert.Equal((DimseStatus.Success, new DicomUid("1.2.840.10008.1.20.1.1")), (response.Status, response.SopInstance));
        Assert.Equal("1.2.3", response.DataSet?.GetString(DicomTags.TransactionUID));
    }

    // A peer that has asked for a C-GET, its data in context 3 and Verification in 1.
    private static async Task<RawPeer> RetrieveAsync(int port)
    {
        RawPeer peer = await RawPeer.AssociateAsync(port, RawPeer.Request with
        {
            Contexts = [.. RawPeer.Request.Contexts, new ProposedContext(5, s_get.Value, [TransferSyntax.ImplicitVrLittleEndian.Uid.Value])],
            User = RawPeer.Request.User with { Roles = [new RoleSelection(DicomUids.CTImageStorage.Value, Scu: false, Scp: true)] },
        });
        await peer.SendCommandAsync(5, new DimseCommand { CommandField = DimseCommand.CGetRequest, MessageId = 1, SopClass = s_get, HasDataSet = true });
        await peer.SendDataAsync(5, DicomDataSetWriter.ToBytes(s_keys, TransferSyntax.ImplicitVrLittleEndian));
        return peer;
    }

    private static Task<DicomClient> ConnectAsync(int port, DicomUid sopClass) =>
        DicomClient.ConnectAsync(To(port), [new PresentationContext(sopClass, [TransferSyntax.ExplicitVrLittleEndian]), PresentationContext.Verification], Token);

    private static DicomClientOptions To(int port) => new() { Host = "127.0.0.1", Port = port, CalledAe = AeTitle.Parse("MEDICALAI") };

    private sealed class Progress(List<SubOperations> seen) : IProgress<SubOperations>
    {
        public void Report(SubOperations value) => seen.Add(value);
    }

    /// <summary>Answers as many matches, or sends as many instances, as it is told to.</summary>
    private sealed class QueryService : DimseService
    {
        private int _cancelled;

        public int Matches { get; init; }

        /// <summary>Ends when the first instance may be sent.</summary>
        public Task MaySend { get; init; } = Task.CompletedTask;

        public DimseResponse Last { get; init; } = new(DimseStatus.Success);

        public int Cancelled => Volatile.Read(ref _cancelled);

        public override bool Supports(DicomUid sopClass) => sopClass == s_find || sopClass == s_get || sopClass == DicomUids.Verification || sopClass == DicomUids.StorageCommitmentPushModel || sopClass == DicomUids.CTImageStorage;

        public override bool Supports(DicomUid sopClass, TransferSyntax transferSyntax) => true;

        public override bool InvokesOnAssociation(DicomUid sopClass) => UidRegistry.IsStorageSopClass(sopClass);

        public override async ValueTask<DimseResponse> HandleAsync(DimseRequest request, CancellationToken cancellationToken)
        {
            switch (request.Command.CommandField)
            {
                case DimseCommand.CFindRequest:
                    await foreach (DicomDataSet match in MatchAsync(cancellationToken))
                    {
                        if (request.IsCancelled)
                        {
                            Interlocked.Increment(ref _cancelled);
                            return new DimseResponse(DimseStatus.Cancel);
                        }

                        await request.SendPendingAsync(match, DimseStatus.Pending, cancellationToken);
                    }

                    return Last;
                case DimseCommand.CGetRequest:
                    return await GetAsync(request, cancellationToken);
                case DimseCommand.NActionRequest:
                    ParseResult<DicomDataSet> information = await request.ReadDataSetAsync(1024, cancellationToken);
                    return Last with { DataSet = information.Value };
                default:
                    return Last;
            }
        }

        private async ValueTask<DimseResponse> GetAsync(DimseRequest request, CancellationToken cancellationToken)
        {
            Assert.True((await request.ReadDataSetAsync(1024, cancellationToken)).Ok);
            await MaySend.WaitAsync(cancellationToken);
            ushort completed = 0, failed = 0;
            for (int i = 0; i < Matches; i++)
            {
                if (request.IsCancelled)
                {
                    Interlocked.Increment(ref _cancelled);
                    return new DimseResponse(DimseStatus.Cancel);
                }

                using MemoryStream bytes = new(new byte[100_000]);
                if (!request.Association.CanStore(DicomUids.CTImageStorage, TransferSyntax.ExplicitVrLittleEndian))
                {
                    failed++;
                    continue;
                }

                DimseResponse stored = await request.Association.StoreAsync(DicomUids.CTImageStorage, new DicomUid($"1.2.{i + 1}"), TransferSyntax.ExplicitVrLittleEndian, bytes, cancellationToken);
                Assert.Equal(DimseStatus.Success, stored.Status);
                completed++;
                await request.SendPendingAsync(new DimseResponse(DimseStatus.Pending) { SubOperations = new SubOperations((ushort)(Matches - completed), completed, failed, 0) }, cancellationToken);
            }

            return Last with { SubOperations = new SubOperations(null, completed, failed, 0) };
        }

        private async IAsyncEnumerable<DicomDataSet> MatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            for (int i = 0; i < Matches; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return new DicomDataSet().SetString(DicomTags.PatientID, $"{i}");
            }

            await Task.CompletedTask;
        }
    }
}
