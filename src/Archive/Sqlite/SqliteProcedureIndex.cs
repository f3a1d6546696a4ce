using System.Text.Json;
using Dapper;
using MedicalAi.Dicom;
using Microsoft.Data.Sqlite;

namespace MedicalAi.Archive;

/// <summary>What others tell of procedures, in SQLite.</summary>
/// <param name="database">The database.</param>
/// <param name="options">Stability and holds.</param>
/// <param name="signals">Wakes who looks for stable studies.</param>
/// <param name="time">The clock.</param>
public sealed class SqliteProcedureIndex(SqliteDatabase database, ArchiveOptions options, ArchiveSignals signals, TimeProvider time) : IProcedureIndex
{
    /// <inheritdoc />
    public ValueTask<bool> AddStepAsync(PerformedStep step, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        return WriteAndWakeAsync(
            (connection, transaction, now) =>
            {
                bool isNew = connection.Execute(
                    """
                    INSERT INTO performed_procedure_steps (sop_instance_uid, status, calling_ae, data_set, revision, created_at, updated_at)
                    VALUES (@uid, @status, @CallingAe, @dataSet, @Revision, @now, @now) ON CONFLICT (sop_instance_uid) DO NOTHING
                    """,
                    new { uid = step.SopInstance.Value, status = Text(step.Status), step.CallingAe, dataSet = step.DataSet.ToArray(), step.Revision, now },
                    transaction) > 0;
                if (isNew)
                {
                    TakeRegard(connection, transaction, step, now);
                }

                return isNew;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<StoredStep?> FindStepAsync(DicomUid sopInstance, CancellationToken cancellationToken)
    {
        using SqliteConnection connection = database.OpenReader();
        (string? Status, byte[] DataSet, string CallingAe, long Revision) row = await connection.QueryFirstOrDefaultAsync<(string?, byte[], string, long)>(new CommandDefinition(
            "SELECT status, data_set, calling_ae, revision FROM performed_procedure_steps WHERE sop_instance_uid = @uid", new { uid = sopInstance.Value }, cancellationToken: cancellationToken));
        return row.Status is { } status ? new StoredStep(Enum.Parse<PerformedStepStatus>(status.Replace(" ", "", StringComparison.Ordinal), ignoreCase: true), row.DataSet, row.CallingAe, row.Revision) : null;
    }

    /// <inheritdoc />
    public ValueTask<bool> ReplaceStepAsync(PerformedStep step, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        return WriteAndWakeAsync(
            (connection, transaction, now) =>
            {
                bool isNext = connection.Execute(
                    "UPDATE performed_procedure_steps SET status = @status, data_set = @dataSet, revision = @Revision, updated_at = @now WHERE sop_instance_uid = @uid AND revision = @Revision - 1",
                    new { uid = step.SopInstance.Value, status = Text(step.Status), dataSet = step.DataSet.ToArray(), step.Revision, now },
                    transaction) > 0;
                if (isNext)
                {
                    TakeRegard(connection, transaction, step, now);
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
            (connection, transaction, now) =>
            {
                bool isNew = connection.Execute(
                    """
                    INSERT INTO availability_notifications (sop_instance_uid, study_uid, calling_ae, data_set, created_at)
                    VALUES (@uid, @study, @CallingAe, @dataSet, @now) ON CONFLICT (sop_instance_uid) DO NOTHING
                    """,
                    new { uid = notification.SopInstance.Value, study = notification.Study.Value, notification.CallingAe, dataSet = notification.DataSet.ToArray(), now },
                    transaction) > 0;
                if (isNew)
                {
                    SqliteStudyCompletion.InstancesNamed(connection, transaction, notification.Study.Value, [.. notification.Instances.Select(uid => uid.Value)], now);
                }

                return isNew;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask SaveOrderAsync(DicomUid study, StudyOrder order, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);
        await database.WriteAsync(
            (connection, transaction) => connection.Execute(
                """
                INSERT INTO study_orders (study_uid, priority, codes, asked_at) VALUES (@study, @priority, @codes, @now)
                ON CONFLICT (study_uid) DO UPDATE SET priority = excluded.priority, codes = excluded.codes, asked_at = excluded.asked_at
                """,
                new { study = study.Value, priority = (int?)order.Priority, codes = JsonSerializer.Serialize(order.Procedures), now = time.GetUtcNow().ToColumn() },
                transaction),
            cancellationToken);
    }

    /// <summary>What was ordered of a study; null when nothing is known.</summary>
    internal static async ValueTask<StudyOrder?> FindOrderAsync(SqliteConnection connection, DicomUid study, CancellationToken cancellationToken)
    {
        (string? Codes, long? Priority) row = await connection.QueryFirstOrDefaultAsync<(string?, long?)>(new CommandDefinition(
            "SELECT codes, priority FROM study_orders WHERE study_uid = @uid", new { uid = study.Value }, cancellationToken: cancellationToken));
        return row.Codes is { } codes ? new StudyOrder((TaskPriority?)row.Priority, JsonSerializer.Deserialize<ProcedureCode[]>(codes) ?? []) : null;
    }

    private static string Text(PerformedStepStatus status) => status switch
    {
        PerformedStepStatus.InProgress => "IN PROGRESS",
        PerformedStepStatus.Completed => "COMPLETED",
        _ => "DISCONTINUED",
    };

    private void TakeRegard(SqliteConnection connection, SqliteTransaction transaction, PerformedStep step, long now)
    {
        foreach (string study in step.Studies.Select(uid => uid.Value))
        {
            if (step.Status == PerformedStepStatus.InProgress)
            {
                SqliteStudyCompletion.StepGoesOn(connection, transaction, study, step.SopInstance.Value, now, now + (long)options.MaximumHold.TotalMilliseconds);
                continue;
            }

            SqliteStudyCompletion.StepEnded(connection, transaction, study, step.SopInstance.Value, now, (long)options.StudyStability.TotalMilliseconds);
            if (step.Status == PerformedStepStatus.Completed)
            {
                SqliteStudyCompletion.InstancesNamed(connection, transaction, study, [.. step.Instances.Select(uid => uid.Value)], now);
            }
        }
    }

    private async ValueTask<bool> WriteAndWakeAsync(Func<SqliteConnection, SqliteTransaction, long, bool> work, CancellationToken cancellationToken)
    {
        long now = time.GetUtcNow().ToColumn();
        bool isDone = await database.WriteAsync(
            (connection, transaction) =>
            {
                SqliteStudyCompletion.Forget(connection, transaction, now);
                return work(connection, transaction, now);
            },
            cancellationToken);
        if (isDone)
        {
            signals.StabilityMoved();
        }

        return isDone;
    }
}
