using System.Text.Json;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>What others tell of procedures, in a database.</summary>
/// <param name="database">The database.</param>
/// <param name="options">Stability and holds.</param>
/// <param name="signals">Wakes who looks for stable studies.</param>
/// <param name="time">The clock.</param>
public sealed class SqlProcedureIndex(IndexDatabase database, ArchiveOptions options, ArchiveSignals signals, TimeProvider time) : IProcedureIndex
{
    /// <inheritdoc />
    public ValueTask<bool> AddStepAsync(PerformedStep step, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        return WriteAndWakeAsync(
            async (transaction, now) =>
            {
                bool isNew = await transaction.ExecuteAsync(
                    """
                    INSERT INTO performed_procedure_steps (sop_instance_uid, status, calling_ae, data_set, revision, created_at, updated_at)
                    VALUES (@uid, @status, @CallingAe, @dataSet, @Revision, @now, @now) ON CONFLICT (sop_instance_uid) DO NOTHING
                    """,
                    new { uid = step.SopInstance.Value, status = Text(step.Status), step.CallingAe, dataSet = step.DataSet.ToArray(), step.Revision, now }) > 0;
                if (isNew)
                {
                    await TakeRegardAsync(transaction, step, now);
                }

                return isNew;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<StoredStep?> FindStepAsync(DicomUid sopInstance, CancellationToken cancellationToken)
    {
        (string? Status, byte[] DataSet, string CallingAe, long Revision) row = (await database.ReadTuplesAsync<(string?, byte[], string, long)>(
            "SELECT status, data_set, calling_ae, revision FROM performed_procedure_steps WHERE sop_instance_uid = @uid", new { uid = sopInstance.Value }, cancellationToken)).FirstOrDefault();
        return row.Status is { } status ? new StoredStep(Enum.Parse<PerformedStepStatus>(status.Replace(" ", "", StringComparison.Ordinal), ignoreCase: true), row.DataSet, row.CallingAe, row.Revision) : null;
    }

    /// <inheritdoc />
    public ValueTask<bool> ReplaceStepAsync(PerformedStep step, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        return WriteAndWakeAsync(
            async (transaction, now) =>
            {
                bool isNext = await transaction.ExecuteAsync(
                    "UPDATE performed_procedure_steps SET status = @status, data_set = @dataSet, revision = @Revision, updated_at = @now WHERE sop_instance_uid = @uid AND revision = @Revision - 1",
                    new { uid = step.SopInstance.Value, status = Text(step.Status), dataSet = step.DataSet.ToArray(), step.Revision, now }) > 0;
                if (isNext)
                {
                    await TakeRegardAsync(transaction, step, now);
                }

                return isNext;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<bool> AddAvailabilityAsync(AvailabilityNotification notification, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(notification);
        return WriteAndWakeAsync(
            async (transaction, now) =>
            {
                bool isNew = await transaction.ExecuteAsync(
                    """
                    INSERT INTO availability_notifications (sop_instance_uid, study_uid, calling_ae, data_set, created_at)
                    VALUES (@uid, @study, @CallingAe, @dataSet, @now) ON CONFLICT (sop_instance_uid) DO NOTHING
                    """,
                    new { uid = notification.SopInstance.Value, study = notification.Study.Value, notification.CallingAe, dataSet = notification.DataSet.ToArray(), now }) > 0;
                if (isNew)
                {
                    await StudyCompletion.InstancesNamedAsync(transaction, database.Dialect, notification.Study.Value, [.. notification.Instances.Select(uid => uid.Value)], now);
                }

                return isNew;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask SaveOrderAsync(DicomUid study, StudyOrder order, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);
        await database.ExecuteAsync(
            """
            INSERT INTO study_orders (study_uid, priority, codes, asked_at) VALUES (@study, @priority, @codes, @now)
            ON CONFLICT (study_uid) DO UPDATE SET priority = excluded.priority, codes = excluded.codes, asked_at = excluded.asked_at
            """,
            new { study = study.Value, priority = (int?)order.Priority, codes = JsonSerializer.Serialize(order.Procedures), now = time.GetUtcNow().ToColumn() },
            cancellationToken);
    }

    /// <summary>What was ordered of a study; null when nothing is known.</summary>
    internal static async ValueTask<StudyOrder?> FindOrderAsync(IndexDatabase database, DicomUid study, CancellationToken cancellationToken)
    {
        (string? Codes, long? Priority) row = (await database.ReadTuplesAsync<(string?, long?)>("SELECT codes, priority FROM study_orders WHERE study_uid = @uid", new { uid = study.Value }, cancellationToken)).FirstOrDefault();
        return row.Codes is { } codes ? new StudyOrder((TaskPriority?)row.Priority, JsonSerializer.Deserialize<ProcedureCode[]>(codes) ?? []) : null;
    }

    private static string Text(PerformedStepStatus status) => status switch
    {
        PerformedStepStatus.InProgress => "IN PROGRESS",
        PerformedStepStatus.Completed => "COMPLETED",
        _ => "DISCONTINUED",
    };

    private async Task TakeRegardAsync(IndexTransaction transaction, PerformedStep step, long now)
    {
        foreach (string study in step.Studies.Select(uid => uid.Value))
        {
            if (step.Status == PerformedStepStatus.InProgress)
            {
                await StudyCompletion.StepGoesOnAsync(transaction, study, step.SopInstance.Value, now, now + (long)options.MaximumHold.TotalMilliseconds);
                continue;
            }

            await StudyCompletion.StepEndedAsync(transaction, study, step.SopInstance.Value, now, (long)options.StudyStability.TotalMilliseconds);
            if (step.Status == PerformedStepStatus.Completed)
            {
                await StudyCompletion.InstancesNamedAsync(transaction, database.Dialect, study, [.. step.Instances.Select(uid => uid.Value)], now);
            }
        }
    }

    private async ValueTask<bool> WriteAndWakeAsync(Func<IndexTransaction, long, Task<bool>> work, CancellationToken cancellationToken)
    {
        long now = time.GetUtcNow().ToColumn();
        bool isDone = await database.WriteAsync(
            async transaction =>
            {
                await StudyCompletion.ForgetAsync(transaction, now);
                return await work(transaction, now);
            },
            cancellationToken);
        if (isDone)
        {
            signals.StabilityMoved();
        }

        return isDone;
    }
}
