using MedicalAi.Dicom;
using Microsoft.Extensions.Logging.Abstractions;

namespace MedicalAi.Archive.Tests;

public sealed class TaskTests
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_stable_study_gets_each_task_once()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(), [1])], TestContext.Current.CancellationToken);
        using StudyStabilityMonitor monitor = new(archive.Studies, archive.Tasks, study => [new NewTask("model", "1", "digest", [study.Series[0].Instances[0].SopInstance])], archive.Signals, archive.Clock, NullLogger<StudyStabilityMonitor>.Instance);
        Assert.Equal(0, await monitor.RunOnceAsync(TestContext.Current.CancellationToken));
        archive.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(1, await monitor.RunOnceAsync(TestContext.Current.CancellationToken));
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(instance: "1.2.1.1.2"), [2])], TestContext.Current.CancellationToken);
        archive.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(0, await monitor.RunOnceAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_study_that_changed_after_it_was_looked_at_is_looked_at_again()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(), [1])], TestContext.Current.CancellationToken);
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(instance: "1.2.1.1.2"), [2])], TestContext.Current.CancellationToken);
        Assert.Null(await archive.Tasks.AddTasksAsync(new DicomUid("1.2.1"), 1, [new NewTask("model", "1", "digest", [])], TestContext.Current.CancellationToken));
        Assert.NotNull(await archive.Studies.FindNextStableTimeAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_holder_whose_lease_has_ended_is_fenced_by_the_next()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        Guid id = await archive.AddTaskAsync();
        TaskClaim first = (await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "a", s_lease, TestContext.Current.CancellationToken)).Claim!;
        Assert.NotNull((await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "b", s_lease, TestContext.Current.CancellationToken)).RetryAt);
        archive.Clock.Advance(TimeSpan.FromSeconds(31));
        TaskClaim second = (await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "b", s_lease, TestContext.Current.CancellationToken)).Claim!;
        Assert.False(await archive.Tasks.HeartbeatAsync(first, s_lease, TestContext.Current.CancellationToken));
        Assert.False(await archive.Tasks.SaveFindingsAsync(first, new byte[] { 1 }, TestContext.Current.CancellationToken));
        Assert.True(await archive.Tasks.SaveFindingsAsync(second, new byte[] { 2 }, TestContext.Current.CancellationToken));
        Assert.Equal([2], (await archive.Tasks.ReadFindingsAsync(id, TestContext.Current.CancellationToken))!.Value.ToArray());
    }

    [Fact]
    public async Task Completing_enters_the_report_and_its_resources_once_and_finds_them()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        Guid id = await archive.AddTaskAsync();
        await archive.Tasks.SaveFindingsAsync((await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "a", s_lease, TestContext.Current.CancellationToken)).Claim!, new byte[] { 1 }, TestContext.Current.CancellationToken);
        TaskClaim first = (await archive.Tasks.ClaimAsync(id, WorkKind.Report, "a", s_lease, TestContext.Current.CancellationToken)).Claim!;
        archive.Clock.Advance(TimeSpan.FromSeconds(31));
        TaskClaim second = (await archive.Tasks.ClaimAsync(id, WorkKind.Report, "b", s_lease, TestContext.Current.CancellationToken)).Claim!;
        TaskCompletion completion = new(
            new ReportRow(id, new DicomUid("1.2.1"), "model", "1", new DicomUid("1.9"), null, "r1", "preliminary", archive.Clock.GetUtcNow()),
            [new FhirResource("DiagnosticReport", "r1", "{}"u8.ToArray(), [new FhirSearchValue("identifier", "42", "urn:x"), new FhirSearchValue("date", "2026-01-01T12:00:00Z")])]);
        Assert.False(await archive.Tasks.CompleteAsync(first, completion, TestContext.Current.CancellationToken));
        Assert.True(await archive.Tasks.CompleteAsync(second, completion, TestContext.Current.CancellationToken));
        Assert.False(await archive.Tasks.CompleteAsync(second, completion, TestContext.Current.CancellationToken));
        Assert.Equal(InferenceTaskStatus.Completed, (await archive.Tasks.FindTaskAsync(id, TestContext.Current.CancellationToken))!.Status);
        Assert.Equal("preliminary", (await archive.Reports.FindReportAsync(id, TestContext.Current.CancellationToken))!.Status);
        FhirQuery found = new("DiagnosticReport") { Clauses = [new FhirClause("identifier", [new FhirOperand("42", "urn:x")]), new FhirClause("date", [new FhirOperand("2026-01-01", null, FhirComparison.GreaterOrEqual)])] };
        Assert.Equal(1, Assert.Single(await archive.Reports.SearchAsync(found, TestContext.Current.CancellationToken)).Version);
        Assert.Equal(0, await archive.Reports.CountAsync(new FhirQuery("DiagnosticReport") { Clauses = [new FhirClause("identifier", [new FhirOperand("42", "urn:y")])] }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_task_that_fails_too_often_is_dead_and_people_can_retry_it()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        Guid id = await archive.AddTaskAsync();
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            TaskClaim claim = (await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "a", s_lease, TestContext.Current.CancellationToken)).Claim!;
            Assert.True(await archive.Tasks.FailAsync(claim, "out of memory", isTransient: true, TestContext.Current.CancellationToken));
            archive.Clock.Advance(TimeSpan.FromHours(1));
        }

        InferenceTask dead = (await archive.Tasks.FindTaskAsync(id, TestContext.Current.CancellationToken))!;
        Assert.Equal((InferenceTaskStatus.Failed, "out of memory", true), (dead.Status, dead.Error, dead.DeadLetteredAt is not null));
        Assert.True(await archive.Tasks.RetryAsync(id, TestContext.Current.CancellationToken));
        Assert.NotNull((await archive.Tasks.ClaimAsync(id, WorkKind.Infer, "a", s_lease, TestContext.Current.CancellationToken)).Claim);
    }

    [Fact]
    public async Task A_message_that_was_published_twice_is_delivered_once()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        await archive.AddTaskAsync();
        IReadOnlyList<OutboxMessage> outbox = await archive.Tasks.ReadOutboxAsync(10, TestContext.Current.CancellationToken);
        await archive.Queue.PublishAsync([.. outbox.Select(message => message.Message)], TestContext.Current.CancellationToken); // And the process dies before it removes them.
        using OutboxDispatcher dispatcher = new(archive.Tasks, archive.Queue, archive.Signals, archive.Clock, NullLogger<OutboxDispatcher>.Instance);
        Assert.Equal(1, await dispatcher.RunOnceAsync(TestContext.Current.CancellationToken));
        Assert.Equal(new WorkQueueDepth(1, 0, 0), await archive.Queue.CountAsync(WorkKind.Infer, TestContext.Current.CancellationToken));
        Assert.Empty(await archive.Tasks.ReadOutboxAsync(10, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Urgent_messages_come_first_and_unacknowledged_ones_come_again()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        Guid routine = Guid.NewGuid();
        Guid stat = Guid.NewGuid();
        await archive.Queue.PublishAsync([new WorkMessage(WorkKind.Infer, routine, TaskPriority.Routine), new WorkMessage(WorkKind.Infer, stat, TaskPriority.Stat)], TestContext.Current.CancellationToken);
        WorkDelivery first = await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken);
        Assert.Equal(stat, first.Message.TaskId);
        archive.Clock.Advance(TimeSpan.FromSeconds(31));
        WorkDelivery again = await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken);
        Assert.Equal((stat, 2), (again.Message.TaskId, again.Deliveries));
        Assert.False(await archive.Queue.AcknowledgeAsync(first, TestContext.Current.CancellationToken));
        Assert.True(await archive.Queue.AcknowledgeAsync(again, TestContext.Current.CancellationToken));
        WorkDelivery last = await archive.Queue.ReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken);
        Assert.True(await archive.Queue.RejectAsync(last, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        Assert.Null(await archive.Queue.TryReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken));
        archive.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(routine, (await archive.Queue.TryReceiveAsync(WorkKind.Infer, s_lease, TestContext.Current.CancellationToken))!.Message.TaskId);
    }
}
