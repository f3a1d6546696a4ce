
namespace MedicalAi.Archive;

/// <summary>When studies become stable, beyond the time without new instances: what performed steps and notifications say of it. As part of a transaction.</summary>
internal static class StudyCompletion
{
    /// <summary>Takes regard of new instances of a study, whose time of stability was set anew.</summary>
    public static async Task InstancesCameAsync(IndexTransaction transaction, string study, long now)
    {
        await HoldAsync(transaction, study, now);
        if (!await ExpectsAsync(transaction, study))
        {
            return;
        }

        await transaction.ExecuteAsync(
            "DELETE FROM study_expectations WHERE study_uid = @study AND sop_instance_uid IN (SELECT i.sop_instance_uid FROM study_expectations e JOIN instances i ON i.sop_instance_uid = e.sop_instance_uid WHERE e.study_uid = @study)",
            new { study });
        if (!await ExpectsAsync(transaction, study))
        {
            await SetStableNowAsync(transaction, study, now);
        }
    }

    /// <summary>A step that is in progress holds a study.</summary>
    public static async Task StepGoesOnAsync(IndexTransaction transaction, string study, string step, long now, long until)
    {
        await transaction.ExecuteAsync(
            "INSERT INTO study_holds (study_uid, step_uid, until) VALUES (@study, @step, @until) ON CONFLICT (study_uid, step_uid) DO UPDATE SET until = excluded.until", new { study, step, until });
        await HoldAsync(transaction, study, now);
    }

    /// <summary>A step has ended: the study waits as others do.</summary>
    public static async Task StepEndedAsync(IndexTransaction transaction, string study, string step, long now, long stability)
    {
        if (await transaction.ExecuteAsync("DELETE FROM study_holds WHERE study_uid = @study AND step_uid = @step", new { study, step }) > 0)
        {
            await transaction.ExecuteAsync("UPDATE studies SET stable_at = updated_at + @stability WHERE study_uid = @study AND stable_at IS NOT NULL", new { study, stability });
            await HoldAsync(transaction, study, now);
        }
    }

    /// <summary>All the instances of a part of a study have been named: when they are there, the study is stable.</summary>
    public static async Task InstancesNamedAsync(IndexTransaction transaction, IndexDialect dialect, string study, IReadOnlyCollection<string> instances, long now)
    {
        if (instances.Count == 0)
        {
            return;
        }

        await transaction.ExecuteAsync(
            $"""
            INSERT INTO study_expectations (study_uid, sop_instance_uid, told_at)
            SELECT @study, value, @now FROM {dialect.RowsOf("@list")} WHERE value NOT IN (SELECT sop_instance_uid FROM instances WHERE sop_instance_uid = value) ON CONFLICT DO NOTHING
            """,
            new { study, list = dialect.List(instances), now });
        if (!await ExpectsAsync(transaction, study))
        {
            await SetStableNowAsync(transaction, study, now);
        }
    }

    /// <summary>Forgets holds that have ended, and instances that have not come for a day.</summary>
    public static async Task ForgetAsync(IndexTransaction transaction, long now)
    {
        await transaction.ExecuteAsync("DELETE FROM study_holds WHERE until <= @now", new { now });
        await transaction.ExecuteAsync("DELETE FROM study_expectations WHERE told_at < @before", new { before = now - (long)TimeSpan.FromDays(1).TotalMilliseconds });
    }

    private static Task<bool> ExpectsAsync(IndexTransaction transaction, string study) =>
        transaction.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM study_expectations WHERE study_uid = @study)", new { study });

    private static Task<int> HoldAsync(IndexTransaction transaction, string study, long now) => transaction.ExecuteAsync(
        """
        UPDATE studies SET stable_at = (SELECT max(until) FROM study_holds WHERE study_uid = @study AND until > @now)
        WHERE study_uid = @study AND stable_at < (SELECT max(until) FROM study_holds WHERE study_uid = @study AND until > @now)
        """,
        new { study, now });

    private static Task<int> SetStableNowAsync(IndexTransaction transaction, string study, long now) => transaction.ExecuteAsync(
        "UPDATE studies SET stable_at = @now WHERE study_uid = @study AND stable_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM study_holds WHERE study_uid = @study AND until > @now)",
        new { study, now });
}
