using System.Data;
using System.Data.Common;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>The forward queues in a database.</summary>
/// <param name="database">The database.</param>
/// <param name="time">The clock.</param>
public sealed partial class SqlForwardQueue(IndexDatabase database, TimeProvider time) : IForwardQueue
{
    private const string Held = "id = @p0 AND fence = @p1 AND state = 'sending'";

    /// <inheritdoc />
    public async ValueTask<ForwardClaims> ClaimAsync(ForwardRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        long now = Now();
        string open = $"destination = @Destination AND state IN ('queued', 'sending') AND NOT ({database.Dialect.IsIn("rule", "@closed")})";
        object parameters = new { request.Destination, now, closed = database.Dialect.List(request.ClosedRules), limit = Math.Clamp(request.Limit, 1, 1000) };

        // Looking takes no turn at the writer, so that waiting senders are no burden.
        if (!await database.ReadScalarAsync<bool>($"SELECT EXISTS (SELECT 1 FROM forward_items WHERE {open} AND available_at <= @now)", parameters, cancellationToken))
        {
            return new ForwardClaims([], Timestamps.FromColumn(await database.ReadScalarAsync<long?>($"SELECT min(available_at) FROM forward_items WHERE {open}", parameters, cancellationToken)));
        }

        long until = (time.GetUtcNow() + request.Lease).ToColumn();
        return await database.WriteAsync(
            async transaction =>
            {
                // One that is held although its lease has ended was tried, as far as is known.
                List<ForwardClaim> claims = [];
                await using (DbDataReader row = await transaction.ReadAsync(
                    $"""
                    SELECT id, rule, sop_instance_uid, priority, attempts + CASE state WHEN 'sending' THEN 1 ELSE 0 END, fence + 1
                    FROM forward_items WHERE {open} AND available_at <= @now ORDER BY priority DESC, id LIMIT @limit{database.Dialect.SkipLocked}
                    """,
                    parameters))
                {
                    while (await row.ReadAsync(CancellationToken.None))
                    {
                        claims.Add(new ForwardClaim(row.GetInt64(0), row.GetString(1), new DicomUid(row.GetString(2)), (TaskPriority)row.GetInt32(3), row.GetInt32(4), row.GetInt64(5)));
                    }
                }

                await transaction.ExecuteAsync(
                    $"""
                    UPDATE forward_items SET attempts = attempts + CASE state WHEN 'sending' THEN 1 ELSE 0 END, state = 'sending', fence = fence + 1, lease_owner = @owner, available_at = @until
                    WHERE {database.Dialect.IsIn("id", "@ids")}
                    """,
                    new { owner = OwnerMark.Lease, until, ids = database.Dialect.List([.. claims.Select(one => one.Id)]) });
                return new ForwardClaims(claims, null);
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
                // The fence grows, so that nothing is noted twice; what was only given back keeps the reason of its last attempt.
                using SqlStatement settle = new(
                    transaction,
                    $"""
                    UPDATE forward_items SET state = @p2, attempts = attempts + @p3, error = CASE WHEN @p3 > 0 THEN @p4 ELSE error END, available_at = @p5, ended_at = @p6,
                        lease_owner = NULL, fence = fence + 1 WHERE {Held}
                    """,
                    DbType.Int64, DbType.Int64, DbType.String, DbType.Int64, DbType.String, DbType.Int64, DbType.Int64);
                int settled = 0;
                foreach (ForwardSettlement one in settlements)
                {
                    settled += await settle.ExecuteAsync(
                        one.Claim.Id,
                        one.Claim.Fence,
                        Text(one.State),
                        one.WasTried ? 1L : 0L,
                        database.Dialect.Text(one.Reason),
                        one.NotBefore?.ToColumn() ?? now,
                        one.State is ForwardState.Sent or ForwardState.Dead ? now : null);
                }

                return settled;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<int> ExpireAsync(string destination, DateTimeOffset queuedBefore, string reason, CancellationToken cancellationToken) => database.WriteAsync(
        transaction => transaction.ExecuteAsync(
            "UPDATE forward_items SET state = 'dead', error = @reason, ended_at = @now WHERE destination = @destination AND state <> 'sent' AND state = 'queued' AND queued_at < @before",
            new { destination, before = queuedBefore.ToColumn(), reason, now = Now() }),
        cancellationToken);

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
        if (state is not (ForwardState.Dead or ForwardState.Queued))
        {
            throw new ArgumentOutOfRangeException(nameof(state), state, "Only items that are dead or wait are dropped.");
        }

        return database.WriteAsync(
            transaction => transaction.ExecuteAsync(
                id is null
                    ? "DELETE FROM forward_items WHERE destination = @destination AND state <> 'sent' AND state = @state"
                    : "DELETE FROM forward_items WHERE destination = @destination AND state IN ('queued', 'dead') AND id = @id",
                new { destination, id, state = Text(state) }),
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
            ForwardState.Sent => $"{database.Dialect.Unindexed("destination")} = @Destination AND state = 'sent'",
            null => $"{database.Dialect.Unindexed("destination")} = @Destination",
            _ => "destination = @Destination AND state <> 'sent' AND state = @state",
        };
        return await database.ReadRowsAsync(
            $"""
            SELECT id, destination, rule, study_uid, sop_instance_uid, priority, state, attempts, available_at, error, queued_at, ended_at
            FROM forward_items WHERE {where} ORDER BY id DESC LIMIT @limit OFFSET @offset
            """,
            new { query.Destination, state = query.State is { } state ? Text(state) : null, limit = Math.Clamp(query.Limit, 0, 1000), offset = Math.Max(0, query.Offset) },
            row => new ForwardItem
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
                Error = row.IsDBNull(9) ? null : row.GetString(9),
                QueuedAt = Timestamps.FromColumn(row.GetInt64(10)),
                EndedAt = row.IsDBNull(11) ? null : Timestamps.FromColumn(row.GetInt64(11)),
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyDictionary<string, ForwardDepth>> CountItemsAsync(CancellationToken cancellationToken)
    {
        IEnumerable<(string Destination, long Queued, long Sending, long Dead, long? Oldest)> rows = await database.ReadTuplesAsync<(string, long, long, long, long?)>(
            """
            SELECT destination, count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'sending'), count(*) FILTER (WHERE state = 'dead'), min(CASE WHEN state <> 'dead' THEN queued_at END)
            FROM forward_items WHERE state <> 'sent' GROUP BY destination
            """,
            null,
            cancellationToken);
        return rows.ToDictionary(row => row.Destination, row => new ForwardDepth(row.Queued, row.Sending, row.Dead, Timestamps.FromColumn(row.Oldest)));
    }

    private static string Text(ForwardState state) => state.ToString().ToLowerInvariant();

    private long Now() => time.GetUtcNow().ToColumn();
}
