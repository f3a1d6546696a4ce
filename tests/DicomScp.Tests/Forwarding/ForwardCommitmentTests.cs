using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;
using Microsoft.Extensions.DependencyInjection;
using static MedicalAi.DicomScp.Tests.ForwardingGateway;

namespace MedicalAi.DicomScp.Tests;

/// <summary>Destinations that commit themselves to what was forwarded to them: Orthanc, and gateways of our own.</summary>
public sealed class ForwardCommitmentTests : IDisposable
{
    private const string Wanted = """, "commitment": true""";
    private readonly TempFolder _folder = new();
    private readonly string _data;
    private readonly ShiftedTime _time = new();

    public ForwardCommitmentTests() => _data = Directory.CreateDirectory(_folder.File("data")).FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_Orthanc_commits_itself_to_is_sent()
    {
        await using Orthanc orthanc = await Orthanc.StartAsync(Token);
        int port = StoreScp.FindFreePort();
        await orthanc.AddModalityAsync("gateway", "MEDICALAI", port, Token);
        await using ForwardingGateway gateway = await StartAsync(Destination(Orthanc.AeTitle, orthanc.Port, Wanted), All(Orthanc.AeTitle), port);
        await gateway.StoreAsync(40);
        await gateway.WaitForAsync(Orthanc.AeTitle, ForwardState.Sent, 40);
        Assert.All(await gateway.ListAsync(Orthanc.AeTitle), item => Assert.Equal((1, null), (item.Attempts, item.Error)));
        Assert.Null(gateway.Status.FindCommitmentProblem(Orthanc.AeTitle));
    }

    [Fact]
    public async Task What_Orthanc_forgot_before_it_was_asked_is_sent_again()
    {
        await using Orthanc orthanc = await Orthanc.StartAsync(Token);
        int port = StoreScp.FindFreePort();
        await orthanc.AddModalityAsync("gateway", "MEDICALAI", port, Token);
        await using ForwardingGateway gateway = await StartAsync(Destination(Orthanc.AeTitle, orthanc.Port, Wanted), All(Orthanc.AeTitle), port, Later);
        IReadOnlyList<DicomUid> stored = await gateway.StoreAsync(3);
        await gateway.WaitForAsync(Orthanc.AeTitle, ForwardState.Committing, 3);
        JsonElement found = await LookUpAsync(orthanc, stored[1]);
        (await orthanc.Http.DeleteAsync($"instances/{found[0].GetProperty("ID").GetString()}", Token)).EnsureSuccessStatusCode();

        _time.Advance(TimeSpan.FromDays(1));
        await gateway.WaitForAsync(Orthanc.AeTitle, ForwardState.Sent, 2);
        await WaitUntilAsync(async () => (await gateway.ListAsync(Orthanc.AeTitle)).Single(item => item.State != ForwardState.Sent) is { State: ForwardState.Committing, Attempts: 2 });
        ForwardItem forgotten = (await gateway.ListAsync(Orthanc.AeTitle)).Single(item => item.State != ForwardState.Sent);
        Assert.Equal(stored[1], forgotten.SopInstance);
        Assert.Equal(1, (await LookUpAsync(orthanc, stored[1])).GetArrayLength());
        _time.Advance(TimeSpan.FromDays(1));
        await gateway.WaitForAsync(Orthanc.AeTitle, ForwardState.Sent, 3);
        Assert.Equal([1, 2, 1], (await gateway.ListAsync(Orthanc.AeTitle)).Select(item => item.Attempts));
    }

