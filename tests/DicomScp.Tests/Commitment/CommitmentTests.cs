using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;
using Microsoft.Extensions.DependencyInjection;
using static MedicalAi.DicomScp.Tests.Committing;

namespace MedicalAi.DicomScp.Tests;

/// <summary>Storage Commitment Push Model as SCP, by our own SCU.</summary>
public sealed class CommitmentTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_stored_is_committed_and_told_on_the_association_of_who_waits_there()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await StoreAsync(gateway, 1, 2, 3);
        CommitmentResult result = await RequestAsync(gateway, Reference(1), Reference(2), Reference(3));
        Assert.True(result.IsComplete);
        CommitmentTransaction transaction = await WaitForAsync(gateway, one => one.State == CommitmentState.Reported);
        Assert.Equal((result.TransactionUid, "MODALITY", 3, 0), (transaction.TransactionUid, transaction.CallingAe, transaction.References, transaction.Failed));
    }

    [Fact]
    public async Task What_is_not_safe_is_told_with_its_reason()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(configure: services => Impatient(services));
        await StoreAsync(gateway, 1, 2);
        InstanceRow lost = (await gateway.Reader.FindInstanceAsync(null, null, Instance(2), Token))!;
        Assert.True(await gateway.Services.GetRequiredService<IObjectStore>().DeleteAsync(lost.File.Key, Token));

        CommitmentResult result = await RequestAsync(
            gateway,
            Reference(1),
            Reference(1) with { SopClass = DicomUids.CTImageStorage },
            Reference(2),
            Reference(9),
            new SopReference(DicomUids.Verification, new DicomUid("1.2.9")));
        Assert.Equal(
            [(ushort?)CommitmentFailure.ClassInstanceConflict, CommitmentFailure.ClassInstanceConflict, CommitmentFailure.Processing, CommitmentFailure.NoSuchObjectInstance, CommitmentFailure.SopClassNotSupported],
            result.Instances.Select(instance => instance.FailureReason));
        Assert.False(result.IsComplete);
    }

    [Fact]
    public async Task An_instance_that_is_still_coming_in_is_waited_for()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(configure: services => services.AddSingleton(new CommitmentOptions { Patience = Limit }));
        Task<CommitmentResult> request = RequestAsync(gateway, Reference(1));
        await WaitForAsync(gateway, one => one.State == CommitmentState.Checking);
        await StoreAsync(gateway, 1);
        Assert.True((await request).IsComplete);
    }

    [Fact]
    public async Task Who_goes_on_with_other_things_is_told_when_it_has_done_so()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await StoreAsync(gateway, 1);
        Reports reports = new();
        DicomClientOptions options = To(gateway) with { Services = [reports] };
        PresentationContext[] contexts = [CommitmentMessages.Context(AssociationRoles.Scu), .. PresentationContext.ForStorage(DicomUids.SecondaryCaptureImageStorage, TransferSyntax.ExplicitVrLittleEndian)];
        await using DicomClient client = await DicomClient.ConnectAsync(options, contexts, Token);
        Assert.Equal(DimseStatus.Success, (await CommitmentMessages.RequestAsync(client, client.Contexts[0], new DicomUid("1.2.77"), [Reference(1)], Token)).Status);
        for (int number = 2; number < 30; number++)
        {
            Assert.Equal(DimseStatus.Success, (await StoreAsync(client, number)).Status);
            Assert.False(reports.First.IsCompleted);
            await Task.Delay(50, Token);
        }

        Assert.Equal("1.2.77", (await reports.First.WaitAsync(Limit, Token)).GetString(DicomTags.TransactionUID));
    }

    [Fact]
    public async Task Who_has_released_is_told_at_the_address_that_the_registry_has()
    {
        using TempFolder folder = new();
        await using TestGateway requestor = await TestGateway.StartAsync(new DicomServerOptions { AcceptAnyCalledAeTitle = true });
        await using TestGateway gateway = await TestGateway.StartAsync(configure: Knows(folder, "MODALITY", requestor.Port));
        await StoreAsync(gateway, 1);

        // Our own SCP takes the report for us.
        CommitmentRequests requests = requestor.Services.GetRequiredService<CommitmentRequests>();
        CommitmentResult result = await requests.RequestAsync(To(gateway), [Reference(1)], new CommitmentWait { OnAssociation = TimeSpan.Zero, InAll = Limit }, Token);
        Assert.True(result.IsComplete);
        await WaitForAsync(gateway, one => one.State == CommitmentState.Reported);
    }

    [Fact]
    public async Task Who_cannot_be_reached_is_told_when_it_is_there_again_even_by_the_next_process()
    {
        using TempFolder folder = new();
        using TempFolder data = new();
        int port;
        await using (TestGateway free = await TestGateway.StartAsync())
        {
            port = free.Port;
        }

        Action<IServiceCollection> knows = Knows(folder, "MODALITY", port);
        await using (TestGateway first = await TestGateway.StartAsync(configure: services => knows(services.AddSingleton(new CommitmentOptions { FirstRetry = TimeSpan.FromMilliseconds(500) })), dataFolder: data.Path))
        {
            await StoreAsync(first, 1);
            await AskAndLeaveAsync(first, "1.2.77", Reference(1));
            CommitmentTransaction waiting = await WaitForAsync(first, one => one.Attempts > 0);
            Assert.Contains("cannot be reached", waiting.Error, StringComparison.Ordinal);
        }

        Reports reports = new();
        await using TestGateway requestor = await TestGateway.StartAsync(new DicomServerOptions { AcceptAnyCalledAeTitle = true }, services => services.Insert(0, ServiceDescriptor.Singleton<DimseService>(reports)), port: port);
        await using TestGateway second = await TestGateway.StartAsync(configure: knows, dataFolder: data.Path);
        DicomDataSet report = await reports.First.WaitAsync(Limit, Token);
        Assert.Equal("1.2.77", report.GetString(DicomTags.TransactionUID));
        Assert.Equal(Instance(1), Assert.Single(report.GetItems(DicomTags.ReferencedSOPSequence)).GetUid(DicomTags.ReferencedSOPInstanceUID));
        Assert.False(report.Contains(DicomTags.FailedSOPSequence));
        await WaitForAsync(second, one => one.State == CommitmentState.Reported);
    }

    [Fact]
    public async Task A_transaction_whose_check_was_cut_off_is_taken_up_by_the_next_process()
    {
        using TempFolder data = new();
        await using (TestGateway first = await TestGateway.StartAsync(configure: services => services.AddSingleton(new CommitmentOptions { Patience = TimeSpan.FromHours(1) }), dataFolder: data.Path))
        {
            await AskAndLeaveAsync(first, "1.2.77", Reference(1));
            await WaitForAsync(first, one => one.State == CommitmentState.Checking && one.AvailableAt > one.Since);
        }

        await using TestGateway second = await TestGateway.StartAsync(configure: services => Impatient(services), dataFolder: data.Path);
        Assert.Equal(1, (await WaitForAsync(second, one => one.State == CommitmentState.Reporting)).Failed);
    }

    [Fact]
    public async Task Who_refuses_the_report_or_has_no_address_stays_visible()
    {
        using TempFolder folder = new();
        Reports refusing = new() { Answer = new DimseResponse(DimseStatus.InvalidArgumentValue, "Never heard of it") };
        await using TestGateway requestor = await TestGateway.StartAsync(new DicomServerOptions { AcceptAnyCalledAeTitle = true }, services => services.Insert(0, ServiceDescriptor.Singleton<DimseService>(refusing)));
        await using (TestGateway gateway = await TestGateway.StartAsync(configure: services => Knows(folder, "MODALITY", requestor.Port)(Impatient(services))))
        {
            await AskAndLeaveAsync(gateway, "1.2.77", Reference(1));
            CommitmentTransaction refused = await WaitForAsync(gateway, one => one.State == CommitmentState.Rejected);
            Assert.Equal("It answered invalid argument value (0115). It says: Never heard of it", refused.Error);
        }

        await using TestGateway other = await TestGateway.StartAsync(configure: services => Knows(folder, "SOMEBODY", requestor.Port)(Impatient(services)));
        await AskAndLeaveAsync(other, "1.2.77", Reference(1));
        CommitmentTransaction unknown = await WaitForAsync(other, one => one.Attempts > 0);
        Assert.Equal((CommitmentState.Reporting, "MODALITY is no destination of the AE registry, and its association has ended."), (unknown.State, unknown.Error));
    }

    [Fact]
    public async Task A_requestor_that_cannot_be_told_for_too_long_is_given_up_until_somebody_says_so()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(configure: services => services.AddSingleton(new CommitmentOptions { Patience = TimeSpan.Zero, GiveUpAfter = TimeSpan.Zero }));
        await AskAndLeaveAsync(gateway, "1.2.77", Reference(1));
        CommitmentTransaction expired = await WaitForAsync(gateway, one => one.State == CommitmentState.Expired);
        Assert.StartsWith("Given up after 1 attempts: MODALITY is no destination", expired.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Transaction_UID_that_is_taken_by_something_else_fails_as_a_whole()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await StoreAsync(gateway, 1, 2);
        Reports reports = new();
        await using DicomClient client = await DicomClient.ConnectAsync(To(gateway) with { Services = [reports] }, [CommitmentMessages.Context(AssociationRoles.Scu)], Token);
        await CommitmentMessages.RequestAsync(client, client.Contexts[0], new DicomUid("1.2.77"), [Reference(1)], Token);
        Assert.False((await reports.First.WaitAsync(Limit, Token)).Contains(DicomTags.FailedSOPSequence));

        Reports others = new();
        await using DicomClient other = await DicomClient.ConnectAsync(To(gateway) with { Services = [others] }, [CommitmentMessages.Context(AssociationRoles.Scu)], Token);
        await CommitmentMessages.RequestAsync(other, other.Contexts[0], new DicomUid("1.2.77"), [Reference(2)], Token);
        DicomDataSet failed = Assert.Single((await others.First.WaitAsync(Limit, Token)).GetItems(DicomTags.FailedSOPSequence));
        Assert.Equal(CommitmentFailure.DuplicateTransactionUid, failed.GetInt32(DicomTags.FailureReason));
    }

    public static TheoryData<string, ushort> BrokenRequests => new()
    {
        { "another action", DimseStatus.NoSuchActionType },
        { "another instance", DimseStatus.NoSuchSopInstance },
        { "another class", DimseStatus.NoSuchSopClass },
        { "another operation", DimseStatus.UnrecognizedOperation },
        { "no data set", DimseStatus.MissingAttribute },
        { "no transaction", DimseStatus.MissingAttribute },
        { "an empty transaction", DimseStatus.MissingAttributeValue },
        { "a transaction that is no UID", DimseStatus.InvalidArgumentValue },
        { "no sequence", DimseStatus.MissingAttribute },
        { "no item", DimseStatus.MissingAttributeValue },
        { "an item without instance", DimseStatus.MissingAttribute },
        { "an item with text for a class", DimseStatus.InvalidArgumentValue },
    };

    [Theory]
    [MemberData(nameof(BrokenRequests))]
    public async Task A_request_that_breaks_the_rules_is_refused_and_nothing_is_entered(string what, ushort status)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        DicomDataSet item = new DicomDataSet().SetUid(DicomTags.ReferencedSOPClassUID, DicomUids.CTImageStorage).SetUid(DicomTags.ReferencedSOPInstanceUID, Instance(1));
        DicomDataSet? information = new DicomDataSet().SetString(DicomTags.TransactionUID, "1.2.77").SetSequence(DicomTags.ReferencedSOPSequence, item);
        DimseCommand command = new()
        {
            CommandField = DimseCommand.NActionRequest,
            SopClass = DicomUids.StorageCommitmentPushModel,
            SopInstance = DicomUids.StorageCommitmentPushModelInstance,
            ActionType = 1,
        };
        switch (what)
        {
            case "another action": command = command with { ActionType = 2 }; break;
            case "another instance": command = command with { SopInstance = new DicomUid("1.2.3") }; break;
            case "another class": command = command with { SopClass = DicomUids.Verification }; break;
            case "another operation": command = command with { CommandField = DimseCommand.NCreateRequest }; break;
            case "no data set": information = null; break;
            case "no transaction": information.Remove(DicomTags.TransactionUID); break;
            case "an empty transaction": information.SetEmpty(DicomTags.TransactionUID); break;
            case "a transaction that is no UID": information.SetString(DicomTags.TransactionUID, "mine"); break;
            case "no sequence": information.Remove(DicomTags.ReferencedSOPSequence); break;
            case "no item": information.SetSequence(DicomTags.ReferencedSOPSequence); break;
            case "an item without instance": item.Remove(DicomTags.ReferencedSOPInstanceUID); break;
            default: item.SetString(DicomTags.ReferencedSOPClassUID, "CT"); break;
        }

        await using DicomClient client = await DicomClient.ConnectAsync(To(gateway), [CommitmentMessages.Context(AssociationRoles.Scu)], Token);
        Assert.Equal(status, (await client.InvokeAsync(client.Contexts[0], command, information, Token)).Status);
        Assert.Empty(await gateway.Services.GetRequiredService<ICommitmentIndex>().ListAsync(new CommitmentQuery(), Token));
        await client.ReleaseAsync(Token);
    }

    [Theory]
    [InlineData(3, "1.2.77", DimseStatus.NoSuchEventType)]
    [InlineData(1, "1.2.77", DimseStatus.InvalidArgumentValue)]
    [InlineData(1, null, DimseStatus.MissingAttribute)]
    public async Task A_report_that_nobody_asked_for_is_refused(int eventType, string? transaction, ushort status)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using DicomClient client = await DicomClient.ConnectAsync(To(gateway), [CommitmentMessages.Context(AssociationRoles.Scp)], Token);
        Assert.Equal(AssociationRoles.Scp, client.Contexts[0].Roles);
        DimseCommand command = new()
        {
            CommandField = DimseCommand.NEventReportRequest,
            SopClass = DicomUids.StorageCommitmentPushModel,
            SopInstance = DicomUids.StorageCommitmentPushModelInstance,
            EventType = (ushort)eventType,
        };
        DicomDataSet information = transaction is null ? [] : new DicomDataSet().SetString(DicomTags.TransactionUID, transaction);
        Assert.Equal(status, (await client.InvokeAsync(client.Contexts[0], command, information.SetString(DicomTags.RetrieveAETitle, "X"), Token)).Status);
    }

    [Fact]
    public async Task An_SCP_that_is_silent_or_goes_away_is_not_waited_for_without_end()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(configure: services => services.AddSingleton(new CommitmentOptions { Quiet = TimeSpan.FromHours(1) }));
        CommitmentRequests requests = new(TimeProvider.System);
        await Assert.ThrowsAsync<TimeoutException>(() => requests.RequestAsync(To(gateway), [Reference(1)], new CommitmentWait { OnAssociation = TimeSpan.Zero, InAll = TimeSpan.FromMilliseconds(100) }, Token));
        Task<CommitmentResult> request = requests.RequestAsync(To(gateway), [Reference(1)], new CommitmentWait { OnAssociation = Limit, InAll = Limit, MayComeElsewhere = false }, Token);
        ICommitmentIndex index = gateway.Services.GetRequiredService<ICommitmentIndex>();
        while ((await index.ListAsync(new CommitmentQuery(), Token)).Count < 2)
        {
            await Task.Delay(20, Token);
        }

        await gateway.DisposeAsync();
        DicomNetworkException gone = await Assert.ThrowsAnyAsync<DicomNetworkException>(() => request);
        Assert.Equal("The peer took the request and ended the association before it told what is committed.", gone.Message);
    }

    // What is missing is not waited for.
    private static IServiceCollection Impatient(IServiceCollection services) => services.AddSingleton(new CommitmentOptions { Patience = TimeSpan.Zero });

    private static async Task AskAndLeaveAsync(TestGateway gateway, string transaction, params SopReference[] references)
    {
        await using DicomClient client = await DicomClient.ConnectAsync(To(gateway), [CommitmentMessages.Context(AssociationRoles.Scu)], Token);
        Assert.Equal(DimseStatus.Success, (await CommitmentMessages.RequestAsync(client, client.Contexts[0], new DicomUid(transaction), references, Token)).Status);
        await client.ReleaseAsync(Token);
    }

    /// <summary>Takes reports as they come.</summary>
    private sealed class Reports : DimseService
    {
        private readonly TaskCompletionSource<DicomDataSet> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<DicomDataSet> First => _first.Task;

        public DimseResponse Answer { get; init; } = new(DimseStatus.Success);

        public override bool Supports(DicomUid sopClass) => sopClass == DicomUids.StorageCommitmentPushModel;

        public override bool Supports(DicomUid sopClass, TransferSyntax transferSyntax) => true;

        public override bool InvokesOnAssociation(DicomUid sopClass) => true;

        public override bool PerformsNotifications(DicomUid sopClass) => true;

        public override async ValueTask<DimseResponse> HandleAsync(DimseRequest request, CancellationToken cancellationToken)
        {
            _first.TrySetResult((await request.ReadDataSetAsync(1 << 20, cancellationToken)).Value);
            return Answer;
        }
    }
}
