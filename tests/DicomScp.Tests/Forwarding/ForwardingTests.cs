using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Testing;
using static MedicalAi.DicomScp.Tests.ForwardingGateway;

namespace MedicalAi.DicomScp.Tests;

/// <summary>What reaches storescp of DCMTK, whatever happens on the way.</summary>
public sealed class ForwardingTests : IDisposable
{
    // A file of its own for each instance that comes, even if it came before.
    private const string UniqueNames = "+uf";
    private readonly TempFolder _folder = new();
    private readonly string _data;
    private readonly string _received;

    public ForwardingTests()
    {
        _data = Directory.CreateDirectory(_folder.File("data")).FullName;
        _received = Directory.CreateDirectory(_folder.File("received")).FullName;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_comes_in_goes_to_the_destination_with_the_same_bytes()
    {
        await using StoreScp peer = await StoreScp.StartAsync(_received, UniqueNames);
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(_data, Destination("PACS", peer.Port), All("PACS"));
        IReadOnlyList<DicomUid> stored = await gateway.StoreAsync(150);
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 150);
        Assert.Equal(Sorted(stored), Sorted(await ReadReceivedAsync(_received)));
        foreach (string file in Directory.GetFiles(_received).Take(5))
        {
            Dicom.Network.InstanceFile read = (await Dicom.Network.InstanceFile.ReadAsync(file, Token)).Value;
            InstanceRow row = (await gateway.Studies.FindInstanceAsync(read.SopInstance, Token))!;
            Assert.Equal(row.Digest.ToArray(), System.Security.Cryptography.SHA256.HashData((await File.ReadAllBytesAsync(file, Token)).AsSpan((int)read.DataSetOffset)));
        }

        Assert.All(await gateway.ListAsync("PACS"), item => Assert.Equal((1, "all-to-PACS", null), (item.Attempts, item.Rule, item.Error)));
    }

    [Fact]
    public async Task A_destination_that_is_killed_in_the_middle_and_started_again_gets_everything()
    {
        int port = StoreScp.FindFreePort();
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(_data, Destination("PACS", port), All("PACS"));
        IReadOnlyList<DicomUid> stored;
        await using (await StoreScp.StartAsync(port, _received, UniqueNames))
        {
            stored = await gateway.StoreAsync(400);
            await WaitUntilAsync(() => Task.FromResult(Directory.GetFiles(_received).Length >= 60));
        }

        Assert.True(Directory.GetFiles(_received).Length < 400, "It was killed too late.");
        await WaitUntilAsync(() => Task.FromResult(gateway.Status.FindProblem("PACS") is not null));
        string second = Directory.CreateDirectory(_folder.File("second")).FullName;
        await using StoreScp again = await StoreScp.StartAsync(port, second, UniqueNames);
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 400);
        DicomUid[] received = [.. await ReadReceivedAsync(_received), .. await ReadReceivedAsync(second)];
        Assert.Equal(Sorted(stored), Sorted(received.Distinct()));

