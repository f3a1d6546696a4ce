using System.Buffers;
using System.IO.Pipelines;

namespace MedicalAi.Dicom.Network.Tests;

public sealed class PduChannelTests
{
    [Fact]
    public async Task Data_are_read_without_a_copy_and_with_one_small_object_a_PDU()
    {
        const int Count = 1000;
        byte[] pdu = new byte[PduChannel.DataOverhead + 16_000];
        PduEncoder.DataHeader(pdu, context: 1, command: false, last: false, 16_000);
        ReadOnlySequence<byte> sent = new([.. Enumerable.Repeat(pdu, Count).SelectMany(bytes => bytes)]);
        Assert.Equal(Count, await ReadAsync(sent));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Task<int> read = ReadAsync(sent);
        Assert.True(read.IsCompletedSuccessfully); // Else it was not all on this thread.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Count, 0, 100);
    }

    [Fact]
    public async Task A_connection_that_is_given_up_while_a_flush_begins_is_not_waited_for()
    {
        BlockedOutput output = new();
        using PduChannel channel = new(PipeReader.Create(Stream.Null), output, 32_768) { Timeout = TimeSpan.FromMinutes(10) };
        output.OnFlush = channel.Interrupt;
        Assert.False(await channel.WriteAsync(new ReleaseRequest(), TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    private static async Task<int> ReadAsync(ReadOnlySequence<byte> sent)
    {
        using PduChannel channel = new(PipeReader.Create(sent), PipeWriter.Create(Stream.Null), 32_768) { Timeout = TimeSpan.FromMinutes(1) };
        int count = 0;
        while (await channel.ReadAsync(stoppable: false, CancellationToken.None) is { Status: PduReadStatus.Ok, Pdu: DataTransfer data })
        {
            count += data.Body.Length == 16_006 ? 1 : 0;
        }

        return count;
    }

    /// <summary>The output to a peer that takes nothing.</summary>
    private sealed class BlockedOutput : PipeWriter
    {
        private readonly TaskCompletionSource<FlushResult> _flush = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Action OnFlush { get; set; } = () => { };

        public override void Advance(int bytes)
        {
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => new byte[Math.Max(sizeHint, 64)];

        public override Span<byte> GetSpan(int sizeHint = 0) => new byte[Math.Max(sizeHint, 64)];

        public override void CancelPendingFlush() => _flush.TrySetResult(new FlushResult(isCanceled: true, isCompleted: false));

        public override void Complete(Exception? exception = null)
        {
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            OnFlush();
            return new ValueTask<FlushResult>(_flush.Task);
        }
    }
}