    [Fact]
    public async Task An_SCP_that_forgets_an_instance_each_time_makes_a_dead_letter_that_says_so()
    {
        await using TestGateway peer = await StartPeerAsync();
        await using ForwardingGateway gateway = await StartAsync(Destination("MEDICALAI", peer.Port, Wanted + """, "maximumAttempts": 1"""), All("MEDICALAI"), null, Later);
        IReadOnlyList<DicomUid> stored = await gateway.StoreAsync(2);
        await gateway.WaitForAsync("MEDICALAI", ForwardState.Committing, 2);

        // Another peer at its address, which has the second one only.
        await using TestGateway other = await StartPeerAsync();
        await using ForwardingGateway source = await ForwardingGateway.StartAsync(Directory.CreateDirectory(_folder.File("source")).FullName, Destination("MEDICALAI", other.Port), All("MEDICALAI"));
        await source.StoreAsync(1, first: 2);
        await source.WaitForAsync("MEDICALAI", ForwardState.Sent, 1);
        gateway.Change(Destination("MEDICALAI", other.Port, Wanted + """, "maximumAttempts": 1"""), All("MEDICALAI"));
        await WaitForRegistryAsync(gateway, registry => registry.FindDestination("MEDICALAI")!.Port == other.Port);
        _time.Advance(TimeSpan.FromDays(1));
        await gateway.WaitForAsync("MEDICALAI", ForwardState.Sent, 1);
        ForwardItem dead = Assert.Single(await gateway.ListAsync("MEDICALAI", ForwardState.Dead));
        Assert.Equal(stored[0], dead.SopInstance);
        Assert.Equal("Given up after 1 attempts: The destination took it and does not commit itself to it: no such object instance (0112).", dead.Error);
    }

    [Fact]
    public async Task What_an_SCP_cannot_commit_itself_to_is_asked_for_again_and_in_the_end_a_dead_letter()
    {
        await using TestGateway peer = await StartPeerAsync();
        await using ForwardingGateway gateway = await StartAsync(Destination("MEDICALAI", peer.Port, Wanted + """, "maximumAttempts": 3"""), All("MEDICALAI"), null, Later);
        IReadOnlyList<DicomUid> stored = await gateway.StoreAsync(2);
        await gateway.WaitForAsync("MEDICALAI", ForwardState.Committing, 2);
        InstanceRow lost = (await peer.Reader.FindInstanceAsync(null, null, stored[0], Token))!;
        Assert.True(await peer.Services.GetRequiredService<IObjectStore>().DeleteAsync(lost.File.Key, Token));
        ICommitmentIndex asked = peer.Services.GetRequiredService<ICommitmentIndex>();
        for (int time = 1; time <= 3; time++)
        {
            _time.Advance(TimeSpan.FromDays(1));
            await WaitUntilAsync(async () => (await asked.ListAsync(new CommitmentQuery { State = CommitmentState.Reported }, Token)).Count == time);
        }

        await gateway.WaitForAsync("MEDICALAI", ForwardState.Dead, 1);
        ForwardItem dead = Assert.Single(await gateway.ListAsync("MEDICALAI", ForwardState.Dead));
        Assert.Equal((stored[0], 1), (dead.SopInstance, dead.Attempts));
        Assert.Equal("Given up after it was asked for 3 times: The destination took it and does not commit itself to it: processing failure (0110).", dead.Error);
        Assert.Equal(stored[1], Assert.Single(await gateway.ListAsync("MEDICALAI", ForwardState.Sent)).SopInstance);
        Assert.Equal([1, 1, 2], (await asked.ListAsync(new CommitmentQuery(), Token)).Select(transaction => transaction.References));
    }

    [Fact]
    public async Task An_SCP_that_never_tells_is_asked_again_and_then_there_is_a_dead_letter()
    {
        // It tells nobody on the association, and does not know where else.
        await using TestGateway peer = await StartPeerAsync(new CommitmentOptions { Quiet = TimeSpan.FromHours(1) });
        await using ForwardingGateway gateway = await StartAsync(Destination("MEDICALAI", peer.Port, Wanted + """, "commitmentHours": 10"""), All("MEDICALAI"), null, new ForwardCommitmentOptions { Collecting = TimeSpan.Zero, OnAssociation = TimeSpan.Zero, Polling = s_soon });
        await gateway.StoreAsync(2);
        ICommitmentIndex asked = peer.Services.GetRequiredService<ICommitmentIndex>();
        await WaitForAskedAsync(gateway, 2, hours: 10);
        int before = (await asked.ListAsync(new CommitmentQuery(), Token)).Count;
        _time.Advance(TimeSpan.FromHours(10));
        await WaitForAskedAsync(gateway, 2, hours: 10);
        Assert.Equal(before + 1, (await asked.ListAsync(new CommitmentQuery(), Token)).Count);
        Assert.Equal(2, await gateway.CountAsync("MEDICALAI", ForwardState.Committing));
        _time.Advance(TimeSpan.FromHours(10));
        await gateway.WaitForAsync("MEDICALAI", ForwardState.Dead, 2);
        Assert.All(
            await gateway.ListAsync("MEDICALAI"),
            item => Assert.Equal("The destination took it, was asked 2 times to commit itself to it, and did not tell whether it does within 10 hours each time.", item.Error));
        Assert.Equal(before + 1, (await asked.ListAsync(new CommitmentQuery(), Token)).Count);
    }

