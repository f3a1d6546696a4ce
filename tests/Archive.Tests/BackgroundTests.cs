using Dapper;
using MedicalAi.Dicom;
using Microsoft.Extensions.Logging.Abstractions;

namespace MedicalAi.Archive.Tests;

public sealed class BackgroundTests
{
    [Fact]
    public async Task A_stable_study_gets_each_task_once()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(), [1])], TestContext.Current.CancellationToken);
        using StudyStabilityMonitor monitor = new(archive.Studies, archive.Tasks, archive.Procedures, (_, _) => default, study => [new NewTask("model", "1", "digest", [study.Series[0].Instances[0].SopInstance])], archive.Signals, archive.Clock, NullLogger<StudyStabilityMonitor>.Instance);
        Assert.Equal(0, await monitor.RunOnceAsync(TestContext.Current.CancellationToken));
        archive.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(1, await monitor.RunOnceAsync(TestContext.Current.CancellationToken));
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(instance: "1.2.1.1.2"), [2])], TestContext.Current.CancellationToken);
        archive.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(0, await monitor.RunOnceAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_study_that_is_told_to_be_complete_gets_its_tasks_at_once_with_what_was_ordered()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        TaskCompletionSource<StudyOrder?> seen = new();
        StudyOrder order = new(TaskPriority.Stat, [new ProcedureCode("CTHEAD", "99RIS", "CT of the head")]);
        using StudyStabilityMonitor monitor = new(
            archive.Studies,
            archive.Tasks,
            archive.Procedures,
            (study, _) => ValueTask.FromResult(study.Study.Value == "1.2.1" ? order : null),
            study =>
            {
                seen.TrySetResult(study.Order);
                return [];
            },
            archive.Signals,
            archive.Clock,
            NullLogger<StudyStabilityMonitor>.Instance);
        await monitor.StartAsync(TestContext.Current.CancellationToken);
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(), [1])], TestContext.Current.CancellationToken);
        archive.Signals.Committed();
        Assert.False(seen.Task.IsCompleted);

        // The clock stands still: the time of stability is never over.
        await archive.Procedures.AddAvailabilityAsync(new AvailabilityNotification(new DicomUid("1.8.1"), new DicomUid("1.2.1"), [new DicomUid("1.2.1.1.1")], new byte[] { 1 }, "PACS"), TestContext.Current.CancellationToken);
        Assert.Same(order, await seen.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.Equal(TaskPriority.Stat, (await archive.Studies.ReadSnapshotAsync(new DicomUid("1.2.1"), TestContext.Current.CancellationToken))!.Order?.Priority);
        await monitor.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_study_whose_order_cannot_be_learnt_gets_its_tasks_all_the_same()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(), [1])], TestContext.Current.CancellationToken);
        using StudyStabilityMonitor monitor = new(
            archive.Studies,
            archive.Tasks,
            archive.Procedures,
            (_, _) => throw new InvalidOperationException(),
            _ => [new NewTask("model", "1", "digest", [])],
            archive.Signals,
            archive.Clock,
            NullLogger<StudyStabilityMonitor>.Instance);
        archive.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(1, await monitor.RunOnceAsync(TestContext.Current.CancellationToken));
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
    public async Task A_study_that_cannot_be_read_or_chosen_for_gets_no_task_and_does_not_stop_the_others()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        foreach (string study in new[] { "1.1", "1.2", "1.3" })
        {
            await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(study, instance: study + ".9"), [1])], TestContext.Current.CancellationToken);
        }

        await archive.Database.WriteAsync((connection, transaction) => connection.Execute("UPDATE instances SET transfer_syntax_uid = '9.9' WHERE sop_instance_uid = '1.1.9'", transaction: transaction), TestContext.Current.CancellationToken);
        TaskSelector selector = study => study.Study.Value == "1.2" ? throw new InvalidOperationException() : [new NewTask("model", "1", "digest", [])];
        using StudyStabilityMonitor monitor = new(archive.Studies, archive.Tasks, archive.Procedures, (_, _) => default, selector, archive.Signals, archive.Clock, NullLogger<StudyStabilityMonitor>.Instance);
        archive.Clock.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal(1, await monitor.RunOnceAsync(TestContext.Current.CancellationToken));

        Assert.Equal("1.3", Assert.Single(await archive.Tasks.ListTasksAsync(new TaskQuery(), TestContext.Current.CancellationToken)).Study.Value);
        Assert.Null(await archive.Studies.FindNextStableTimeAsync(TestContext.Current.CancellationToken));
    }
}
