using System.Buffers;

namespace MedicalAi.Dicom.Network.Tests;

/// <summary>Operations with several responses.</summary>
public sealed class PendingResponseTests
{
    private static readonly DicomDataSet s_match = new DicomDataSet().SetString(DicomTags.PatientID, "P1");

    [Fact]
    public async Task A_cancel_of_the_operation_is_seen_while_it_runs_and_one_of_another_is_not()
    {
        TaskCompletionSource otherCancelSent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool wasCancelledByOther = true;
        SinkService service = new()
        {
            OnRequest = async (request, cancellationToken) =>
            {
                await request.SendPendingAsync(s_match, DimseStatus.Pending, cancellationToken);
                await otherCancelSent.Task.WaitAsync(cancellationToken);
                wasCancelledByOther = request.IsCancelled;
                await request.SendPendingAsync(s_match, DimseStatus.PendingWithUnsupportedKeys, cancellationToken);
                while (!request.IsCancelled)
                {
                    await Task.Yield();
                }

                return new DimseResponse(DimseStatus.Cancel);
            },
        };
        await using TestServer server = await TestServer.StartAsync(service);
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port);
        await peer.SendCommandAsync(1, Find(7));
        await ReadPendingAsync(peer, 7, DimseStatus.Pending);
        await peer.SendCommandAsync(1, Find(6) with { CommandField = DimseCommand.CCancelRequest });
        otherCancelSent.SetResult();
        await ReadPendingAsync(peer, 7, DimseStatus.PendingWithUnsupportedKeys);
        Assert.False(wasCancelledByOther);
        await peer.SendCommandAsync(1, Find(7) with { CommandField = DimseCommand.CCancelRequest });
        DimseCommand last = await peer.ReadCommandAsync();
        Assert.Equal(((ushort)7, DimseStatus.Cancel, false), (last.MessageId, last.Status, last.HasDataSet));
    }

    [Fact]
    public async Task A_request_that_comes_within_an_operation_is_answered_after_it()
    {
        SinkService service = new()
        {
            Keep = true,
            OnRequest = async (request, cancellationToken) =>
            {
                if (request.Command.MessageId == 7)
                {
                    await request.SendPendingAsync(s_match, DimseStatus.Pending, cancellationToken);
                    Assert.False(request.IsCancelled);
                    await request.SendPendingAsync(s_match, DimseStatus.Pending, cancellationToken);
                    return new DimseResponse(DimseStatus.Success);
                }

                return null;
            },
        };
        await using TestServer server = await TestServer.StartAsync(service);
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port);

        // All of it in one write, so that the second request is there when the first one begins.
        Buffer(peer, 1, Find(7));
        Buffer(peer, 3, Find(8) with { CommandField = DimseCommand.CStoreRequest, SopClass = DicomUids.CTImageStorage, SopInstance = new("1.2.3"), HasDataSet = true });
        await peer.SendDataAsync(3, [1, 2, 3, 4]);
        await ReadPendingAsync(peer, 7, DimseStatus.Pending);
        await ReadPendingAsync(peer, 7, DimseStatus.Pending);
        Assert.Equal((ushort)7, (await peer.ReadCommandAsync()).MessageId);
        DimseCommand second = await peer.ReadCommandAsync();
        Assert.Equal(((ushort)8, DimseStatus.Success), (second.MessageId, second.Status));
        Assert.Equal([1, 2, 3, 4], Assert.Single(service.Received).DataSet);
    }

    [Fact]
    public async Task A_release_request_within_an_operation_ends_it_and_is_answered_after_it()
    {
        SinkService service = new()
        {
            OnRequest = async (request, cancellationToken) =>
            {
                while (!request.IsCancelled)
                {
                    await Task.Yield();
                }

                return null;
            },
        };
        await using TestServer server = await TestServer.StartAsync(service);
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port);
        await peer.SendCommandAsync(1, Find(7));
        await peer.SendAsync(new ReleaseRequest());
        Assert.Equal((ushort)7, (await peer.ReadCommandAsync()).MessageId);
        Assert.IsType<ReleaseResponse>(await peer.ReadAsync());
    }

    private static DimseCommand Find(ushort id) => new() { CommandField = DimseCommand.CFindRequest, MessageId = id, SopClass = DicomUids.Verification };

    private static void Buffer(RawPeer peer, byte context, DimseCommand command)
    {
        byte[] bytes = new byte[DimseCommand.MaxEncodedLength];
        peer.Channel.Buffer(context, isCommand: true, bytes.AsSpan(0, command.Encode(bytes)));
    }

    private static async Task ReadPendingAsync(RawPeer peer, ushort id, ushort status)
    {
        DimseCommand command = await peer.ReadCommandAsync();
        Assert.Equal((id, status, true, (ushort)0x8020), (command.MessageId, command.Status, command.HasDataSet, command.CommandField));
        DataTransfer data = Assert.IsType<DataTransfer>(await peer.ReadAsync());
        DicomDataSet identifier = DicomDataSet.Parse(data.Body.ToArray().AsMemory(6), TransferSyntax.ImplicitVrLittleEndian).Value;
        Assert.Equal("P1", identifier.GetString(DicomTags.PatientID));
    }
}
