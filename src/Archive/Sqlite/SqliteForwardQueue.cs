using System.Data.Common;
using Dapper;
using MedicalAi.Dicom;
using Microsoft.Data.Sqlite;

namespace MedicalAi.Archive;

/// <summary>The forward queues in SQLite.</summary>
/// <param name="database">The database.</param>
/// <param name="time">The clock.</param>
public sealed partial class SqliteForwardQueue(SqliteDatabase database, TimeProvider time) : IForwardQueue
{
    private const string Held = "id = @0 AND fence = @1 AND state = 'sending'";

    /// <inheritdoc />
    public ValueTask<ForwardClaims> ClaimAsync(ForwardRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        long now = Now();
        object parameters = new { request.Destination, now, request.ClosedRules, limit = Math.Clamp(request.Limit, 1, 1000) };
        const string Open = "destination = @Destination AND state IN ('queued', 'sending') AND rule NOT IN @ClosedRules";

        // Looking takes no turn at the writer, so that waiting senders are no burden.
        using (SqliteConnection connection = database.OpenReader())
        {
            if (!connection.ExecuteScalar<bool>($"SELECT EXISTS (SELECT 1 FROM forward_items WHERE {Open} AND available_at <= @now)", parameters))
            {
                return ValueTask.FromResult(new ForwardClaims([], Timestamps.FromColumn(connection.ExecuteScalar<long?>($"SELECT min(available_at) FROM forward_items WHERE {Open}", parameters))));
            }
        }

        long until = (time.GetUtcNow() + request.Lease).ToColumn();
        return database.WriteAsync(
            (connection, transaction) =>
            {
                // One that is held although its lease has ended was tried, as far as is known.
                ClaimRow[] rows =
                [
                    .. connection.Query<ClaimRow>(
                        $"""
                        SELECT id AS Id, rule AS Rule, sop_instance_uid AS SopInstance, priority AS Priority, attempts + (state = 'sending') AS Attempts, fence + 1 AS Fence
                        FROM forward_items WHERE {Open} AND available_at <= @now ORDER BY priority DESC, id LIMIT @limit
                        """,
                        parameters,
                        transaction),
                ];
                using SqliteStatement claim = new(connection, transaction, "UPDATE forward_items SET state = 'sending', attempts = @1, fence = @2, lease_owner = @3, available_at = @4 WHERE id = @0", 5);
                foreach (ClaimRow row in rows)
                {
                    claim.Execute(row.Id, row.Attempts, row.Fence, OwnerMark.Lease, until);
                }

                return new ForwardClaims([.. rows.Select(row => new ForwardClaim(row.Id, row.Rule, new DicomUid(row.SopInstance), (TaskPriority)row.Priority, (int)row.Attempts, row.Fence))], null);
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<int> RenewAsync(IReadOnlyCollection<ForwardClaim> claims, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(claims);
        long until = (time.GetUtcNow() + lease).ToColumn();
        return database.WriteAsync(
            (connection, transaction) =>
            {
                using SqliteStatement renew = new(connection, transaction, $"UPDATE forward_items SET available_at = @2 WHERE {Held}", 3);
                return claims.Sum(claim => renew.Execute(claim.Id, claim.Fence, until));
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<int> SettleAsync(IReadOnlyCollection<ForwardSettlement> settlements, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settlements);
        long now = Now();
        return database.WriteAsync(
            (connection, transaction) =>
            {
                // The fence grows, so that nothing is noted twice; what was only given back keeps the reason of its last attempt.
                using SqliteStatement settle = new(
                    connection,
                    transaction,
                    $"""
                    UPDATE forward_items SET state = @2, attempts = attempts + @3, error = CASE WHEN @3 THEN @4 ELSE error END, available_at = @5, ended_at = @6,
                        lease_owner = NULL, fence = fence + 1 WHERE {Held}
                    """,
                    7);
                return settlements.Sum(one => settle.Execute(
                    one.Claim.Id,
                    one.Claim.Fence,
                    Text(one.State),
                    one.WasTried ? 1 : 0,
                    one.Reason,
                    one.NotBefore?.ToColumn() ?? now,
                    one.State is ForwardState.Sent or ForwardState.Dead ? now : null));
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<int> ExpireAsync(string destination, DateTimeOffset queuedBefore, string reason, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.Execute(
            "UPDATE forward_items SET state = 'dead', error = @reason, ended_at = @now WHERE destination = @destination AND state <> 'sent' AND state = 'queued' AND queued_at < @before",
            new { destination, before = queuedBefore.ToColumn(), reason, now = Now() },
            transaction),
        cancellationToken);

    /// <inheritdoc />
    public ValueTask<int> RetryAsync(string destination, long? id, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.Execute(
            """
            UPDATE forward_items SET state = 'queued', attempts = 0, available_at = @now, queued_at = @now, ended_at = NULL
            WHERE destination = @destination AND state <> 'sent' AND state = 'dead' AND (@id IS NULL OR id = @id)
            """,
            new { destination, id, now = Now() },
            transaction),
        cancellationToken);

    /// <inheritdoc />
    public ValueTask<int> DropAsync(string destination, long? id, ForwardState state, CancellationToken cancellationToken)
    {
        if (state is not (ForwardState.Dead or ForwardState.Queued))
        {
            throw new ArgumentOutOfRangeException(nameof(state), state, "Only items that are dead or wait are dropped.");
        }

        return database.WriteAsync(
            (connection, transaction) => connection.Execute(
                id is null
                    ? "DELETE FROM forward_items WHERE destination = @destination AND state <> 'sent' AND state = @state"
                    : "DELETE FROM forward_items WHERE destination = @destination AND state IN ('queued', 'dead') AND id = @id",
                new { destination, id, state = Text(state) },
                transaction),
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<int> ForgetSentAsync(DateTimeOffset before, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.Execute("DELETE FROM forward_items WHERE state = 'sent' AND ended_at < @before", new { before = before.ToColumn() }, transaction),
        cancellationToken);

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<ForwardItem>> ListItemsAsync(ForwardQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        using SqliteConnection connection = database.OpenReader();
        List<ForwardItem> items = [];

        // What is not sent is found by its index; of the rest, the newest are found from the end, so that nothing is sorted.
        string where = query.State switch
        {
            ForwardState.Sent => "+destination = @Destination AND state = 'sent'",
            null => "+destination = @Destination",
            _ => "destination = @Destination AND state <> 'sent' AND state = @state",
        };
        await using DbDataReader row = await connection.ExecuteReaderAsync(new CommandDefinition(
            $"""
            SELECT id, destination, rule, study_uid, sop_instance_uid, priority, state, attempts, available_at, error, queued_at, ended_at
            FROM forward_items WHERE {where} ORDER BY id DESC LIMIT @limit OFFSET @offset
            """,
            new { query.Destination, state = query.State is { } state ? Text(state) : null, limit = Math.Clamp(query.Limit, 0, 1000), offset = Math.Max(0, query.Offset) },
            cancellationToken: cancellationToken));
        while (await row.ReadAsync(cancellationToken))
        {
            items.Add(new ForwardItem
            {
                Id = row.GetInt64(0),
                Destination = row.GetString(1),
                Rule = row.GetString(2),
                Study = new DicomUid(row.GetString(3)),
                SopInstance = new DicomUid(row.GetString(4)),
                Priority = (TaskPriority)row.GetInt32(5),
                State = Enum.Parse<ForwardState>(row.GetString(6), ignoreCase: true),
                Attempts = row.GetInt32(7),
                AvailableAt = Timestamps.FromColumn(row.GetInt64(8)),
                Error = await row.IsDBNullAsync(9, cancellationToken) ? null : row.GetString(9),
                QueuedAt = Timestamps.FromColumn(row.GetInt64(10)),
                EndedAt = await row.IsDBNullAsync(11, cancellationToken) ? null : Timestamps.FromColumn(row.GetInt64(11)),
            });
        }

        return items;
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyDictionary<string, ForwardDepth>> CountItemsAsync(CancellationToken cancellationToken)
    {
        using SqliteConnection connection = database.OpenReader();
        IEnumerable<(string Destination, long Queued, long Sending, long Dead, long? Oldest)> rows = await connection.QueryAsync<(string, long, long, long, long?)>(new CommandDefinition(
            """
            SELECT destination, sum(state = 'queued'), sum(state = 'sending'), sum(state = 'dead'), min(CASE WHEN state <> 'dead' THEN queued_at END)
            FROM forward_items WHERE state <> 'sent' GROUP BY destination
            """,
            cancellationToken: cancellationToken));
        return rows.ToDictionary(row => row.Destination, row => new ForwardDepth(row.Queued, row.Sending, row.Dead, Timestamps.FromColumn(row.Oldest)));
    }

    private static string Text(ForwardState state) => state.ToString().ToLowerInvariant();

    private long Now() => time.GetUtcNow().ToColumn();

    private sealed record ClaimRow(long Id, string Rule, string SopInstance, long Priority, long Attempts, long Fence);
}
