using System.Text.Json;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>The tasks in a database.</summary>
/// <param name="database">The database.</param>
/// <param name="options">Attempts and back-off.</param>
/// <param name="signals">Wakes the outbox after every change that fills it.</param>
/// <param name="time">The clock.</param>
public sealed partial class SqlTaskIndex(IndexDatabase database, ArchiveOptions options, ArchiveSignals signals, TimeProvider time) : ITaskIndex
{
    private const string Held = "id = @id AND fence = @Fence AND status = 'running'";

    /// <inheritdoc />
    public ValueTask<int?> AddTasksAsync(DicomUid study, long revision, IReadOnlyList<NewTask> tasks, CancellationToken cancellationToken)
    {
        long now = Now();
        return WriteAndWakeAsync<int?>(
            async transaction =>
            {
                object at = new { uid = study.Value, revision };
                if (await transaction.ScalarAsync<long?>($"SELECT id FROM studies WHERE study_uid = @uid AND revision = @revision{database.Dialect.ForUpdate}", at) is null)
                {
                    return null;
                }

                // Another process may have found it as well: it is told once.
                if (await transaction.ExecuteAsync("UPDATE studies SET stable_at = NULL WHERE study_uid = @uid AND stable_at IS NOT NULL", at) > 0)
                {
                    transaction.Log(new IndexTransaction.Change("study-stable", study.Value, now));
                }

                int added = 0;
                foreach (NewTask task in tasks)
                {
                    Guid id = Guid.CreateVersion7(time.GetUtcNow());
                    if (await transaction.ExecuteAsync(
                        """
                        INSERT INTO ai_inference_tasks (id, study_uid, model, model_version, inputs_digest, inputs, priority, status, created_at, updated_at)
                        VALUES (@id, @study, @Model, @ModelVersion, @InputsDigest, @inputs, @priority, 'queued', @now, @now)
                        ON CONFLICT (study_uid, model, model_version, inputs_digest) DO NOTHING
                        """,
                        new { id = Text(id), study = study.Value, task.Model, task.ModelVersion, task.InputsDigest, inputs = JsonSerializer.Serialize(task.Inputs.Select(uid => uid.Value)), priority = (int)task.Priority, now }) > 0)
                    {
                        await AddToOutboxAsync(transaction, WorkKind.Infer, id, (int)task.Priority, null, now);
                        LogChange(transaction, "task-queued", study.Value, id, now);
                        added++;
                    }
                }

                return added;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<TaskClaimResult> ClaimAsync(Guid taskId, WorkKind kind, string owner, TimeSpan lease, CancellationToken cancellationToken)
    {
        long now = Now();
        long until = (time.GetUtcNow() + lease).ToColumn();
        return database.WriteAsync(
            async transaction =>
            {
                TaskRow? row = await FindAsync(transaction, taskId);
                if (row is null || row.Status is not ("queued" or "running") || row.HasFindings != (kind == WorkKind.Report))
                {
                    return default;
                }

                if (row.LeaseUntil > now || row.NextAttemptAt > now)
                {
                    return new TaskClaimResult(null, Timestamps.FromColumn(Math.Max(row.LeaseUntil ?? 0, row.NextAttemptAt ?? 0)));
                }

                if (row.Attempts >= options.MaximumAttempts)
                {
                    // Its holders died without a word, each time.
                    await BuryAsync(transaction, row, "Every attempt ended without an answer.", now);
                    return default;
                }

                await transaction.ExecuteAsync(
                    """
                    UPDATE ai_inference_tasks SET status = 'running', attempts = attempts + 1, lease_owner = @owner, lease_until = @until, fence = fence + 1,
                        next_attempt_at = NULL, started_at = coalesce(started_at, @now), updated_at = @now WHERE id = @id
                    """,
                    new { id = row.Id, owner, until, now });
                TaskRow claimed = (await FindAsync(transaction, taskId))!;
                return new TaskClaimResult(new TaskClaim(claimed.ToTask(), kind, claimed.Fence, Timestamps.FromColumn(until)), null);
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<bool> HeartbeatAsync(TaskClaim claim, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(claim);
        long until = (time.GetUtcNow() + lease).ToColumn();
        return database.WriteAsync(
            async transaction => await transaction.ExecuteAsync($"UPDATE ai_inference_tasks SET lease_until = @until, updated_at = @now WHERE {Held}", new { id = Text(claim.Task.Id), claim.Fence, until, now = Now() }) > 0, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<bool> SaveFindingsAsync(TaskClaim claim, ReadOnlyMemory<byte> findings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(claim);
        long now = Now();
        return WriteAndWakeAsync(
            async transaction =>
            {
                // The fence grows, so that the holder of the first phase can write no more.
                bool saved = await transaction.ExecuteAsync(
                    $"UPDATE ai_inference_tasks SET findings = @findings, attempts = 0, error = NULL, lease_owner = NULL, lease_until = NULL, fence = fence + 1, updated_at = @now WHERE {Held} AND findings IS NULL",
                    new { id = Text(claim.Task.Id), claim.Fence, findings = findings.ToArray(), now }) > 0;
                if (saved)
                {
                    await AddToOutboxAsync(transaction, WorkKind.Report, claim.Task.Id, (int)claim.Task.Priority, null, now);
                }

                return saved;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<ReadOnlyMemory<byte>?> ReadFindingsAsync(Guid taskId, CancellationToken cancellationToken)
    {
        byte[]? bytes = await database.ReadScalarAsync<byte[]?>("SELECT findings FROM ai_inference_tasks WHERE id = @id", new { id = Text(taskId) }, cancellationToken);

        // Typed: a bare null would become an empty memory by way of an array.
        return bytes is null ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(bytes);
    }

    /// <inheritdoc />
    public ValueTask<bool> CompleteAsync(TaskClaim claim, TaskCompletion completion, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(claim);
        ArgumentNullException.ThrowIfNull(completion);
        long now = Now();
        return database.WriteAsync(
            async transaction =>
            {
                if (await transaction.ExecuteAsync(
                    $"UPDATE ai_inference_tasks SET status = 'completed', completed_at = @now, error = NULL, lease_owner = NULL, lease_until = NULL, updated_at = @now WHERE {Held} AND findings IS NOT NULL",
                    new { id = Text(claim.Task.Id), claim.Fence, now }) == 0)
                {
                    return false;
                }

                await SqlReportIndex.EnterAsync(transaction, database.Dialect, completion, now);
                LogChange(transaction, "task-completed", claim.Task.Study.Value, claim.Task.Id, now);
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<bool> FailAsync(TaskClaim claim, string reason, bool isTransient, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(claim);
        string text = database.Dialect.Text(reason);
        long now = Now();
        return WriteAndWakeAsync(
            async transaction =>
            {
                TaskRow? row = await FindAsync(transaction, claim.Task.Id);
                if (row is null || row.Fence != claim.Fence || row.Status != "running")
                {
                    return false;
                }

                if (!isTransient || row.Attempts >= options.MaximumAttempts)
                {
                    await BuryAsync(transaction, row, text, now);
                    return true;
                }

                long next = (time.GetUtcNow() + BackOff(row.Attempts)).ToColumn();
                await transaction.ExecuteAsync(
                    "UPDATE ai_inference_tasks SET status = CASE WHEN findings IS NULL THEN 'queued' ELSE 'running' END, error = @reason, lease_owner = NULL, lease_until = NULL, fence = fence + 1, next_attempt_at = @next, updated_at = @now WHERE id = @id",
                    new { id = row.Id, reason = text, next, now });
                await AddToOutboxAsync(transaction, claim.Kind, claim.Task.Id, row.Priority, next, now);
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<bool> ReleaseAsync(TaskClaim claim, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(claim);
        long now = Now();
        return WriteAndWakeAsync(
            async transaction =>
            {
                bool released = await transaction.ExecuteAsync(
                    $"UPDATE ai_inference_tasks SET status = CASE WHEN findings IS NULL THEN 'queued' ELSE 'running' END, attempts = attempts - 1, lease_owner = NULL, lease_until = NULL, fence = fence + 1, updated_at = @now WHERE {Held}",
                    new { id = Text(claim.Task.Id), claim.Fence, now }) > 0;
                if (released)
                {
                    await AddToOutboxAsync(transaction, claim.Kind, claim.Task.Id, (int)claim.Task.Priority, null, now);
                }

                return released;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<InferenceTask?> FindTaskAsync(Guid taskId, CancellationToken cancellationToken) =>
        (await database.ReadTuplesAsync<TaskRow>($"SELECT {TaskRow.Columns} FROM ai_inference_tasks WHERE id = @id", new { id = Text(taskId) }, cancellationToken)).FirstOrDefault()?.ToTask();

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<InferenceTask>> ListTasksAsync(TaskQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        IEnumerable<TaskRow> rows = await database.ReadTuplesAsync<TaskRow>(
            $"""
            SELECT {TaskRow.Columns} FROM ai_inference_tasks
            WHERE (@study IS NULL OR study_uid = @study) AND (@status IS NULL OR status = @status) AND (@Model IS NULL OR model = @Model)
            ORDER BY created_at DESC, id DESC LIMIT @limit OFFSET @offset
            """,
            new { study = query.Study?.Value, status = query.Status is { } s ? Text(s) : null, query.Model, limit = Math.Clamp(query.Limit, 0, 1000), offset = Math.Max(0, query.Offset) },
            cancellationToken);
        return [.. rows.Select(row => row.ToTask())];
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyDictionary<InferenceTaskStatus, long>> CountTasksAsync(CancellationToken cancellationToken)
    {
        IEnumerable<(string Status, long Count)> rows = await database.ReadTuplesAsync<(string, long)>("SELECT status, count(*) FROM ai_inference_tasks GROUP BY status", null, cancellationToken);
        return rows.ToDictionary(row => Enum.Parse<InferenceTaskStatus>(row.Status, ignoreCase: true), row => row.Count);
    }

    /// <inheritdoc />
    public async ValueTask<DateTimeOffset?> FindOldestOpenAsync(CancellationToken cancellationToken) =>
        Timestamps.FromColumn(await database.ReadScalarAsync<long?>("SELECT min(created_at) FROM ai_inference_tasks WHERE status IN ('queued', 'running')", null, cancellationToken));

    /// <inheritdoc />
    public ValueTask<bool> RetryAsync(Guid taskId, CancellationToken cancellationToken)
    {
        long now = Now();
        return WriteAndWakeAsync(
            async transaction =>
            {
                TaskRow? row = await FindAsync(transaction, taskId);
                if (row is null || row.Status is not ("failed" or "cancelled"))
                {
                    return false;
                }

                await transaction.ExecuteAsync(
                    "UPDATE ai_inference_tasks SET status = 'queued', attempts = 0, error = NULL, dead_lettered_at = NULL, next_attempt_at = NULL, fence = fence + 1, updated_at = @now WHERE id = @id",
                    new { id = row.Id, now });
                await AddToOutboxAsync(transaction, row.HasFindings ? WorkKind.Report : WorkKind.Infer, taskId, row.Priority, null, now);
                LogChange(transaction, "task-queued", row.Study, taskId, now);
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<bool> CancelAsync(Guid taskId, CancellationToken cancellationToken)
    {
        long now = Now();
        return database.WriteAsync(
            async transaction =>
            {
                bool cancelled = await transaction.ExecuteAsync(
                    "UPDATE ai_inference_tasks SET status = 'cancelled', lease_owner = NULL, lease_until = NULL, next_attempt_at = NULL, fence = fence + 1, updated_at = @now WHERE id = @id AND status IN ('queued', 'running')",
                    new { id = Text(taskId), now }) > 0;
                if (cancelled)
                {
                    LogChange(transaction, "task-cancelled", (await FindAsync(transaction, taskId))!.Study, taskId, now);
                }

                return cancelled;
            },
            cancellationToken);
    }

    // The row is kept from others that read it to change it.
    private Task<TaskRow?> FindAsync(IndexTransaction transaction, Guid id) =>
        transaction.FirstAsync<TaskRow>($"SELECT {TaskRow.Columns} FROM ai_inference_tasks WHERE id = @id{database.Dialect.ForUpdate}", new { id = Text(id) });

    private static async Task BuryAsync(IndexTransaction transaction, TaskRow row, string reason, long now)
    {
        await transaction.ExecuteAsync(
            "UPDATE ai_inference_tasks SET status = 'failed', error = @reason, lease_owner = NULL, lease_until = NULL, next_attempt_at = NULL, fence = fence + 1, dead_lettered_at = @now, updated_at = @now WHERE id = @id",
            new { id = row.Id, reason, now });
        LogChange(transaction, "task-failed", row.Study, Guid.Parse(row.Id), now);
    }

    private static void LogChange(IndexTransaction transaction, string kind, string study, Guid task, long now) =>
        transaction.Log(new IndexTransaction.Change(kind, study, now, Task: Text(task)));

    private static string Text(Guid id) => id.ToString("D");

    private static string Text<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private long Now() => time.GetUtcNow().ToColumn();

    /// <summary>Doubles from attempt to attempt; half of it is random, so that failures of one cause do not come back together.</summary>
    private TimeSpan BackOff(int attempts)
    {
        double full = Math.Min(options.BackOff.TotalMilliseconds * Math.Pow(2, attempts - 1), options.MaximumBackOff.TotalMilliseconds);
        return TimeSpan.FromMilliseconds((full / 2) + (full / 2 * Random.Shared.NextDouble()));
    }
}
