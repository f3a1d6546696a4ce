using System.Data;
using System.Data.Common;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>The forward queues in a database.</summary>
/// <param name="database">The database.</param>
/// <param name="time">The clock.</param>
public sealed partial class SqlForwardQueue(IndexDatabase database, TimeProvider time) : IForwardQueue
{
    // A destination has these, and not committed itself to them yet (migration 5).
    private const string Committing = "state = 'sent' AND ended_at IS NULL";

    private const string Held = $"id = @p0 AND fence = @p1 AND (state = 'sending' OR ({Committing}))";

    /// <inheritdoc />
    public async ValueTask<ForwardClaims> ClaimAsync(ForwardRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        long now = Now();
        (string open, string order) = request.Transaction is null
            ? ($"destination = @Destination AND state IN ('queued', 'sending') AND NOT ({database.Dialect.IsIn("rule", "@closed")})", "priority DESC, id")
            : ($"destination = @Destination AND {Committing}", "available_at, id");
        object parameters = new { request.Destination, now, closed = database.Dialect.List(request.ClosedRules), limit = Math.Clamp(request.Limit, 1, 10_000) };

        // Looking takes no turn at the writer, so that waiting senders are no burden.
        if (!await database.ReadScalarAsync<bool>($"SELECT EXISTS (SELECT 1 FROM forward_items WHERE {open} AND available_at <= @now)", parameters, cancellationToken))
        {
            return new ForwardClaims([], Timestamps.FromColumn(await database.ReadScalarAsync<long?>($"SELECT min(available_at) FROM forward_items WHERE {open}", parameters, cancellationToken)));
        }

        long until = (time.GetUtcNow() + request.Lease).ToColumn();
        return await database.WriteAsync(
            async transaction =>
            {
                // One that is held although its lease has ended was tried, as far as is known; one that was to be asked for was not asked for.
                List<ForwardClaim> claims = await ReadClaimsAsync(
                    transaction,
                    $"""
                    SELECT id, rule, sop_instance_uid, priority, attempts + CASE state WHEN 'sending' THEN 1 ELSE 0 END, fence + 1, asked, CASE WHEN transaction_uid IS NOT NULL AND lease_owner IS NULL THEN 1 ELSE 0 END
                    FROM forward_items WHERE {open} AND available_at <= @now ORDER BY {order} LIMIT @limit{database.Dialect.SkipLocked}
                    """,
                    parameters);
                string change = request.Transaction is null ? "attempts = attempts + CASE state WHEN 'sending' THEN 1 ELSE 0 END, state = 'sending'" : "transaction_uid = @transaction";
                await transaction.ExecuteAsync(
                    $"UPDATE forward_items SET {change}, fence = fence + 1, lease_owner = @owner, available_at = @until WHERE {database.Dialect.IsIn("id", "@ids")}",
                    new { owner = OwnerMark.Lease, until, transaction = request.Transaction?.Value, ids = database.Dialect.List([.. claims.Select(one => one.Id)]) });
                return new ForwardClaims(claims, null);
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<ForwardTransaction?> ClaimTransactionAsync(DicomUid transaction, TimeSpan lease, CancellationToken cancellationToken)
    {
        object parameters = new { uid = transaction.Value, owner = OwnerMark.Lease, until = (time.GetUtcNow() + lease).ToColumn() };
        return database.WriteAsync<ForwardTransaction?>(
            async writing =>
            {
                if (await writing.ScalarAsync<string>("SELECT destination FROM forward_items WHERE transaction_uid = @uid LIMIT 1", parameters) is not { } destination)
                {
                    return null;
                }

                // Who asked and holds them still notes it after the answer has come.
                List<ForwardClaim> claims = await ReadClaimsAsync(
                    writing,
                    $"""
                    UPDATE forward_items SET fence = fence + 1, asked = asked + CASE WHEN lease_owner IS NULL THEN 0 ELSE 1 END, lease_owner = @owner, available_at = @until
                    WHERE transaction_uid = @uid AND {Committing} RETURNING id, rule, sop_instance_uid, priority, attempts, fence, asked, 0
                    """,
                    parameters);
                return new ForwardTransaction(destination, claims);
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<int> RenewAsync(IReadOnlyCollection<ForwardClaim> claims, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(claims);
        long until = (time.GetUtcNow() + lease).ToColumn();
        return database.WriteAsync(
            async transaction =>
            {
                using SqlStatement renew = new(transaction, $"UPDATE forward_items SET available_at = @p2 WHERE {Held}", DbType.Int64, DbType.Int64, DbType.Int64);
                int renewed = 0;
                foreach (ForwardClaim claim in claims)
                {
                    renewed += await renew.ExecuteAsync(claim.Id, claim.Fence, until);
                }

                return renewed;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<int> SettleAsync(IReadOnlyCollection<ForwardSettlement> settlements, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settlements);
        long now = Now();
        return database.WriteAsync(
            async transaction =>
            {
                // The fence grows, so that nothing is noted twice.
                using SqlStatement settle = new(
                    transaction,
                    $"""
                    UPDATE forward_items SET state = @p2, attempts = attempts + @p3, error = CASE WHEN @p4 > 0 THEN error ELSE @p5 END, available_at = @p6, ended_at = @p7,
                        transaction_uid = CASE WHEN @p8 > 0 THEN @p9 ELSE transaction_uid END, asked = @p10, lease_owner = NULL, fence = fence + 1 WHERE {Held}
                    """,
                    DbType.Int64, DbType.Int64, DbType.String, DbType.Int64, DbType.Int64, DbType.String, DbType.Int64, DbType.Int64, DbType.Int64, DbType.String, DbType.Int64);
                int settled = 0;
                foreach (ForwardSettlement one in settlements)
                {
                    settled += await settle.ExecuteAsync(
                        one.Claim.Id,
                        one.Claim.Fence,
                        Text(one.State),
                        one.WasTried ? 1L : 0L,
                        one.KeepsReason ? 1L : 0L,
                        database.Dialect.Text(one.Reason),
                        one.NotBefore?.ToColumn() ?? now,
                        one.State is ForwardState.Sent or ForwardState.Dead ? now : null,
                        one.State == ForwardState.Committing ? 1L : 0L, // The others keep it, so that a report that comes again is known.
                        one.Transaction?.Value,
                        (long)one.Asked);
                }

                return settled;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<int> ExpireAsync(string destination, ForwardState state, DateTimeOffset queuedBefore, string reason, CancellationToken cancellationToken)
    {
        string which = state switch
        {
            ForwardState.Queued => Where(state),
            ForwardState.Committing => $"{Where(state)} AND transaction_uid IS NULL AND lease_owner IS NULL",
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Only items that wait are given up."),
        };
        return database.ExecuteAsync(
            $"UPDATE forward_items SET state = 'dead', error = @reason, ended_at = @now WHERE destination = @destination AND {which} AND queued_at < @before",
            new { destination, before = queuedBefore.ToColumn(), reason, now = Now() },
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<int> RetryAsync(string destination, long? id, CancellationToken cancellationToken) => database.WriteAsync(
        transaction => transaction.ExecuteAsync(
            """
            UPDATE forward_items SET state = 'queued', attempts = 0, available_at = @now, queued_at = @now, ended_at = NULL
            WHERE destination = @destination AND state <> 'sent' AND state = 'dead' AND (@id IS NULL OR id = @id)
            """,
            new { destination, id, now = Now() }),
        cancellationToken);

    /// <inheritdoc />
    public ValueTask<int> DropAsync(string destination, long? id, ForwardState state, CancellationToken cancellationToken)
    {
        if (state is not (ForwardState.Dead or ForwardState.Queued or ForwardState.Committing))
        {
            throw new ArgumentOutOfRangeException(nameof(state), state, "Only items that are dead or wait are dropped.");
        }

        return database.WriteAsync(
            transaction => transaction.ExecuteAsync(
                id is null
                    ? $"DELETE FROM forward_items WHERE destination = @destination AND {Where(state)}"
                    : $"DELETE FROM forward_items WHERE destination = @destination AND (state IN ('queued', 'dead') OR ({Committing})) AND id = @id",
                new { destination, id }),
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<int> ForgetSentAsync(DateTimeOffset before, CancellationToken cancellationToken) => database.WriteAsync(
        transaction => transaction.ExecuteAsync("DELETE FROM forward_items WHERE state = 'sent' AND ended_at < @before", new { before = before.ToColumn() }),
        cancellationToken);

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<ForwardItem>> ListItemsAsync(ForwardQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);

        // What is not sent is found by its index; of the rest, the newest are found from the end, so that nothing is sorted.
        string where = query.State switch
        {
            ForwardState.Sent => $"{database.Dialect.Unindexed("destination")} = @Destination AND state = 'sent' AND ended_at IS NOT NULL",
            null => $"{database.Dialect.Unindexed("destination")} = @Destination",
            { } state => $"destination = @Destination AND {Where(state)}",
        };
        return await database.ReadRowsAsync(
            $"""
            SELECT id, destination, rule, study_uid, sop_instance_uid, priority, state, attempts, available_at, error, queued_at, ended_at
            FROM forward_items WHERE {where} ORDER BY id DESC LIMIT @limit OFFSET @offset
            """,
            new { query.Destination, limit = Math.Clamp(query.Limit, 0, 1000), offset = Math.Max(0, query.Offset) },
            row => new ForwardItem
            {
                Id = row.GetInt64(0),
                Destination = row.GetString(1),
                Rule = row.GetString(2),
                Study = new DicomUid(row.GetString(3)),
                SopInstance = new DicomUid(row.GetString(4)),
                Priority = (TaskPriority)row.GetInt32(5),
                State = Enum.Parse<ForwardState>(row.GetString(6), ignoreCase: true) is var state && state == ForwardState.Sent && row.IsDBNull(11) ? ForwardState.Committing : state,
                Attempts = row.GetInt32(7),
                AvailableAt = Timestamps.FromColumn(row.GetInt64(8)),
                Error = row.IsDBNull(9) ? null : row.GetString(9),
                QueuedAt = Timestamps.FromColumn(row.GetInt64(10)),
                EndedAt = row.IsDBNull(11) ? null : Timestamps.FromColumn(row.GetInt64(11)),
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyDictionary<string, ForwardDepth>> CountItemsAsync(CancellationToken cancellationToken)
    {
        // Two queries in one, each by an index of its own.
        List<(string Destination, ForwardDepth Depth)> rows = await database.ReadRowsAsync(
            $"""
            SELECT destination, count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'sending'), 0, count(*) FILTER (WHERE state = 'dead'), min(CASE WHEN state <> 'dead' THEN queued_at END)
            FROM forward_items WHERE state <> 'sent' GROUP BY destination
            UNION ALL SELECT destination, 0, 0, count(*), 0, NULL FROM forward_items WHERE {Committing} GROUP BY destination
            """,
            null,
            row => (row.GetString(0), new ForwardDepth(row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.IsDBNull(5) ? null : Timestamps.FromColumn(row.GetInt64(5)))),
            cancellationToken);
        return rows.GroupBy(row => row.Destination).ToDictionary(
            one => one.Key,
            one => one.Select(row => row.Depth).Aggregate((left, right) => new ForwardDepth(
                left.Queued + right.Queued, left.Sending + right.Sending, left.Committing + right.Committing, left.Dead + right.Dead, left.OldestAt ?? right.OldestAt)));
    }

    private static string Text(ForwardState state) => state == ForwardState.Committing ? "sent" : state.ToString().ToLowerInvariant();

    // So that it is found by the index of what is not sent, or of what is not committed.
    private static string Where(ForwardState state) => state == ForwardState.Committing ? Committing : $"state <> 'sent' AND state = '{Text(state)}'";

    private static async Task<List<ForwardClaim>> ReadClaimsAsync(IndexTransaction transaction, string statement, object parameters)
    {
        List<ForwardClaim> claims = [];
        await using DbDataReader row = await transaction.ReadAsync(statement, parameters);
        while (await row.ReadAsync(CancellationToken.None))
        {
            claims.Add(new ForwardClaim(row.GetInt64(0), row.GetString(1), new DicomUid(row.GetString(2)), (TaskPriority)row.GetInt32(3), row.GetInt32(4), row.GetInt64(5))
            {
                Asked = row.GetInt32(6),
                IsUnanswered = row.GetInt32(7) != 0,
            });
        }

        return claims;
    }

    private long Now() => time.GetUtcNow().ToColumn();
}
