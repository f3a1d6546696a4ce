using System.Globalization;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp.Tests;

/// <summary>What a destination of C-MOVE is asked for.</summary>
public sealed class MoveDestinationTests
{
    private static readonly DicomUid s_move = DicomUids.StudyRootQueryRetrieveInformationModelMove;
    private static readonly AeTitle s_destination = AeTitle.Parse("DEST");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_C_STORE_says_for_whom_it_is()
    {
        RecordingStore store = new();
        await using StoreServer server = await StoreServer.StartAsync(store);
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync(("DEST", server.Port));
        await gateway.StoreStudyAsync(3);

        DimseResponse response = await MoveAsync(gateway, Study());

        Assert.Equal((DimseStatus.Success, new SubOperations(null, 3, 0, 0)), (response.Status, response.SubOperations));
        Assert.All(store.Received, received => Assert.Equal(("SCU", (ushort)1), (received.Command.MoveOriginator, received.Command.MoveOriginatorMessageId)));
        Assert.Equal([1, 2, 3], store.Received.Select(received => received.DataSet.GetInt32(DicomTags.InstanceNumber)!.Value).Order());
    }

    [Fact]
    public async Task A_destination_that_takes_several_operations_at_once_gets_several_at_once()
    {
        int running = 0;
        int most = 0;
        TaskCompletionSource several = new(TaskCreationOptions.RunContinuationsAsynchronously);
        RecordingStore store = new()
        {
            OnRequest = async () =>
            {
                int now = Interlocked.Increment(ref running);
                most = Math.Max(most, now);
                if (now > 1)
                {
                    several.TrySetResult();
                }

                await several.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
                Interlocked.Decrement(ref running);
            },
        };
        await using StoreServer server = await StoreServer.StartAsync(store);
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync(("DEST", server.Port));
        await gateway.StoreStudyAsync(20);

        Assert.Equal(new SubOperations(null, 20, 0, 0), (await MoveAsync(gateway, Study())).SubOperations);
        Assert.InRange(most, 2, 8);
    }

    [Fact]
    public async Task Instances_of_more_kinds_than_an_association_has_contexts_go_over_several()
    {
        RecordingStore store = new();
        await using StoreServer server = await StoreServer.StartAsync(store);
        await using CuttingRelay relay = new(server.Port, cuts: 0, after: 0);
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync(("DEST", relay.Port));

        // Each is proposed in its own syntax and in two others.
        DicomUid[] classes = [.. UidRegistry.StorageSopClasses.Where(entry => !entry.IsRetired).Take(60).Select(entry => entry.Uid)];
        await gateway.StoreAsync([.. classes.Select((sopClass, index) => (RetrieveGateway.Instance(index + 1, sopClass), TransferSyntax.ExplicitVrBigEndian))]);

        DimseResponse response = await MoveAsync(gateway, Study());

        Assert.Equal((DimseStatus.Success, new SubOperations(null, 60, 0, 0)), (response.Status, response.SubOperations));
        Assert.Equal(60, store.Received.DistinctBy(received => received.Command.SopInstance).Count());
        Assert.Equal(2, relay.Connections);
    }

    [Fact]
    public async Task After_a_lost_association_the_rest_goes_over_a_new_one_and_nothing_is_left_out()
    {
        RecordingStore store = new();
        await using StoreServer server = await StoreServer.StartAsync(store);
        await using CuttingRelay relay = new(server.Port, cuts: 1, after: 500_000);
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync(("DEST", relay.Port));
        await gateway.StoreStudyAsync(20, length: 100_000);

        DimseResponse response = await MoveAsync(gateway, Study());

        Assert.Equal((DimseStatus.Success, new SubOperations(null, 20, 0, 0)), (response.Status, response.SubOperations));
        Assert.Equal(2, relay.Connections);
        Assert.Equal(20, store.Received.DistinctBy(received => received.Command.SopInstance).Count());
    }