    [Fact]
    public async Task A_report_that_comes_after_a_restart_finds_what_it_is_about()
    {
        int port = StoreScp.FindFreePort();
        await using TestGateway peer = await StartPeerAsync(new CommitmentOptions { FirstRetry = TimeSpan.FromMilliseconds(500), LongestRetry = TimeSpan.FromMilliseconds(500), Quiet = TimeSpan.FromHours(1) }, port);
        await using (ForwardingGateway before = await StartAsync(Destination("MEDICALAI", peer.Port, Wanted), All("MEDICALAI"), null, new ForwardCommitmentOptions { OnAssociation = TimeSpan.Zero, Collecting = TimeSpan.FromSeconds(1), Polling = s_soon }))
        {
            await before.StoreAsync(20);
            await WaitForAskedAsync(before, 20, hours: 24);
        }

        ICommitmentIndex asked = peer.Services.GetRequiredService<ICommitmentIndex>();
        int transactions = (await asked.ListAsync(new CommitmentQuery(), Token)).Count;
        await using ForwardingGateway gateway = await StartAsync(Destination("MEDICALAI", peer.Port, Wanted), All("MEDICALAI"), port);
        await gateway.WaitForAsync("MEDICALAI", ForwardState.Sent, 20);
        Assert.All(await gateway.ListAsync("MEDICALAI"), item => Assert.Equal((1, null), (item.Attempts, item.Error)));
        await WaitUntilAsync(async () => (await asked.ListAsync(new CommitmentQuery { State = CommitmentState.Reported }, Token)).Count == transactions);
        Assert.Equal(transactions, (await asked.ListAsync(new CommitmentQuery(), Token)).Count);
    }

    [Fact]
    public async Task A_restart_before_a_destination_was_asked_asks_it_without_sending_again()
    {
        await using TestGateway peer = await StartPeerAsync();
        string entity = Destination("MEDICALAI", peer.Port, Wanted);
        await using (ForwardingGateway before = await StartAsync(entity, All("MEDICALAI"), null, Later))
        {
            await before.StoreAsync(5);
            await before.WaitForAsync("MEDICALAI", ForwardState.Committing, 5);
        }

        _time.Advance(TimeSpan.FromDays(1));
        await using ForwardingGateway gateway = await StartAsync(entity, All("MEDICALAI"), null);
        await gateway.WaitForAsync("MEDICALAI", ForwardState.Sent, 5);
        Assert.All(await gateway.ListAsync("MEDICALAI"), item => Assert.Equal(1, item.Attempts));
    }

    [Fact]
    public async Task A_stop_while_a_destination_is_being_asked_loses_nothing()
    {
        await using TestGateway peer = await StartPeerAsync();
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        string entity = Destination("MEDICALAI", peer.Port, Wanted);
        await using (ForwardingGateway before = await StartAsync(entity, All("MEDICALAI"), null, Later))
        {
            await before.StoreAsync(5);
            await before.WaitForAsync("MEDICALAI", ForwardState.Committing, 5);
            before.Change(Destination("MEDICALAI", ((IPEndPoint)silent.LocalEndpoint).Port, Wanted), All("MEDICALAI"));
            await WaitForRegistryAsync(before, registry => registry.FindDestination("MEDICALAI")!.Port != peer.Port);
            _time.Advance(TimeSpan.FromDays(1));
            using TcpClient asking = await silent.AcceptTcpClientAsync(Token);
            Assert.Equal(5, (await before.Queue.CountItemsAsync(Token))["MEDICALAI"].Committing);
        }

        await using ForwardingGateway gateway = await StartAsync(entity, All("MEDICALAI"), null);
        await gateway.WaitForAsync("MEDICALAI", ForwardState.Sent, 5);
        Assert.Equal(5, Assert.Single(await peer.Services.GetRequiredService<ICommitmentIndex>().ListAsync(new CommitmentQuery(), Token)).References);
    }

