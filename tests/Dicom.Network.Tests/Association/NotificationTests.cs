namespace MedicalAi.Dicom.Network.Tests;

/// <summary>What an SCP invokes on the association of its SCU after it has answered (N-EVENT-REPORT), and what it can know of its peer.</summary>
public sealed class NotificationTests
{
    private static readonly DicomUid s_commitment = DicomUids.StorageCommitmentPushModel;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_notification_follows_the_answer_to_the_request_that_caused_it()
    {
        Provider provider = new();
        User user = new();
        await using TestServer server = await TestServer.StartAsync(provider);
        await using DicomClient client = await ConnectAsync(server, user);
        Assert.Equal(DimseStatus.Success, (await ActAsync(client)).Status);

        DicomDataSet event1 = await user.Event.WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Equal("1.2.3", event1.GetString(DicomTags.TransactionUID));
        Assert.Equal(DimseStatus.Success, (await provider.Notified.WaitAsync(TimeSpan.FromSeconds(30), Token)).Status);
        await client.ReleaseAsync(Token);
    }

    [Fact]
    public async Task Who_asked_for_something_more_can_be_told_from_who_waits()
    {
        Provider provider = new() { IsSilent = true };
        await using TestServer server = await TestServer.StartAsync(provider);
        await using DicomClient client = await ConnectAsync(server, new User());
        await ActAsync(client);
        DimseAssociation association = provider.Association!;
        Assert.Equal(1, association.Asked);
        await ActAsync(client);
        Assert.Equal(2, association.Asked);
    }

    [Fact]
    public async Task The_end_of_an_association_is_told_to_both_sides()
    {
        Provider provider = new() { IsSilent = true };
        await using TestServer server = await TestServer.StartAsync(provider);
        await using DicomClient client = await ConnectAsync(server, new User());
        await ActAsync(client);
        Assert.False(client.Ended.IsCompleted || provider.Association!.Ended.IsCompleted);
        await client.ReleaseAsync(Token);
        await client.Ended.WaitAsync(TimeSpan.FromSeconds(30), Token);
        await provider.Association.Ended.WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    [Fact]
    public async Task An_error_ID_comes_with_the_response()
    {
        Provider provider = new() { IsSilent = true, Answer = new DimseResponse(DimseStatus.ProcessingFailure, "No more") { ErrorId = 0xA710 } };
        await using TestServer server = await TestServer.StartAsync(provider);
        await using DicomClient client = await ConnectAsync(server, new User());
        DimseResponse response = await ActAsync(client);
        Assert.Equal((DimseStatus.ProcessingFailure, (ushort?)0xA710), (response.Status, response.ErrorId));
    }

    private static Task<DicomClient> ConnectAsync(TestServer server, User user) => DicomClient.ConnectAsync(
        new DicomClientOptions { Host = "127.0.0.1", Port = server.Port, CalledAe = AeTitle.Parse("MEDICALAI"), Services = [user] },
        [new PresentationContext(s_commitment, [TransferSyntax.ExplicitVrLittleEndian])],
        Token);

    private static ValueTask<DimseResponse> ActAsync(DicomClient client) => client.InvokeAsync(
        client.Contexts[0],
        new DimseCommand { CommandField = DimseCommand.NActionRequest, SopClass = s_commitment, SopInstance = DicomUids.StorageCommitmentPushModelInstance, ActionType = 1 },
        new DicomDataSet().SetString(DicomTags.TransactionUID, "1.2.3"),
        Token);

    private abstract class CommitmentService : DimseService
    {
        public override bool Supports(DicomUid sopClass) => sopClass == s_commitment;

        public override bool Supports(DicomUid sopClass, TransferSyntax transferSyntax) => true;
    }

    /// <summary>Answers, and then notifies.</summary>
    private sealed class Provider : CommitmentService
    {
        private readonly TaskCompletionSource<DimseResponse> _notified = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsSilent { get; init; }

        public DimseResponse Answer { get; init; } = new(DimseStatus.Success);

        public DimseAssociation? Association { get; private set; }

        public Task<DimseResponse> Notified => _notified.Task;

        public override async ValueTask<DimseResponse> HandleAsync(DimseRequest request, CancellationToken cancellationToken)
        {
            DicomDataSet information = (await request.ReadDataSetAsync(1024, cancellationToken)).Value;
            Assert.Equal(AssociationRoles.Scp, request.Roles);
            Association = request.Association;
            if (!IsSilent)
            {
                _ = NotifyAsync(request.Association, request.Answered, information);
            }

            return Answer;
        }

        private async Task NotifyAsync(DimseAssociation association, Task answered, DicomDataSet information)
        {
            await answered;
            DimseCommand command = new() { CommandField = DimseCommand.NEventReportRequest, SopClass = s_commitment, SopInstance = DicomUids.StorageCommitmentPushModelInstance, EventType = 1 };
            _notified.SetResult(await association.InvokeAsync(association.Contexts[0], command, information, Token));
        }
    }

    /// <summary>Takes notifications.</summary>
    private sealed class User : CommitmentService
    {
        private readonly TaskCompletionSource<DicomDataSet> _event = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<DicomDataSet> Event => _event.Task;

        public override bool PerformsNotifications(DicomUid sopClass) => true;

        public override async ValueTask<DimseResponse> HandleAsync(DimseRequest request, CancellationToken cancellationToken)
        {
            _event.SetResult((await request.ReadDataSetAsync(1024, cancellationToken)).Value);
            return new DimseResponse(DimseStatus.Success);
        }
    }
}