        // The one whose answer was lost comes again; no other does.
        Assert.InRange(received.Length, 400, 401);
        Assert.Null(gateway.Status.FindProblem("PACS"));
    }

    [Fact]
    public async Task A_destination_that_is_down_does_not_hold_up_the_other()
    {
        await using StoreScp peer = await StoreScp.StartAsync(_received);
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(
            _data, $"{Destination("DOWN", StoreScp.FindFreePort())}, {Destination("PACS", peer.Port)}", """{ "name": "both", "to": ["DOWN", "PACS"] }""");
        await gateway.StoreAsync(30);
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 30);
        await WaitUntilAsync(() => Task.FromResult(gateway.Status.FindProblem("DOWN") is not null));
        Assert.Contains("cannot be reached", gateway.Status.FindProblem("DOWN")!.Value.Problem, StringComparison.Ordinal);
        IReadOnlyList<ForwardItem> waiting = await gateway.ListAsync("DOWN", ForwardState.Queued);
        Assert.InRange(waiting.Count, 1, 30);
        Assert.All(await gateway.ListAsync("DOWN"), item => Assert.Equal(0, item.Attempts));
    }

    [Fact]
    public async Task A_restart_with_a_full_queue_sends_each_instance_once()
    {
        int port = StoreScp.FindFreePort();
        IReadOnlyList<DicomUid> stored;
        await using (ForwardingGateway before = await ForwardingGateway.StartAsync(_data, Destination("PACS", port), All("PACS")))
        {
            stored = await before.StoreAsync(80);
            await WaitUntilAsync(async () => (await before.ListAsync("PACS")).Count == 80);
        }

        await using StoreScp peer = await StoreScp.StartAsync(port, _received, UniqueNames);
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(_data, Destination("PACS", port), All("PACS"));
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 80);
        Assert.Equal(Sorted(stored), Sorted(await ReadReceivedAsync(_received)));
        Assert.All(await gateway.ListAsync("PACS"), item => Assert.Equal(1, item.Attempts));
    }

    [Fact]
    public async Task A_stop_in_the_middle_gives_back_what_is_not_sent_and_nothing_is_sent_twice()
    {
        await using StoreScp peer = await StoreScp.StartAsync(_received, UniqueNames);
        IReadOnlyList<DicomUid> stored;
        await using (ForwardingGateway before = await ForwardingGateway.StartAsync(_data, Destination("PACS", peer.Port), All("PACS")))
        {
            stored = await before.StoreAsync(400);
            await WaitUntilAsync(() => Task.FromResult(Directory.GetFiles(_received).Length >= 40));
        }

        Assert.True(Directory.GetFiles(_received).Length < 400, "It was stopped too late.");
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(_data, Destination("PACS", peer.Port), All("PACS"));
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 400);
        Assert.Equal(Sorted(stored), Sorted(await ReadReceivedAsync(_received)));
        Assert.All(await gateway.ListAsync("PACS"), item => Assert.Equal(1, item.Attempts));
    }

    [Fact]
    public async Task A_destination_that_is_added_while_it_runs_gets_what_comes_from_then_on()
    {
        await using StoreScp peer = await StoreScp.StartAsync(_received);
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(_data, "", "");
        await gateway.StoreAsync(5);
        gateway.Change(Destination("PACS", peer.Port), All("PACS"));
        await WaitUntilAsync(async () =>
        {
            // It is added within about a second; from then on, new ones come.
            await gateway.StoreAsync(1, study: $"1.2.4.{Environment.TickCount64}");
            return await gateway.CountAsync("PACS", ForwardState.Sent) > 0;
        });
        Assert.DoesNotContain(await ReadReceivedAsync(_received), uid => uid.Value.StartsWith("1.2.3.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_destination_whose_address_is_put_right_is_tried_at_once()
    {
        await using StoreScp peer = await StoreScp.StartAsync(_received);
        const string Slow = """, "longestRetrySeconds": 3600, "firstRetrySeconds": 3600""";
        string wrong = Destination("PACS", StoreScp.FindFreePort()).Replace(""" "firstRetrySeconds": 0.1, "longestRetrySeconds": 0.5""", Slow[1..], StringComparison.Ordinal);
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(_data, wrong, All("PACS"));
        await gateway.StoreAsync(3);
        await WaitUntilAsync(() => Task.FromResult(gateway.Status.FindProblem("PACS") is not null));
        gateway.Change(Destination("PACS", peer.Port), All("PACS"));
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 3);
    }

    [Fact]
    public async Task What_is_urgent_goes_before_what_waits()
    {
        int port = StoreScp.FindFreePort();
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(
            _data, Destination("PACS", port), """{ "name": "slow", "to": ["PACS"], "callers": ["CT1"], "priority": "low" }, { "name": "fast", "to": ["PACS"], "callers": ["ER"], "priority": "stat" }""");
        await gateway.StoreAsync(30);
        await gateway.StoreAsync(5, origin: new UploadOrigin(UploadOrigin.Dimse, "ER"), study: "1.2.4");
        await WaitUntilAsync(async () => (await gateway.ListAsync("PACS")).Count == 35);
        await using StoreScp peer = await StoreScp.StartAsync(port, _received);
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 35);
        IEnumerable<string> inOrder = (await gateway.ListAsync("PACS")).OrderBy(item => File.GetLastWriteTimeUtc(Directory.GetFiles(_received, $"*{item.SopInstance}").Single())).Select(item => item.Rule);
        Assert.All(inOrder.Take(5), rule => Assert.Equal("fast", rule));
    }

    [Fact]
    public async Task Several_associations_share_the_work()
    {
        await using StoreScp peer = await StoreScp.StartAsync(_received, UniqueNames, "--fork");
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(_data, Destination("PACS", peer.Port, """, "associations": 3"""), All("PACS"));
        IReadOnlyList<DicomUid> stored = await gateway.StoreAsync(300);
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 300);
        Assert.Equal(Sorted(stored), Sorted(await ReadReceivedAsync(_received)));
    }

    [Fact]
    public async Task A_destination_that_refuses_us_for_good_makes_dead_letters_that_can_be_tried_again()
    {
        int port = StoreScp.FindFreePort();
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(_data, Destination("PACS", port), All("PACS"));
        await using (await StoreScp.StartAsync(port, _received, "--refuse"))
        {
            await gateway.StoreAsync(5);
            await gateway.WaitForAsync("PACS", ForwardState.Dead, 5);
        }

        Assert.All(await gateway.ListAsync("PACS"), item => Assert.Contains("rejected: permanently", item.Error, StringComparison.Ordinal));
        await using StoreScp peer = await StoreScp.StartAsync(port, _received);
        Assert.Equal(5, await gateway.Queue.RetryAsync("PACS", null, Token));
        gateway.Status.TryNow("PACS");
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 5);
    }

    [Fact]
    public async Task What_a_destination_does_not_take_is_a_dead_letter_and_the_rest_is_sent()
    {
        await using StoreScp peer = await StoreScp.StartAsync(_received, "+xi"); // Implicit VR only.
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(_data, Destination("PACS", peer.Port), All("PACS"));
        DicomUid compressed = await gateway.ImportAsync(TestData.DicomFiles.First(file => file is { TransferSyntax: "1.2.840.10008.1.2.4.70", IsReadByPydicom: true }).FullPath);
        await gateway.StoreAsync(3);
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 3);
        await gateway.WaitForAsync("PACS", ForwardState.Dead, 1);
        ForwardItem dead = Assert.Single(await gateway.ListAsync("PACS", ForwardState.Dead));
        Assert.Equal(compressed, dead.SopInstance);
        Assert.Contains("does not take", dead.Error, StringComparison.Ordinal);
        Assert.Equal(1, dead.Attempts);
    }

    [Fact]
    public async Task A_destination_that_is_out_of_resources_gets_its_instances_when_it_has_some_again()
    {
        string full = Directory.CreateDirectory(_folder.File("full")).FullName;
        await using StoreScp peer = await StoreScp.StartAsync(full, UniqueNames);
        Directory.Delete(full); // It cannot write: 0xA700.
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(_data, Destination("PACS", peer.Port), All("PACS"));
        IReadOnlyList<DicomUid> stored = await gateway.StoreAsync(10);
        await WaitUntilAsync(() => Task.FromResult(gateway.Status.FindProblem("PACS") is not null));
        Assert.Contains("A700", gateway.Status.FindProblem("PACS")!.Value.Problem, StringComparison.Ordinal);
        Assert.Equal(0, await gateway.CountAsync("PACS", ForwardState.Dead));
        Directory.CreateDirectory(full);
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 10);
        Assert.Equal(Sorted(stored), Sorted(await ReadReceivedAsync(full)));
    }

    [Fact]
    public async Task An_instance_that_the_destination_breaks_off_at_is_given_up_after_its_attempts()
    {
        await using StoreScp peer = await StoreScp.StartAsync(_received, "--abort-after");
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(_data, Destination("PACS", peer.Port, """, "maximumAttempts": 3"""), All("PACS"));
        await gateway.StoreAsync(2);
        await gateway.WaitForAsync("PACS", ForwardState.Dead, 2);
        Assert.All(await gateway.ListAsync("PACS"), item => Assert.Equal(3, item.Attempts));
        Assert.All(await gateway.ListAsync("PACS"), item => Assert.StartsWith("Given up after 3 attempts", item.Error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Instances_are_given_up_when_the_destination_is_away_for_too_long()
    {
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(_data, Destination("PACS", StoreScp.FindFreePort(), """, "giveUpAfterHours": 0.001"""), All("PACS")); // 3.6 s
        await gateway.StoreAsync(2);
        await gateway.WaitForAsync("PACS", ForwardState.Dead, 2);
        Assert.All(await gateway.ListAsync("PACS"), item => Assert.Contains("could not be reached for too long", item.Error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_association_that_the_destination_ended_while_there_was_no_work_costs_no_attempt()
    {
        int port = StoreScp.FindFreePort();
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(_data, Destination("PACS", port, """, "idleSeconds": 3600"""), All("PACS"));
        await using (await StoreScp.StartAsync(port, _received))
        {
            await gateway.StoreAsync(1);
            await gateway.WaitForAsync("PACS", ForwardState.Sent, 1);
        }

        await using StoreScp again = await StoreScp.StartAsync(port, _received);
        await gateway.StoreAsync(1, first: 2);
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 2);
        Assert.All(await gateway.ListAsync("PACS"), item => Assert.Equal(1, item.Attempts));
    }

    [Fact]
    public async Task A_throttle_keeps_the_rate()
    {
        await using StoreScp peer = await StoreScp.StartAsync(_received);
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(_data, Destination("PACS", peer.Port, """, "instancesPerSecond": 10"""), All("PACS"));
        long begin = Environment.TickCount64;
        await gateway.StoreAsync(15);
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 15);
        Assert.True(Environment.TickCount64 - begin >= 1400, "15 instances at 10 in a second take 1.4 s.");
    }

    [Fact]
    public async Task Nothing_is_sent_outside_the_window_of_a_destination_or_of_a_rule()
    {
        await using StoreScp peer = await StoreScp.StartAsync(_received);
        DateTime soon = DateTime.Now.AddHours(2);
        string window = $$""" "window": { "from": "{{soon:HH:mm}}", "to": "{{soon.AddHours(1):HH:mm}}" }""";
        await using ForwardingGateway gateway = await ForwardingGateway.StartAsync(
            _data,
            $"{Destination("NIGHT", peer.Port, "," + window)}, {Destination("PACS", peer.Port)}",
            $$"""{ "name": "later", "to": ["PACS"], "callers": ["CT1"], {{window}} }, { "name": "now", "to": ["PACS"], "callers": ["CT2"] }, { "name": "night", "to": ["NIGHT"] }""");
        await gateway.StoreAsync(2);
        await gateway.StoreAsync(2, origin: new UploadOrigin(UploadOrigin.Dimse, "CT2"), study: "1.2.4");
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 2);
        Assert.Equal(2, await gateway.CountAsync("PACS", ForwardState.Queued));
        Assert.Equal(4, await gateway.CountAsync("NIGHT", ForwardState.Queued));
        Assert.All(await ReadReceivedAsync(_received), uid => Assert.StartsWith("1.2.4.", uid.Value, StringComparison.Ordinal));

        // The window is opened: what waited is sent.
        gateway.Change(Destination("PACS", peer.Port), """{ "name": "later", "to": ["PACS"] }""");
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 4);
    }

    private static IEnumerable<string> Sorted(IEnumerable<DicomUid> uids) => uids.Select(uid => uid.Value).Order(StringComparer.Ordinal);
}
