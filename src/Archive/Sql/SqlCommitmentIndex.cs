using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>The storage commitment transactions in a database.</summary>
/// <param name="database">The database.</param>
/// <param name="time">The clock.</param>
public sealed class SqlCommitmentIndex(IndexDatabase database, TimeProvider time) : ICommitmentIndex
{
    // So long it is known what was asked for and answered.
    private static readonly TimeSpan s_kept = TimeSpan.FromDays(30);

    private const int ReferencesOfAStatement = 400;

    private const string Columns = """
        id, transaction_uid, calling_ae, called_ae, remote_address, state, attempts, available_at, error, requested_at, since, ended_at,
        (SELECT count(*) FROM commitment_references r WHERE r.commitment_id = commitments.id),
        (SELECT count(r.failure_reason) FROM commitment_references r WHERE r.commitment_id = commitments.id)
        """;

    /// <inheritdoc />
    public ValueTask<(long Id, CommitmentEntry Entry)> AddAsync(NewCommitment commitment, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(commitment);
        byte[] digest = Digest(commitment);
        return database.WriteAsync(transaction => AddAsync(transaction, commitment, digest), cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<CommitmentTransaction>> ClaimAsync(int limit, TimeSpan lease, CancellationToken cancellationToken)
    {
        long now = Now();
        long until = (time.GetUtcNow() + lease).ToColumn();
        return database.WriteAsync<IReadOnlyList<CommitmentTransaction>>(
            async transaction =>
            {
                await using DbDataReader row = await transaction.ReadAsync(
                    $"""
                    UPDATE commitments SET available_at = @until, lease_owner = @owner
                    WHERE id IN (SELECT id FROM commitments WHERE state IN ('checking', 'reporting') AND available_at <= @now ORDER BY available_at, id LIMIT @limit{database.Dialect.SkipLocked})
                    RETURNING {Columns}
                    """,
                    new { now, until, owner = OwnerMark.Lease, limit });
                List<CommitmentTransaction> claimed = [];
                while (await row.ReadAsync(CancellationToken.None))
                {
                    claimed.Add(Read(row));
                }

                return [.. claimed.OrderBy(one => one.Id)];
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<DateTimeOffset?> FindNextDueAsync(CancellationToken cancellationToken) =>
        Timestamps.FromColumn(await database.ReadScalarAsync<long?>("SELECT min(available_at) FROM commitments WHERE state IN ('checking', 'reporting')", null, cancellationToken));

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<CommittedReference>> ReadReferencesAsync(long id, CancellationToken cancellationToken)
    {
        IEnumerable<(string SopClass, string SopInstance, long? Reason)> rows = await database.ReadTuplesAsync<(string, string, long?)>(
            "SELECT sop_class_uid, sop_instance_uid, failure_reason FROM commitment_references WHERE commitment_id = @id ORDER BY position", new { id }, cancellationToken);
        return [.. rows.Select(row => new CommittedReference(new SopReference(new DicomUid(row.SopClass), new DicomUid(row.SopInstance)), (ushort?)row.Reason))];
    }

    /// <inheritdoc />
    public ValueTask<bool> SaveResultsAsync(long id, IReadOnlyList<ushort?> failureReasons, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(failureReasons);
        return database.WriteAsync(
            async transaction =>
            {
                if (await transaction.ExecuteAsync("UPDATE commitments SET state = 'reporting' WHERE id = @id AND state = 'checking'", new { id }) == 0)
                {
                    return false;
                }

                // Of most requests nothing failed, and of the rest it is nearly always for one reason.
                foreach (IGrouping<ushort?, long> positions in Enumerable.Range(0, failureReasons.Count).GroupBy(i => failureReasons[i], i => (long)i))
                {
                    await transaction.ExecuteAsync(
                        $"UPDATE commitment_references SET failure_reason = @reason WHERE commitment_id = @id AND {database.Dialect.IsIn("position", "@list")}",
                        new { id, reason = (long?)positions.Key, list = database.Dialect.List([.. positions]) });
                }

                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask EndAsync(long id, CommitmentState state, string? error, CancellationToken cancellationToken)
    {
        if (state is not (CommitmentState.Reported or CommitmentState.Rejected or CommitmentState.Expired))
        {
            throw new ArgumentOutOfRangeException(nameof(state), state, "A transaction ends reported, rejected or expired.");
        }

        await database.WriteAsync(
            async transaction => await transaction.ExecuteAsync(
                "UPDATE commitments SET state = @state, error = @error, ended_at = @now, lease_owner = NULL WHERE id = @id AND state = 'reporting'", new { id, state = Text(state), error, now = Now() }),
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DeferAsync(long id, DateTimeOffset notBefore, string? error, CancellationToken cancellationToken) => await database.WriteAsync(
        async transaction => await transaction.ExecuteAsync(
            "UPDATE commitments SET available_at = @at, attempts = attempts + CASE WHEN @error IS NULL THEN 0 ELSE 1 END, error = coalesce(@error, error), lease_owner = NULL WHERE id = @id AND state IN ('checking', 'reporting')",
            new { id, at = notBefore.ToColumn(), error }),
        cancellationToken);

    /// <inheritdoc />
    public ValueTask<bool> RetryAsync(long id, CancellationToken cancellationToken) => database.WriteAsync(
        async transaction => await transaction.ExecuteAsync(
            """
            UPDATE commitments SET state = 'reporting', attempts = 0, available_at = @now, since = @now, ended_at = NULL
            WHERE id = @id AND (state IN ('rejected', 'expired') OR (state = 'reporting' AND lease_owner IS NULL))
            """,
            new { id, now = Now() }) > 0,
        cancellationToken);

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<CommitmentTransaction>> ListAsync(CommitmentQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return await database.ReadRowsAsync(
            $"SELECT {Columns} FROM commitments WHERE (@state IS NULL OR state = @state) ORDER BY id DESC LIMIT @limit OFFSET @offset",
            new { state = query.State is { } state ? Text(state) : null, limit = Math.Clamp(query.Limit, 0, 1000), offset = Math.Max(0, query.Offset) },
            Read,
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyDictionary<CommitmentState, long>> CountAsync(CancellationToken cancellationToken)
    {
        IEnumerable<(string State, long Count)> rows = await database.ReadTuplesAsync<(string, long)>("SELECT state, count(*) FROM commitments GROUP BY state", null, cancellationToken);
        return rows.ToDictionary(row => State(row.State), row => row.Count);
    }

    private static string Text(CommitmentState state) => state.ToString().ToLowerInvariant();

    private static CommitmentState State(string text) => Enum.Parse<CommitmentState>(text, ignoreCase: true);

    private static byte[] Digest(NewCommitment commitment)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (SopReference reference in commitment.References)
        {
            hash.AppendData(Encoding.ASCII.GetBytes($"{reference.SopClass} {reference.SopInstance}\n"));
        }

        return hash.GetHashAndReset();
    }

    private static string Name(string kind, int number) => string.Create(CultureInfo.InvariantCulture, $"{kind}{number}");

    private static CommitmentTransaction Read(DbDataReader row) => new()
    {
        Id = row.GetInt64(0),
        TransactionUid = new DicomUid(row.GetString(1)),
        CallingAe = row.GetString(2),
        CalledAe = row.GetString(3),
        RemoteAddress = row.IsDBNull(4) ? null : row.GetString(4),
        State = State(row.GetString(5)),
        Attempts = row.GetInt32(6),
        AvailableAt = Timestamps.FromColumn(row.GetInt64(7)),
        Error = row.IsDBNull(8) ? null : row.GetString(8),
        RequestedAt = Timestamps.FromColumn(row.GetInt64(9)),
        Since = Timestamps.FromColumn(row.GetInt64(10)),
        EndedAt = row.IsDBNull(11) ? null : Timestamps.FromColumn(row.GetInt64(11)),
        References = row.GetInt32(12),
        Failed = row.GetInt32(13),
    };

    private async Task<(long Id, CommitmentEntry Entry)> AddAsync(IndexTransaction transaction, NewCommitment commitment, byte[] digest)
    {
        long now = Now();
        await transaction.ExecuteAsync("DELETE FROM commitments WHERE ended_at < @before", new { before = (time.GetUtcNow() - s_kept).ToColumn() });
        (long Id, string CallingAe, byte[] Digest) known = await transaction.FirstAsync<(long, string, byte[])>(
            "SELECT id, calling_ae, digest FROM commitments WHERE transaction_uid = @uid AND NOT is_duplicate", new { uid = commitment.TransactionUid.Value });
        if (known.Id != 0 && known.CallingAe == commitment.CallingAe && digest.AsSpan().SequenceEqual(known.Digest))
        {
            // What was missing may have come since.
            await transaction.ExecuteAsync(
                """
                UPDATE commitments SET state = 'checking', attempts = 0, available_at = @now, since = @now, ended_at = NULL, remote_address = @RemoteAddress, called_ae = @CalledAe
                WHERE id = @Id AND ended_at IS NOT NULL
                """,
                new { known.Id, now, commitment.RemoteAddress, commitment.CalledAe });

            // Who asks again is there, whatever the last attempts met.
            await transaction.ExecuteAsync("UPDATE commitments SET available_at = @now WHERE id = @Id AND lease_owner IS NULL", new { known.Id, now });
            return (known.Id, CommitmentEntry.Repeated);
        }

        bool isDuplicate = known.Id != 0;
        long id = await transaction.ScalarAsync<long>(
            """
            INSERT INTO commitments (transaction_uid, is_duplicate, digest, calling_ae, called_ae, remote_address, state, available_at, requested_at, since)
            VALUES (@uid, @isDuplicate, @digest, @CallingAe, @CalledAe, @RemoteAddress, @state, @now, @now, @now) RETURNING id
            """,
            new
            {
                uid = commitment.TransactionUid.Value,
                isDuplicate,
                digest,
                commitment.CallingAe,
                commitment.CalledAe,
                commitment.RemoteAddress,
                state = Text(isDuplicate ? CommitmentState.Reporting : CommitmentState.Checking),
                now,
            });
        foreach ((int first, SopReference[] references) in commitment.References.Chunk(ReferencesOfAStatement).Select((part, n) => (n * ReferencesOfAStatement, part)))
        {
            DynamicParameters parameters = new(new { id, reason = isDuplicate ? (long?)CommitmentFailure.DuplicateTransactionUid : null });
            StringBuilder rows = new();
            for (int i = 0; i < references.Length; i++)
            {
                parameters.Add(Name("c", i), references[i].SopClass.Value);
                parameters.Add(Name("i", i), references[i].SopInstance.Value);
                rows.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : ", ")}(@id, {first + i}, @c{i}, @i{i}, @reason)");
            }

            await transaction.ExecuteAsync($"INSERT INTO commitment_references (commitment_id, position, sop_class_uid, sop_instance_uid, failure_reason) VALUES {rows}", parameters);
        }

        return (id, isDuplicate ? CommitmentEntry.Duplicate : CommitmentEntry.New);
    }

    private long Now() => time.GetUtcNow().ToColumn();
}
