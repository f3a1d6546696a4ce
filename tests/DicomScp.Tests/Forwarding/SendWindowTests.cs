using System.Collections.Concurrent;
using System.Diagnostics;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;
using static MedicalAi.DicomScp.Tests.ForwardingGateway;

namespace MedicalAi.DicomScp.Tests;

/// <summary>Several C-STORE operations at once on an association, where the destination agrees to a window.</summary>
public sealed class SendWindowTests : IDisposable
{
    private const string Four = """, "operationsWindow": 4""";
    private readonly TempFolder _folder = new();
    private readonly string _data;

    public SendWindowTests() => _data = Directory.CreateDirectory(_folder.File("data")).FullName;

    private static void InterlockedMax(ref int most, int now)
    {
        for (int seen; (seen = Volatile.Read(ref most)) < now && Interlocked.CompareExchange(ref most, now, seen) != seen;)
        {
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_destination_that_agrees_gets_as_many_at_once_as_are_wanted_and_no_more()
    {
        int running = 0;
        int most = 0;
        TaskCompletionSource four = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using StoreServer peer = await StoreServer.StartAsync(new RecordingStore
        {
            OnRequest = async () =>
            {
                int now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                if (now >= 4)
                {
                    four.TrySetResult();
                }

                try
                {
                    await four.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
                    await Task.Delay(5, Token);
                }
                finally
                {
                    Interlocked.Decrement(ref running);
                }
            },
        });
        await using ForwardingGateway gateway = await StartWithFullQueueAsync(_data, 50);
        gateway.Change(Destination("PACS", peer.Port, Four), All("PACS"));
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 50);
        Assert.Equal(4, most);
        Assert.All(await gateway.ListAsync("PACS"), item => Assert.Equal((1, null), (item.Attempts, item.Error)));
    }

    [Fact]
    public async Task A_destination_that_does_not_agree_gets_one_after_another()
    {
        string received = Directory.CreateDirectory(_folder.File("received")).FullName;
        await using StoreScp peer = await StoreScp.StartAsync(received, "+uf");
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(_data, Destination("PACS", peer.Port, Four), All("PACS"));
        IReadOnlyList<DicomUid> stored = await gateway.StoreAsync(50);
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 50);
        Assert.Equal(stored.Order(), (await ReadReceivedAsync(received)).Order());
    }

    [Fact]
    public async Task Another_gateway_and_Orthanc_get_everything_once()
    {
        await using TestGateway other = await TestGateway.StartAsync();
        await using Orthanc orthanc = await Orthanc.StartAsync(Token);
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(
            _data, $"{Destination("MEDICALAI", other.Port, Four)}, {Destination(Orthanc.AeTitle, orthanc.Port, Four)}", $$"""{ "name": "r", "to": ["MEDICALAI", "{{Orthanc.AeTitle}}"] }""");
        IReadOnlyList<DicomUid> stored = await gateway.StoreAsync(200);
        foreach (string title in (string[])["MEDICALAI", Orthanc.AeTitle])
        {
            await gateway.WaitForAsync(title, ForwardState.Sent, 200);
            Assert.All(await gateway.ListAsync(title), item => Assert.Equal((1, null), (item.Attempts, item.Error)));
        }

        foreach (DicomUid instance in stored)
        {
            Assert.NotNull(await other.Reader.FindInstanceAsync(null, null, instance, Token));
        }
    }

