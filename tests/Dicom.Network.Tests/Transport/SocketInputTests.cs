using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace MedicalAi.Dicom.Network.Tests;

public sealed class SocketInputTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    /// <summary>How many threads wait: none, so that the framework waits, or some.</summary>
    public static TheoryData<int> Threads => [0, 2];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Threads))]
    public async Task All_bytes_come_in_order_however_they_are_sent_and_taken(int threads)
    {
        using WaitingThreads waiting = new(threads);
        await using SocketPair pair = await SocketPair.ConnectAsync(waiting);
        Random random = new(4);
        byte[] sent = new byte[8 * 1024 * 1024];
        random.NextBytes(sent);
        Task sending = Task.Run(
            async () =>
            {
                Random sizes = new(5);
                for (int at = 0; at < sent.Length;)
                {
                    int count = Math.Min(sizes.Next(3) == 0 ? sizes.Next(1, 20) : sizes.Next(1, 300_000), sent.Length - at);
                    await pair.SendAsync(sent[at..(at + count)]);
                    at += count;
                }

                pair.Peer.Shutdown(SocketShutdown.Send);
            },
            Token);
        int position = 0;
        while (true)
        {
            int wanted = random.Next(4) == 0 ? random.Next(1, 400_000) : random.Next(1, 200);
            ReadResult result = await pair.Input.ReadAtLeastAsync(wanted, Token);
            Assert.True(result.Buffer.Length >= wanted || result.IsCompleted);
            int taken = random.Next(3) == 0 ? (int)result.Buffer.Length : random.Next((int)result.Buffer.Length + 1);
            Assert.True(result.Buffer.Slice(0, taken).ToArray().AsSpan().SequenceEqual(sent.AsSpan(position, taken)));
            position += taken;
            bool isAtEnd = result.IsCompleted && taken == result.Buffer.Length;
            pair.Input.AdvanceTo(result.Buffer.GetPosition(taken), random.Next(2) == 0 ? result.Buffer.End : result.Buffer.GetPosition(taken));
            if (isAtEnd)
            {
                break;
            }
        }

        await sending;
        Assert.Equal(sent.Length, position);
    }

    [Theory]
    [MemberData(nameof(Threads))]
    public async Task What_was_looked_at_does_not_end_the_next_read(int threads)
    {
        using WaitingThreads waiting = new(threads);
        await using SocketPair pair = await SocketPair.ConnectAsync(waiting);
        await pair.SendAsync(1, 2);
        ReadResult first = await pair.Input.ReadAtLeastAsync(2, Token);
        pair.Input.AdvanceTo(first.Buffer.Start, first.Buffer.End);
        Task<ReadResult> second = pair.Input.ReadAsync(Token).AsTask();
        Assert.False(second.IsCompleted);
        await pair.SendAsync(3);
        Assert.Equal([1, 2, 3], (await second.WaitAsync(s_limit, Token)).Buffer.ToArray());
    }

    [Theory]
    [MemberData(nameof(Threads))]
    public async Task A_read_that_waits_is_ended_from_outside_and_loses_nothing(int threads)
    {
        using WaitingThreads waiting = new(threads);
        await using SocketPair pair = await SocketPair.ConnectAsync(waiting);
        for (int i = 0; i < 20; i++)
        {
            Task<ReadResult> read = pair.Input.ReadAtLeastAsync(100, Token).AsTask();
            if (i % 4 == 3)
            {
                await pair.SendAsync((byte)i);
            }

            // Sooner and later: while a thread waits, and when it has given the wait away.
            await Task.Delay(i % 2 * 50, Token);
            pair.Input.CancelPendingRead();
            ReadResult result = await read.WaitAsync(s_limit, Token);
            Assert.True(result.IsCanceled);
            pair.Input.AdvanceTo(result.Buffer.Start);
        }

        await pair.SendAsync(99);
        ReadResult last = await pair.Input.ReadAtLeastAsync(6, Token).AsTask().WaitAsync(s_limit, Token);
        Assert.Equal([3, 7, 11, 15, 19, 99], last.Buffer.ToArray());
    }

    [Theory]
    [MemberData(nameof(Threads))]
    public async Task A_read_that_waits_is_ended_by_its_token_and_the_next_one_goes_on(int threads)
    {
        using WaitingThreads waiting = new(threads);
        await using SocketPair pair = await SocketPair.ConnectAsync(waiting);
        for (int i = 0; i < 4; i++)
        {
            using CancellationTokenSource source = new();
            Task<ReadResult> read = pair.Input.ReadAsync(source.Token).AsTask();
            await Task.Delay(i % 2 * 50, Token);
            await source.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(s_limit, Token));
        }

        await pair.SendAsync(1);
        Assert.Equal([1], (await pair.Input.ReadAsync(Token).AsTask().WaitAsync(s_limit, Token)).Buffer.ToArray());
    }

    [Theory]
    [MemberData(nameof(Threads))]
    public async Task The_end_of_the_peer_is_told_after_its_last_bytes(int threads)
    {
        using WaitingThreads waiting = new(threads);
        await using SocketPair pair = await SocketPair.ConnectAsync(waiting);
        await pair.SendAsync(1, 2, 3);
        pair.Peer.Shutdown(SocketShutdown.Send);
        ReadResult result = await pair.Input.ReadAtLeastAsync(100, Token).AsTask().WaitAsync(s_limit, Token);
        Assert.True(result.IsCompleted);
        Assert.Equal([1, 2, 3], result.Buffer.ToArray());
    }

    [Theory]
    [MemberData(nameof(Threads))]
    public async Task A_reset_of_the_peer_is_a_lost_connection(int threads)
    {
        using WaitingThreads waiting = new(threads);
        await using SocketPair pair = await SocketPair.ConnectAsync(waiting);
        Task<ReadResult> read = pair.Input.ReadAsync(Token).AsTask();
        pair.Peer.Close(timeout: 0);
        await Assert.ThrowsAsync<ConnectionResetException>(() => read.WaitAsync(s_limit, Token));
    }

    [Theory]
    [MemberData(nameof(Threads))]
    public async Task A_read_that_waits_ends_when_we_abort_the_connection(int threads)
    {
        using WaitingThreads waiting = new(threads);
        await using SocketPair pair = await SocketPair.ConnectAsync(waiting);
        for (int delay = 0; delay <= 50; delay += 50)
        {
            Task<ReadResult> read = pair.Input.ReadAsync(Token).AsTask();
            await Task.Delay(delay, Token);
            pair.Connection.Abort(new ConnectionAbortedException());
            Exception? exception = await Record.ExceptionAsync(() => read.WaitAsync(s_limit, Token));
            Assert.True(exception is null ? (await read).IsCompleted : Association.IsConnectionLoss(exception), exception?.ToString());
        }

        Assert.True(pair.Connection.ConnectionClosed.WaitHandle.WaitOne(s_limit));
    }

    [Fact]
    public async Task One_thread_serves_many_connections_of_which_most_are_quiet()
    {
        using WaitingThreads waiting = new(1);
        List<SocketPair> pairs = [];
        try
        {
            List<Task<ReadResult>> reads = [];
            for (int i = 0; i < 20; i++)
            {
                pairs.Add(await SocketPair.ConnectAsync(waiting));
                reads.Add(pairs[i].Input.ReadAsync(Token).AsTask());
            }

            for (int i = pairs.Count - 1; i >= 0; i--)
            {
                await pairs[i].SendAsync((byte)i);
                Assert.Equal([(byte)i], (await reads[i].WaitAsync(s_limit, Token)).Buffer.ToArray());
            }
        }
        finally
        {
            foreach (SocketPair pair in pairs)
            {
                await pair.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Connections_that_are_busy_by_turns_share_the_threads_and_none_is_forgotten()
    {
        using WaitingThreads waiting = new(3);
        await Task.WhenAll(Enumerable.Range(0, 24).Select(ExchangeAsync));

        async Task ExchangeAsync(int number)
        {
            await using SocketPair pair = await SocketPair.ConnectAsync(waiting);
            Random random = new(number);
            for (int i = 0; i < 100; i++)
            {
                Task<ReadResult> read = pair.Input.ReadAsync(Token).AsTask();
                if (random.Next(20) == 0)
                {
                    await Task.Delay(random.Next(40), Token);
                }

                await pair.SendAsync((byte)i);
                ReadResult result = await read.WaitAsync(s_limit, Token);
                Assert.Equal([(byte)i], result.Buffer.ToArray());
                pair.Input.AdvanceTo(result.Buffer.End);
            }
        }
    }

    [Fact]
    public async Task What_was_received_is_wiped_when_the_buffer_is_given_back()
    {
        using WaitingThreads waiting = new(0);
        await using SocketPair pair = await SocketPair.ConnectAsync(waiting);
        await pair.SendAsync([.. Enumerable.Repeat((byte)7, 50_000)]);
        ReadResult result = await pair.Input.ReadAtLeastAsync(50_000, Token);
        SequenceReader<byte> reader = new(result.Buffer);
        ReadOnlyMemory<byte> memory = result.Buffer.First;
        Assert.True(reader.IsNext(7));
        pair.Input.Complete();
        Assert.False(memory.Span.ContainsAnyExcept((byte)0));
    }
}
