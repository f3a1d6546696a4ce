using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

/// <summary>What every index of procedures keeps to.</summary>
public abstract class ProcedureIndexContract
{
    private static readonly DicomUid s_study = new("1.2.1");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    protected abstract Task<ISeams> OpenAsync();

    [Fact]
    public async Task A_step_is_entered_once_and_changed_one_revision_after_the_other()
    {
        await using ISeams archive = await OpenAsync();
        PerformedStep step = Step(PerformedStepStatus.InProgress);
        Assert.True(await archive.Procedures.AddStepAsync(step, Token));
        Assert.False(await archive.Procedures.AddStepAsync(step with { DataSet = new byte[] { 9 } }, Token));
        Assert.False(await archive.Procedures.ReplaceStepAsync(step with { Revision = 3 }, Token));
        Assert.True(await archive.Procedures.ReplaceStepAsync(step with { Revision = 2, Status = PerformedStepStatus.Completed, DataSet = new byte[] { 2 } }, Token));
        Assert.False(await archive.Procedures.ReplaceStepAsync(step with { Revision = 2 }, Token));
        StoredStep stored = (await archive.Procedures.FindStepAsync(step.SopInstance, Token))!;
        Assert.Equal((PerformedStepStatus.Completed, 2, "MODALITY"), (stored.Status, stored.Revision, stored.CallingAe));
        Assert.Equal([2], stored.DataSet.ToArray());
        Assert.Null(await archive.Procedures.FindStepAsync(new DicomUid("1.9.9"), Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_step_in_progress_holds_its_study_back_but_not_for_ever(bool isStepFirst)
    {
        await using ISeams archive = await OpenAsync();
        if (isStepFirst)
        {
            await archive.Procedures.AddStepAsync(Step(PerformedStepStatus.InProgress), Token);
        }

        await CommitAsync(archive, 1);
        await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity("1.2.2", "1.2.2.1", "1.2.2.1.1"), [2])], Token);
        if (!isStepFirst)
        {
            await archive.Procedures.AddStepAsync(Step(PerformedStepStatus.InProgress), Token);
        }

        archive.Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(["1.2.2"], await StableAsync(archive));
        archive.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(["1.2.1", "1.2.2"], await StableAsync(archive));
    }

    [Fact]
    public async Task A_step_that_is_heard_of_again_holds_anew()
    {
        await using ISeams archive = await OpenAsync();
        await CommitAsync(archive, 1);
        await archive.Procedures.AddStepAsync(Step(PerformedStepStatus.InProgress), Token);
        archive.Clock.Advance(TimeSpan.FromMinutes(50));
        await archive.Procedures.ReplaceStepAsync(Step(PerformedStepStatus.InProgress) with { Revision = 2 }, Token);
        archive.Clock.Advance(TimeSpan.FromMinutes(50));
        Assert.Empty(await StableAsync(archive));
    }

    [Fact]
    public async Task A_completed_step_whose_instances_are_all_there_makes_its_study_stable_at_once()
    {
        await using ISeams archive = await OpenAsync();
        await archive.Procedures.AddStepAsync(Step(PerformedStepStatus.InProgress), Token);
        await CommitAsync(archive, 1);
        await CommitAsync(archive, 2);
        Assert.Empty(await StableAsync(archive));
        await archive.Procedures.ReplaceStepAsync(Step(PerformedStepStatus.Completed, 1, 2) with { Revision = 2 }, Token);
        Assert.Equal(["1.2.1"], await StableAsync(archive));
    }

    [Fact]
    public async Task The_last_instance_that_a_completed_step_names_makes_its_study_stable_at_once()
    {
        await using ISeams archive = await OpenAsync();
        await archive.Procedures.AddStepAsync(Step(PerformedStepStatus.InProgress), Token);
        await CommitAsync(archive, 1);
        await archive.Procedures.ReplaceStepAsync(Step(PerformedStepStatus.Completed, 1, 2, 3) with { Revision = 2 }, Token);
        await CommitAsync(archive, 3);
        Assert.Empty(await StableAsync(archive));
        await CommitAsync(archive, 2);
        Assert.Equal(["1.2.1"], await StableAsync(archive));

        // What nobody has named waits as ever.
        await CommitAsync(archive, 4);
        Assert.Empty(await StableAsync(archive));
        archive.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(["1.2.1"], await StableAsync(archive));
    }

    [Fact]
    public async Task Instances_that_never_come_stop_nothing()
    {
        await using ISeams archive = await OpenAsync();
        await CommitAsync(archive, 1);
        await archive.Procedures.AddStepAsync(Step(PerformedStepStatus.Completed, 1, 2), Token);
        archive.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(["1.2.1"], await StableAsync(archive));
    }

