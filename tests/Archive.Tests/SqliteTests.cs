namespace MedicalAi.Archive.Tests;

public sealed class SqliteStudyIndexTests : StudyIndexContract
{
    protected override async Task<ISeams> OpenAsync() => await TestArchive.CreateAsync();
}

public sealed class SqliteQueryTests : QueryContract
{
    // Blocks so short that nearly every query needs some of them.
    protected override async Task<ISeams> OpenAsync() => await TestArchive.CreateAsync(blockLength: 3);
}

public sealed class SqliteTaskIndexTests : TaskIndexContract
{
    protected override async Task<ISeams> OpenAsync() => await TestArchive.CreateAsync();
}

public sealed class SqliteReportIndexTests : ReportIndexContract
{
    protected override async Task<ISeams> OpenAsync() => await TestArchive.CreateAsync();
}

public sealed class SqliteWorkQueueTests : WorkQueueContract
{
    [Fact]
    public async Task A_message_that_waits_is_not_queued_twice_and_one_in_hand_is()
    {
        await using ISeams archive = await OpenAsync();
        WorkMessage message = new(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Routine);
        await archive.Queue.PublishAsync([message, message], TestContext.Current.CancellationToken);
        await archive.Queue.PublishAsync([message], TestContext.Current.CancellationToken);
        Assert.Equal(new WorkQueueDepth(1, 0, 0), await archive.Queue.CountAsync(WorkKind.Infer, TestContext.Current.CancellationToken));
        Assert.NotNull(await archive.Queue.TryReceiveAsync(WorkKind.Infer, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        await archive.Queue.PublishAsync([message], TestContext.Current.CancellationToken);
        Assert.Equal(new WorkQueueDepth(1, 1, 0), await archive.Queue.CountAsync(WorkKind.Infer, TestContext.Current.CancellationToken));
    }

    protected override async Task<ISeams> OpenAsync() => await TestArchive.CreateAsync();
}

public sealed class SqliteTaskDeliveryTests : TaskDeliveryContract
{
    protected override async Task<ISeams> OpenAsync() => await TestArchive.CreateAsync();
}

public sealed class SqliteForwardQueueTests : ForwardQueueContract
{
    protected override async Task<ISeams> OpenAsync() => await TestArchive.CreateAsync();
}

public sealed class SqliteCommitmentIndexTests : CommitmentIndexContract
{
    protected override async Task<ISeams> OpenAsync() => await TestArchive.CreateAsync();
}

public sealed class SqliteProcedureIndexTests : ProcedureIndexContract
{
    protected override async Task<ISeams> OpenAsync() => await TestArchive.CreateAsync();
}