    [Fact]
    public async Task Where_the_association_is_lost_the_oldest_under_way_counts_as_tried_and_the_others_do_not()
    {
        int count = 0;
        TaskCompletionSource held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource cut = new(TaskCreationOptions.RunContinuationsAsynchronously);
        RecordingStore store = new()
        {
            OnRequest = async () =>
            {
                // The first two are answered, the next four are not.
                int number = Interlocked.Increment(ref count);
                if (number == 6)
                {
                    held.SetResult();
                }

                await (number is > 2 and <= 6 ? cut.Task.WaitAsync(Token) : Task.CompletedTask);
            },
        };
        await using StoreServer peer = await StoreServer.StartAsync(store);
        await using LatentRelay relay = new(peer.Port, TimeSpan.Zero);
        await using ForwardingGateway gateway = await StartWithFullQueueAsync(_data, 20);
        gateway.Change(Destination("PACS", relay.Port, Four), All("PACS"));
        await held.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 2);
        relay.Cut();
        cut.SetResult();
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 20);
        ForwardItem[] inOrder = [.. (await gateway.ListAsync("PACS")).OrderBy(item => item.Id)];
        Assert.Equal([.. Enumerable.Repeat(1, 2), 2, .. Enumerable.Repeat(1, 17)], inOrder.Select(item => item.Attempts));
    }

    [Fact]
    public async Task Each_of_those_under_way_gets_its_own_answer_also_when_the_destination_is_out_of_resources()
    {
        ConcurrentDictionary<DicomUid, int> seen = [];
        await using StoreServer peer = await StoreServer.StartAsync(new RecordingStore(request => seen.AddOrUpdate(request.Command.SopInstance!.Value, 1, (_, times) => times + 1) switch
        {
            1 when request.Command.SopInstance.Value.Value.EndsWith(".3", StringComparison.Ordinal) => new DimseResponse(DimseStatus.OutOfResources, "full"),
            1 when request.Command.SopInstance.Value.Value.EndsWith(".5", StringComparison.Ordinal) => new DimseResponse(0xC000, "cannot understand"),
            1 when request.Command.SopInstance.Value.Value.EndsWith(".7", StringComparison.Ordinal) => new DimseResponse(0xB000, "coerced"),
            _ => null,
        }));
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(_data, Destination("PACS", peer.Port, Four), All("PACS"));
        await gateway.StoreAsync(9);
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 8);
        ForwardItem[] all = [.. (await gateway.ListAsync("PACS")).OrderBy(item => item.SopInstance)];
        Assert.Equal([1, 1, 2, 1, 1, 1, 1, 1, 1], all.Select(item => item.Attempts));
        Assert.Equal(ForwardState.Dead, all[4].State);
        Assert.Contains("C000", all[4].Error, StringComparison.Ordinal);
        Assert.Equal((ForwardState.Sent, "stored with a warning (B000): coerced"), (all[6].State, all[6].Error));
        Assert.All(seen, one => Assert.Equal(one.Key == all[2].SopInstance ? 2 : 1, one.Value));
    }

    [Fact]
    public async Task A_throttle_keeps_the_rate_with_a_window_too()
    {
        RecordingStore store = new();
        await using StoreServer peer = await StoreServer.StartAsync(store);
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(_data, Destination("PACS", peer.Port, Four + """, "instancesPerSecond": 10"""), All("PACS"));
        long begin = Environment.TickCount64;
        await gateway.StoreAsync(15);
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 15);
        Assert.True(Environment.TickCount64 - begin >= 1400, "15 instances at 10 in a second take 1.4 s.");
    }

    [Fact]
    public async Task A_stop_with_several_under_way_finishes_them_and_sends_nothing_twice()
    {
        RecordingStore store = new() { OnRequest = () => Task.Delay(20, Token) };
        await using StoreServer peer = await StoreServer.StartAsync(store);
        await using (ForwardingGateway before = await ForwardingGateway.StartAsync(_data, Destination("PACS", peer.Port, Four), All("PACS")))
        {
            await before.StoreAsync(200);
            await WaitUntilAsync(() => Task.FromResult(store.Received.Count >= 20));
        }

        Assert.True(store.Received.Count < 200, "It was stopped too late.");
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(_data, Destination("PACS", peer.Port, Four), All("PACS"));
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 200);
        Assert.Equal(200, store.Received.Count);
        Assert.All(await gateway.ListAsync("PACS"), item => Assert.Equal(1, item.Attempts));
    }

    [Fact]
    public async Task Over_a_long_line_a_window_takes_less_time_than_there_must_be_without_one()
    {
        // Without a window, each but the first waits for the answer to the one before: there and back.
        TimeSpan oneWay = TimeSpan.FromMilliseconds(20);
        TimeSpan least = 49 * 2 * oneWay;
        Assert.True(await MeasureAsync(oneWay, 1, 50) >= least);
        TimeSpan eight = await MeasureAsync(oneWay, 8, 50);
        Assert.True(eight < least, $"It took {eight}.");
    }

    /// <summary>A gateway with so many instances for a destination that is not there.</summary>
    private static async Task<ForwardingGateway> StartWithFullQueueAsync(string data, int count)
    {
        ForwardingGateway gateway = await ForwardingGateway.StartAsync(data, Destination("PACS", StoreScp.FindFreePort()), All("PACS"));
        await gateway.StoreAsync(count);
        await WaitUntilAsync(async () => (await gateway.Queue.CountItemsAsync(Token)).GetValueOrDefault("PACS") is var depth && depth.Queued + depth.Sending == count);
        return gateway;
    }

    /// <summary>How long it takes from the first instance to the last over a line, with a window of so many.</summary>
    private async Task<TimeSpan> MeasureAsync(TimeSpan oneWay, int window, int count)
    {
        ConcurrentQueue<long> at = [];
        await using StoreServer peer = await StoreServer.StartAsync(new RecordingStore
        {
            OnRequest = () =>
            {
                at.Enqueue(Stopwatch.GetTimestamp());
                return Task.CompletedTask;
            },
        });
        await using LatentRelay relay = new(peer.Port, oneWay);
        string data = Directory.CreateDirectory(_folder.File($"data{window}")).FullName;
        await using ForwardingGateway gateway = await StartWithFullQueueAsync(data, count);
        gateway.Change(Destination("PACS", relay.Port, $$""", "operationsWindow": {{window}}"""), All("PACS"));
        await WaitUntilAsync(() => Task.FromResult(at.Count == count));
        return Stopwatch.GetElapsedTime(at.Min(), at.Max());
    }
}
