using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace MedicalAi.Dicom.Network.Tests;

public sealed class SocketOutputTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_bytes_arrive_in_order_however_they_are_written()
    {
        using WaitingThreads waiting = new(1);
        await using SocketPair pair = await SocketPair.ConnectAsync(waiting, SmallBuffers);
        Random random = new(6);
        byte[] written = new byte[4 * 1024 * 1024];
        random.NextBytes(written);
        Task<byte[]> receiving = pair.ReceiveAsync(written.Length);
        for (int at = 0; at < written.Length;)
        {
            int count = Math.Min(random.Next(1, 100_000), written.Length - at);
            pair.Output.Write(written.AsSpan(at, count));
            at += count;
            if (random.Next(2) == 0 || at == written.Length)
            {
                FlushResult flushed = await pair.Output.FlushAsync(Token);
                Assert.False(flushed.IsCanceled);
                Assert.Equal(0, pair.Output.UnflushedBytes);
            }
        }

        byte[] received = await receiving;
        Assert.True(written.AsSpan().SequenceEqual(received));
    }

    [Fact]
    public async Task A_flush_that_waits_for_the_peer_is_ended_from_outside()
    {
        using WaitingThreads waiting = new(1);
        await using SocketPair pair = await SocketPair.ConnectAsync(waiting, SmallBuffers);
        pair.Output.Write(new byte[16 * 1024 * 1024]);
        Task<FlushResult> flush = pair.Output.FlushAsync(Token).AsTask();
        Assert.False(flush.IsCompleted);
        pair.Output.CancelPendingFlush();
        Assert.True((await flush.WaitAsync(s_limit, Token)).IsCanceled);

        // What was not sent goes with the next flush.
        long rest = pair.Output.UnflushedBytes;
        Assert.InRange(rest, 1, 16 * 1024 * 1024);
        Task<byte[]> receiving = pair.ReceiveAsync(16 * 1024 * 1024);
        Assert.False((await pair.Output.FlushAsync(Token)).IsCanceled);
        await receiving.WaitAsync(s_limit, Token);
    }

    [Fact]
    public async Task A_flush_that_waits_for_the_peer_is_ended_by_its_token()
    {
        using WaitingThreads waiting = new(1);
        await using SocketPair pair = await SocketPair.ConnectAsync(waiting, SmallBuffers);
        using CancellationTokenSource source = new();
        pair.Output.Write(new byte[16 * 1024 * 1024]);
        Task<FlushResult> flush = pair.Output.FlushAsync(source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flush.WaitAsync(s_limit, Token));
    }

    [Fact]
    public async Task Writing_to_a_peer_that_is_gone_is_a_lost_connection()
    {
        using WaitingThreads waiting = new(1);
        await using SocketPair pair = await SocketPair.ConnectAsync(waiting);
        pair.Peer.Close(timeout: 0);
        Exception? exception = null;
        for (int i = 0; i < 1000 && exception is null; i++)
        {
            pair.Output.Write(new byte[100_000]);
            exception = await Record.ExceptionAsync(() => pair.Output.FlushAsync(Token).AsTask().WaitAsync(s_limit, Token));
        }

        Assert.NotNull(exception);
        Assert.True(Association.IsConnectionLoss(exception), exception.ToString());
    }

    [Fact]
    public async Task What_was_sent_is_wiped()
    {
        using WaitingThreads waiting = new(1);
        await using SocketPair pair = await SocketPair.ConnectAsync(waiting);
        Memory<byte> memory = pair.Output.GetMemory(1000);
        memory.Span[..1000].Fill(7);
        pair.Output.Advance(1000);
        await pair.Output.FlushAsync(Token);
        Assert.False(memory.Span[..1000].ContainsAnyExcept((byte)0));
    }

    private static void SmallBuffers(Socket socket) => (socket.SendBufferSize, socket.ReceiveBufferSize) = (16 * 1024, 16 * 1024);
}
