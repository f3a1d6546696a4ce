using System.Buffers;

namespace MedicalAi.Dicom.Network.Tests;

/// <summary>Alone, as it measures the memory of the process.</summary>
[Collection(nameof(StreamingTests))]
public sealed class AssociationMemoryTests
{
    private const int Associations = 200;

    // Less than the smallest buffer: one that is held shows.
    private const int Bound = 40 * 1024;

    [Fact]
    public async Task Associations_that_wait_hold_no_buffers()
    {
        SinkService sink = new();
        await using TestServer server = await TestServer.StartAsync(sink);
        List<RawPeer> peers = [];
        try
        {
            await OpenAsync(1);
            FillSharedPool();
            long before = GC.GetTotalMemory(forceFullCollection: true);
            await OpenAsync(Associations);

            // A connection is quiet some milliseconds after its last byte.
            long each = long.MaxValue;
            for (int i = 0; i < 100 && each > Bound; i++)
            {
                await Task.Delay(100, TestContext.Current.CancellationToken);
                each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Associations;
            }

            Assert.InRange(each, 0, Bound);
            Assert.Equal(Associations + 1, sink.Requests);
        }
        finally
        {
            peers.ForEach(peer => peer.Dispose());
        }

        // What it keeps of buffers that were given back depends on how many were lent at once: that is no matter of those that wait.
        static void FillSharedPool()
        {
            for (int size = 64 * 1024; size <= 256 * 1024; size *= 2)
            {
                byte[][] lent = [.. Enumerable.Range(0, Associations).Select(_ => ArrayPool<byte>.Shared.Rent(size))];
                Array.ForEach(lent, bytes => ArrayPool<byte>.Shared.Return(bytes));
            }
        }

        async Task OpenAsync(int count)
        {
            for (int i = 0; i < count; i++)
            {
                RawPeer peer = await RawPeer.AssociateAsync(server.Port);
                peers.Add(peer);
                await peer.SendCommandAsync(3, new DimseCommand { CommandField = DimseCommand.CStoreRequest, MessageId = 1, SopClass = DicomUids.CTImageStorage, SopInstance = new DicomUid("1.2.3"), HasDataSet = true });
                await peer.SendDataAsync(3, new byte[120_000]);
                Assert.Equal(DimseStatus.Success, (await peer.ReadCommandAsync()).Status);
            }
        }
    }
}
