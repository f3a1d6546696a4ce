using Dapper;
using Microsoft.Data.Sqlite;

namespace MedicalAi.Archive;

/// <summary>When studies become stable, beyond the time without new instances: what performed steps and notifications say of it. As part of a transaction.</summary>
internal static class SqliteStudyCompletion
{
    /// <summary>Takes regard of new instances of a study, whose time of stability was set anew.</summary>
    public static void InstancesCame(SqliteConnection connection, SqliteTransaction transaction, string study, long now)
    {
        Hold(connection, transaction, study, now);
        if (!Expects(connection, transaction, study))
        {
            return;
        }

        connection.Execute(
            "DELETE FROM study_expectations WHERE study_uid = @study AND sop_instance_uid IN (SELECT i.sop_instance_uid FROM study_expectations e JOIN instances i ON i.sop_instance_uid = e.sop_instance_uid WHERE e.study_uid = @study)",
            new { study },
            transaction);
        if (!Expects(connection, transaction, study))
        {
            SetStableNow(connection, transaction, study, now);
        }
    }

    /// <summary>A step that is in progress holds a study.</summary>
    public static void StepGoesOn(SqliteConnection connection, SqliteTransaction transaction, string study, string step, long now, long until)
    {
        connection.Execute(
            "INSERT INTO study_holds (study_uid, step_uid, until) VALUES (@study, @step, @until) ON CONFLICT (study_uid, step_uid) DO UPDATE SET until = excluded.until", new { study, step, until }, transaction);
        Hold(connection, transaction, study, now);
    }

    /// <summary>A step has ended: the study waits as others do.</summary>
    public static void StepEnded(SqliteConnection connection, SqliteTransaction transaction, string study, string step, long now, long stability)
    {
        if (connection.Execute("DELETE FROM study_holds WHERE study_uid = @study AND step_uid = @step", new { study, step }, transaction) > 0)
        {
            connection.Execute("UPDATE studies SET stable_at = updated_at + @stability WHERE study_uid = @study AND stable_at IS NOT NULL", new { study, stability }, transaction);
            Hold(connection, transaction, study, now);
        }
    }

    /// <summary>All the instances of a part of a study have been named: when they are there, the study is stable.</summary>
    public static void InstancesNamed(SqliteConnection connection, SqliteTransaction transaction, string study, IReadOnlyList<string> instances, long now)
    {
        if (instances.Count == 0)
        {
            return;
        }

        connection.Execute(
            """
            INSERT INTO study_expectations (study_uid, sop_instance_uid, told_at)
            SELECT @study, value, @now FROM json_each(@list) WHERE value NOT IN (SELECT sop_instance_uid FROM instances WHERE sop_instance_uid = value) ON CONFLICT DO NOTHING
            """,
            new { study, list = System.Text.Json.JsonSerializer.Serialize(instances), now },
            transaction);
        if (!Expects(connection, transaction, study))
        {
            SetStableNow(connection, transaction, study, now);
        }
    }

    /// <summary>Forgets holds that have ended, and instances that have not come for a day.</summary>
    public static void Forget(SqliteConnection connection, SqliteTransaction transaction, long now)
    {
        connection.Execute("DELETE FROM study_holds WHERE until <= @now", new { now }, transaction);
        connection.Execute("DELETE FROM study_expectations WHERE told_at < @before", new { before = now - (long)TimeSpan.FromDays(1).TotalMilliseconds }, transaction);
    }

    private static bool Expects(SqliteConnection connection, SqliteTransaction transaction, string study) =>
        connection.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM study_expectations WHERE study_uid = @study)", new { study }, transaction);

    private static void Hold(SqliteConnection connection, SqliteTransaction transaction, string study, long now) => connection.Execute(
        """
        UPDATE studies SET stable_at = max(stable_at, (SELECT max(until) FROM study_holds WHERE study_uid = @study AND until > @now))
        WHERE study_uid = @study AND stable_at IS NOT NULL AND EXISTS (SELECT 1 FROM study_holds WHERE study_uid = @study AND until > @now)
        """,
        new { study, now },
        transaction);

    private static void SetStableNow(SqliteConnection connection, SqliteTransaction transaction, string study, long now) => connection.Execute(
        "UPDATE studies SET stable_at = @now WHERE study_uid = @study AND stable_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM study_holds WHERE study_uid = @study AND until > @now)",
        new { study, now },
        transaction);
}