    [Fact]
    public async Task A_destination_that_does_not_know_storage_commitment_is_told_of_and_its_instances_wait_until_it_does()
    {
        string received = Directory.CreateDirectory(_folder.File("received")).FullName;
        await using StoreScp storescp = await StoreScp.StartAsync(received);
        await using ForwardingGateway gateway = await StartAsync(Destination("PACS", storescp.Port, Wanted), All("PACS"), null, new ForwardCommitmentOptions { Collecting = TimeSpan.Zero, Polling = s_soon });
        await gateway.StoreAsync(3);
        await WaitUntilAsync(() => Task.FromResult(gateway.Status.FindCommitmentProblem("PACS") is not null));
        Assert.Equal("It does not accept Storage Commitment.", gateway.Status.FindCommitmentProblem("PACS")!.Value.Problem);
        await gateway.WaitForAsync("PACS", ForwardState.Committing, 3);
        Assert.Null(gateway.Status.FindProblem("PACS"));

        // The right one takes its place: it has nothing of them, and gets them.
        await using TestGateway peer = await TestGateway.StartAsync(new DicomServerOptions { AeTitle = AeTitle.Parse("PACS") }, services => services.AddSingleton(new CommitmentOptions { Patience = TimeSpan.Zero, Quiet = TimeSpan.FromMilliseconds(50) }));
        gateway.Change(Destination("PACS", peer.Port, Wanted), All("PACS"));
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 3);
        Assert.All(await gateway.ListAsync("PACS"), item => Assert.Equal(2, item.Attempts));
        Assert.Null(gateway.Status.FindCommitmentProblem("PACS"));
    }

    [Fact]
    public async Task What_could_not_be_asked_for_for_too_long_is_a_dead_letter_that_can_be_tried_again()
    {
        string received = Directory.CreateDirectory(_folder.File("received")).FullName;
        await using StoreScp storescp = await StoreScp.StartAsync(received);
        await using ForwardingGateway gateway = await StartAsync(Destination("PACS", storescp.Port, Wanted + """, "giveUpAfterHours": 100"""), All("PACS"), null, new ForwardCommitmentOptions { Collecting = TimeSpan.Zero, Polling = s_soon });
        await gateway.StoreAsync(3);
        await WaitUntilAsync(() => Task.FromResult(gateway.Status.FindCommitmentProblem("PACS") is not null));
        _time.Advance(TimeSpan.FromHours(100));
        await gateway.WaitForAsync("PACS", ForwardState.Dead, 3);
        Assert.All(await gateway.ListAsync("PACS"), item => Assert.Equal("The destination took it and could not be asked for too long to commit itself to it: It does not accept Storage Commitment.", item.Error));
        gateway.Change(Destination("PACS", storescp.Port), All("PACS"));
        await WaitForRegistryAsync(gateway, registry => !registry.FindDestination("PACS")!.Sending.Commitment);
        Assert.Equal(3, await gateway.Queue.RetryAsync("PACS", null, Token));
        gateway.Status.TryNow("PACS");
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 3);
    }

    [Fact]
    public async Task Where_commitment_is_not_wanted_any_more_what_was_taken_is_sent()
    {
        string received = Directory.CreateDirectory(_folder.File("received")).FullName;
        await using StoreScp storescp = await StoreScp.StartAsync(received);
        await using ForwardingGateway gateway = await StartAsync(Destination("PACS", storescp.Port, Wanted), All("PACS"), null, new ForwardCommitmentOptions { Collecting = TimeSpan.Zero, Polling = s_soon });
        await gateway.StoreAsync(3);
        await WaitUntilAsync(() => Task.FromResult(gateway.Status.FindCommitmentProblem("PACS") is not null));
        gateway.Change(Destination("PACS", storescp.Port), All("PACS"));
        await gateway.WaitForAsync("PACS", ForwardState.Sent, 3);
        Assert.All(await gateway.ListAsync("PACS"), item => Assert.Equal(1, item.Attempts));
    }

    [Fact]
    public async Task A_destination_that_is_removed_in_the_middle_is_listened_to_and_one_that_comes_back_is_asked()
    {
        int port = StoreScp.FindFreePort();
        await using TestGateway peer = await StartPeerAsync(new CommitmentOptions { FirstRetry = TimeSpan.FromMilliseconds(500), LongestRetry = TimeSpan.FromMilliseconds(500), Quiet = TimeSpan.FromHours(1) });
        string entity = Destination("MEDICALAI", peer.Port, Wanted);
        await using ForwardingGateway gateway = await StartAsync(entity, All("MEDICALAI"), port, new ForwardCommitmentOptions { Collecting = TimeSpan.FromDays(1), OnAssociation = TimeSpan.Zero, Polling = s_soon });
        await gateway.StoreAsync(3);
        await gateway.WaitForAsync("MEDICALAI", ForwardState.Committing, 3);
        _time.Advance(TimeSpan.FromDays(1));
        await WaitForAskedAsync(gateway, 3, hours: 24);
        await gateway.StoreAsync(2, first: 4);
        await gateway.WaitForAsync("MEDICALAI", ForwardState.Committing, 5);
        gateway.Change("", "");
        await WaitForRegistryAsync(gateway, registry => registry.Entities.Count == 0);

        // It learns where to tell us.
        CommitmentTransaction transaction = Assert.Single(await peer.Services.GetRequiredService<ICommitmentIndex>().ListAsync(new CommitmentQuery(), Token));
        await using (DicomClient scp = await DicomClient.ConnectAsync(ToUs(port), [CommitmentMessages.Context(AssociationRoles.Scp)], Token))
        {
            IReadOnlyList<CommittedReference> asked = await peer.Services.GetRequiredService<ICommitmentIndex>().ReadReferencesAsync(transaction.Id, Token);
            Assert.Equal(3, asked.Count);
            for (int time = 0; time < 2; time++)
            {
                // The second time its answer may have been lost.
                Assert.Equal(DimseStatus.Success, (await CommitmentMessages.ReportAsync(scp, scp.Contexts[0], transaction.TransactionUid, "MEDICALAI", asked, Token)).Status);
            }

            Assert.Equal(DimseStatus.InvalidArgumentValue, (await CommitmentMessages.ReportAsync(scp, scp.Contexts[0], new DicomUid("1.2.3.99"), "MEDICALAI", asked, Token)).Status);
        }

        Assert.Equal(3, await gateway.CountAsync("MEDICALAI", ForwardState.Sent));
        _time.Advance(TimeSpan.FromDays(1));
        await Task.Delay(300, Token);
        Assert.Equal(2, await gateway.CountAsync("MEDICALAI", ForwardState.Committing));
        gateway.Change(entity, All("MEDICALAI"));
        await WaitForAskedAsync(gateway, 2, hours: 24);
    }

    [Fact]
    public async Task What_a_report_says_nothing_of_and_what_it_names_in_both_ways_is_not_committed()
    {
        int port = StoreScp.FindFreePort();
        await using TestGateway peer = await StartPeerAsync(new CommitmentOptions { Quiet = TimeSpan.FromHours(1) });
        await using ForwardingGateway gateway = await StartAsync(
            Destination("MEDICALAI", peer.Port, Wanted + """, "maximumAttempts": 1"""), All("MEDICALAI"), port, new ForwardCommitmentOptions { Collecting = TimeSpan.FromDays(1), OnAssociation = TimeSpan.Zero, Polling = s_soon });
        IReadOnlyList<DicomUid> stored = await gateway.StoreAsync(3);
        await gateway.WaitForAsync("MEDICALAI", ForwardState.Committing, 3);
        _time.Advance(TimeSpan.FromDays(1));
        await WaitForAskedAsync(gateway, 3, hours: 24);
        CommitmentTransaction transaction = Assert.Single(await peer.Services.GetRequiredService<ICommitmentIndex>().ListAsync(new CommitmentQuery(), Token));
        await using (DicomClient scp = await DicomClient.ConnectAsync(ToUs(port), [CommitmentMessages.Context(AssociationRoles.Scp)], Token))
        {
            SopReference[] references = [.. stored.Select(instance => new SopReference(DicomUids.CTImageStorage, instance))];
            CommittedReference[] told = [new(references[0], null), new(references[1], null), new(references[1], CommitmentFailure.ResourceLimitation)];
            Assert.Equal(DimseStatus.Success, (await CommitmentMessages.ReportAsync(scp, scp.Contexts[0], transaction.TransactionUid, "MEDICALAI", told, Token)).Status);
        }

        Assert.Equal(
            [
                (ForwardState.Sent, null),
                (ForwardState.Dead, "Given up after it was asked for 1 times: The destination took it and does not commit itself to it: resource limitation (0213)."),
                (ForwardState.Dead, "Given up after it was asked for 1 times: The destination told of others whether it commits itself to them, and nothing of this one."),
            ],
            (await gateway.ListAsync("MEDICALAI")).OrderBy(item => item.SopInstance).Select(item => (item.State, item.Error)));
    }

    [Fact]
    public async Task Many_instances_are_asked_for_in_few_transactions()
    {
        await using TestGateway peer = await StartPeerAsync();
        await using ForwardingGateway gateway = await StartAsync(Destination("MEDICALAI", peer.Port, Wanted), All("MEDICALAI"), null, Later with { MaximumInstances = 200 });
        await gateway.StoreAsync(500);
        await WaitUntilAsync(async () => (await gateway.Queue.CountItemsAsync(Token)).GetValueOrDefault("MEDICALAI").Committing == 500);
        _time.Advance(TimeSpan.FromDays(1));
        await gateway.WaitForAsync("MEDICALAI", ForwardState.Sent, 500);
        Assert.Equal([100, 200, 200], (await peer.Services.GetRequiredService<ICommitmentIndex>().ListAsync(new CommitmentQuery(), Token)).Select(transaction => transaction.References));
    }

    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(100);

    // Asked for when the test says so.
    private static ForwardCommitmentOptions Later => new() { Collecting = TimeSpan.FromDays(1), Polling = s_soon };

    private static DicomClientOptions ToUs(int port) => new() { Host = "127.0.0.1", Port = port, CalledAe = AeTitle.Parse("MEDICALAI"), CallingAe = AeTitle.Parse("PEER") };

    private Task<ForwardingGateway> StartAsync(string entities, string rules, int? port, ForwardCommitmentOptions? options = null) => ForwardingGateway.StartAsync(
        _data,
        entities,
        rules,
        scpPort: port,
        configure: services => services.AddSingleton<TimeProvider>(_time).AddSingleton(options ?? new ForwardCommitmentOptions { Collecting = TimeSpan.FromMilliseconds(500), Polling = s_soon }));

    /// <summary>Another gateway, which tells us on our association when that is quiet, or at a port.</summary>
    private async Task<TestGateway> StartPeerAsync(CommitmentOptions? options = null, int? ourPort = null) => await TestGateway.StartAsync(configure: services =>
    {
        services.AddSingleton(options ?? new CommitmentOptions { Patience = TimeSpan.Zero, Quiet = TimeSpan.FromMilliseconds(50) });
        if (ourPort is { } port)
        {
            Committing.Knows(_folder, "MEDICALAI", port)(services);
        }
    });

    private static async Task<JsonElement> LookUpAsync(Orthanc orthanc, DicomUid instance)
    {
        using HttpResponseMessage found = await orthanc.Http.PostAsync("tools/lookup", new StringContent(instance.Value), Token);
        return JsonSerializer.Deserialize<JsonElement>(await found.Content.ReadAsStringAsync(Token));
    }

    private static Task WaitForRegistryAsync(ForwardingGateway gateway, Func<AeRegistry, bool> condition) =>
        WaitUntilAsync(() => Task.FromResult(condition(gateway.Services.GetRequiredService<AeRegistryFile>().Current)));

    // Asked for, they are due again when the destination has told nothing.
    private Task WaitForAskedAsync(ForwardingGateway gateway, int count, double hours) => WaitUntilAsync(
        async () => (await gateway.ListAsync("MEDICALAI", ForwardState.Committing)).Count(item => item.AvailableAt > _time.GetUtcNow() + TimeSpan.FromHours(hours) - TimeSpan.FromMinutes(2)) == count,
        async () => string.Join('\n', (await gateway.ListAsync("MEDICALAI")).Select(item => string.Create(CultureInfo.InvariantCulture, $"{item.SopInstance} {item.State} {item.AvailableAt} {item.Error}"))));
}