    [Fact]
    public async Task A_second_step_of_the_study_holds_it_although_the_first_is_complete()
    {
        await using ISeams archive = await OpenAsync();
        await CommitAsync(archive, 1);
        await archive.Procedures.AddStepAsync(Step(PerformedStepStatus.InProgress) with { SopInstance = new DicomUid("1.9.2") }, Token);
        await archive.Procedures.AddStepAsync(Step(PerformedStepStatus.Completed, 1), Token);
        archive.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty(await StableAsync(archive));
        await archive.Procedures.ReplaceStepAsync(Step(PerformedStepStatus.Discontinued) with { SopInstance = new DicomUid("1.9.2"), Revision = 2 }, Token);
        Assert.Equal(["1.2.1"], await StableAsync(archive));
    }

    [Fact]
    public async Task A_discontinued_step_lets_its_study_wait_as_others_do()
    {
        await using ISeams archive = await OpenAsync();
        await archive.Procedures.AddStepAsync(Step(PerformedStepStatus.InProgress), Token);
        await CommitAsync(archive, 1);
        await archive.Procedures.ReplaceStepAsync(Step(PerformedStepStatus.Discontinued, 1) with { Revision = 2 }, Token);
        Assert.Empty(await StableAsync(archive));
        archive.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(["1.2.1"], await StableAsync(archive));
    }

    [Fact]
    public async Task A_notification_whose_instances_are_all_there_makes_its_study_stable_at_once_and_is_entered_once()
    {
        await using ISeams archive = await OpenAsync();
        await CommitAsync(archive, 1);
        AvailabilityNotification notification = new(new DicomUid("1.8.1"), s_study, [Instance(1), Instance(2)], new byte[] { 1 }, "PACS");
        Assert.True(await archive.Procedures.AddAvailabilityAsync(notification, Token));
        Assert.False(await archive.Procedures.AddAvailabilityAsync(notification, Token));
        Assert.Empty(await StableAsync(archive));
        await CommitAsync(archive, 2);
        Assert.Equal(["1.2.1"], await StableAsync(archive));
    }

    [Fact]
    public async Task A_study_that_was_looked_at_is_not_made_stable_again()
    {
        await using ISeams archive = await OpenAsync();
        await CommitAsync(archive, 1);
        Assert.NotNull(await archive.Tasks.AddTasksAsync(s_study, 1, [], Token));
        await archive.Procedures.AddStepAsync(Step(PerformedStepStatus.Completed, 1), Token);
        await archive.Procedures.AddStepAsync(Step(PerformedStepStatus.InProgress) with { SopInstance = new DicomUid("1.9.2") }, Token);
        archive.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Empty(await StableAsync(archive));
        Assert.Null(await archive.Studies.FindNextStableTimeAsync(Token));
    }

    [Fact]
    public async Task What_was_ordered_of_a_study_is_part_of_its_snapshot()
    {
        await using ISeams archive = await OpenAsync();
        await CommitAsync(archive, 1);
        Assert.Null((await archive.Studies.ReadSnapshotAsync(s_study, Token))!.Order);
        await archive.Procedures.SaveOrderAsync(s_study, new StudyOrder(null, []), Token);
        await archive.Procedures.SaveOrderAsync(s_study, new StudyOrder(TaskPriority.Stat, [new ProcedureCode("CTHEAD", "99RIS", "CT of the head")]), Token);
        StudyOrder order = (await archive.Studies.ReadSnapshotAsync(s_study, Token))!.Order!;
        Assert.Equal(TaskPriority.Stat, order.Priority);
        Assert.Equal(new ProcedureCode("CTHEAD", "99RIS", "CT of the head"), Assert.Single(order.Procedures));
    }

    private static DicomUid Instance(int number) => new($"1.2.1.1.{number}");

    private static async Task CommitAsync(ISeams archive, int number) =>
        Assert.Equal(IngestOutcome.Stored, (await archive.Studies.CommitAsync([archive.Record(TestArchive.Identity(instance: Instance(number).Value), [(byte)number])], Token))[0].Outcome);

    private static async Task<IEnumerable<string>> StableAsync(ISeams archive) =>
        (await archive.Studies.FindStableStudiesAsync(archive.Clock.GetUtcNow(), 10, Token)).Select(study => study.Value).Order();

    private static PerformedStep Step(PerformedStepStatus status, params int[] instances) => new()
    {
        SopInstance = new DicomUid("1.9.1"),
        Status = status,
        Studies = [s_study],
        Instances = [.. instances.Select(Instance)],
        DataSet = new byte[] { 1 },
        CallingAe = "MODALITY",
    };
}