    [Fact]
    public async Task A_destination_that_ends_every_association_without_an_answer_is_tried_twice_and_no_more()
    {
        await using StoreServer server = await StoreServer.StartAsync(new RecordingStore());
        await using CuttingRelay relay = new(server.Port, cuts: int.MaxValue, after: 20_000);
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync(("DEST", relay.Port));
        await gateway.StoreStudyAsync(20, length: 100_000);

        DimseResponse response = await MoveAsync(gateway, Study());

        Assert.Equal((DimseStatus.OutOfResourcesSubOperations, new SubOperations(null, 0, 20, 0)), (response.Status, response.SubOperations));
        Assert.Equal(20, response.DataSet!.GetStrings(DicomTags.FailedSOPInstanceUIDList).Distinct().Count());
        Assert.Equal(2, relay.Connections);
    }

    [Fact]
    public async Task A_cancelled_move_tells_how_many_were_not_sent()
    {
        using CancellationTokenSource cancel = new();
        int received = 0;
        RecordingStore store = new() { OnRequest = () => Interlocked.Increment(ref received) == 50 ? cancel.CancelAsync() : Task.CompletedTask };
        await using StoreServer server = await StoreServer.StartAsync(store);
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync(("DEST", server.Port));
        await gateway.StoreStudyAsync(500);
        await using DicomClient client = await ConnectAsync(gateway);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await client.MoveAsync(s_move, Study(), s_destination, null, cancel.Token));

        Assert.Equal(DimseStatus.Success, (await client.EchoAsync(Token)).Status);
        await client.ReleaseAsync(Token);
        Assert.InRange(received, 50, 499);
    }

    /// <summary>The final response to a C-CANCEL, which our own client does not hand out, as its bytes come.</summary>
    [Fact]
    public void A_cancelled_operation_is_answered_with_the_number_of_those_that_remain()
    {
        SubOperationLedger ledger = new(10);
        ledger.Completed(withWarning: false);
        ledger.Completed(withWarning: true);
        ledger.Failed(RetrieveGateway.UidOf(3), "No");

        DimseResponse response = ledger.Conclude(isCancelled: true);

        Assert.Equal((DimseStatus.Cancel, new SubOperations(7, 1, 1, 1)), (response.Status, response.SubOperations));
        Assert.Equal([RetrieveGateway.UidOf(3).Value], response.DataSet!.GetStrings(DicomTags.FailedSOPInstanceUIDList));
    }

    [Fact]
    public void A_cancel_that_comes_after_the_last_sub_operation_changes_nothing()
    {
        SubOperationLedger ledger = new(1);
        ledger.Completed(withWarning: false);

        Assert.Equal((DimseStatus.Success, new SubOperations(null, 1, 0, 0)), (ledger.Conclude(isCancelled: true).Status, ledger.Conclude(isCancelled: true).SubOperations!.Value));
    }

    [Fact]
    public void Numbers_beyond_those_that_can_be_told_are_told_as_the_most()
    {
        SubOperationLedger ledger = new(200_000);
        Assert.Equal(new SubOperations(65535, 0, 0, 0), ledger.Count(withRemaining: true));
        for (int i = 0; i < 70_000; i++)
        {
            ledger.Failed(new DicomUid(string.Create(CultureInfo.InvariantCulture, $"1.2.{i}")), "No");
        }

        Assert.Equal(new SubOperations(65535, 0, 65535, 0), ledger.Count(withRemaining: true));
        ledger.FailRest("No");
        DimseResponse response = ledger.Conclude(isCancelled: false);
        Assert.Equal((DimseStatus.OutOfResourcesSubOperations, new SubOperations(null, 0, 65535, 0)), (response.Status, response.SubOperations));
        Assert.Equal("200000 of 200000 not sent: No", response.ErrorComment);
    }

    private static DicomDataSet Study() => new DicomDataSet().SetString(DicomTags.QueryRetrieveLevel, "STUDY").SetString(DicomTags.StudyInstanceUID, RetrieveGateway.Study);

    private static Task<DicomClient> ConnectAsync(RetrieveGateway gateway) =>
        DicomClient.ConnectAsync(gateway.Options, [new PresentationContext(s_move, [TransferSyntax.ImplicitVrLittleEndian]), PresentationContext.Verification], Token);

    private static async Task<DimseResponse> MoveAsync(RetrieveGateway gateway, DicomDataSet identifier)
    {
        await using DicomClient client = await ConnectAsync(gateway);
        DimseResponse response = await client.MoveAsync(s_move, identifier, s_destination, null, Token);
        await client.ReleaseAsync(Token);
        return response;
    }
}
