using System.Data;
using System.Data.Common;
using Dapper;
using Npgsql;
using NpgsqlTypes;

namespace MedicalAi.Archive;

/// <summary>PostgreSQL 13 and newer, for one gateway or several at once.</summary>
public sealed class PostgresDatabase : IndexDatabase
{
    private const int Attempts = 8;

    // Advisory locks of this database: one migrates at a time, and one enters changes and commits at a time.
    private const long MigrationLock = 0x4D41_0001;
    private const long ChangeLogLock = 0x4D41_0002;

    private static readonly TimeSpan s_backOff = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_start = TimeSpan.FromSeconds(30);
    private readonly PostgresOptions _options;
    private readonly NpgsqlDataSource _source;

    /// <summary>A database; it is not connected to yet.</summary>
    public PostgresDatabase(PostgresOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _source = NpgsqlDataSource.Create(options.ToConnectionString());
    }

    /// <inheritdoc />
    public override string Description => _options.ToString();

    /// <inheritdoc />
    internal override IndexDialect Dialect => PostgresDialect.Instance;

    /// <inheritdoc />
    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    /// <inheritdoc />
    public override async ValueTask<IReadOnlyList<long>> MigrateAsync(CancellationToken cancellationToken)
    {
        await WaitForServerAsync(cancellationToken);
        return await PostgresSchema.MigrateAsync(_source, MigrationLock, cancellationToken);
    }

    /// <inheritdoc />
    public override async ValueTask<SchemaStatus> ReadSchemaAsync(CancellationToken cancellationToken) =>
        await ReadAsync(connection => PostgresSchema.ReadAsync((NpgsqlConnection)connection, cancellationToken), cancellationToken);

    /// <inheritdoc />
    internal override async ValueTask<bool> IsAvailableAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlCommand command = _source.CreateCommand("SELECT current_setting('transaction_read_only') = 'off'");
            return await command.ExecuteScalarAsync(cancellationToken) is true;
        }
        catch (Exception e) when (PostgresErrors.IsAway(e))
        {
            return false;
        }
    }

    /// <inheritdoc />
    internal override ValueTask<T> WriteAsync<T>(Func<IndexTransaction, Task<T>> work, CancellationToken cancellationToken) => RunAsync(
        "The index cannot be written.",
        async (connection, commits) =>
        {
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
            IndexTransaction running = new(connection, transaction);
            T result = await work(running);
            if (running.Changes.Count > 0)
            {
                await LogAsync(connection, transaction, running.Changes);
            }

            commits();
            await transaction.CommitAsync(CancellationToken.None);
            return result;
        },
        cancellationToken);

    /// <inheritdoc />
    internal override ValueTask<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken) =>
        RunAsync("The index cannot be read.", async (connection, _) => await read(connection), cancellationToken);

    /// <inheritdoc />
    internal override ValueTask<IReadOnlyList<CommitOutcome>> EnterAsync(IReadOnlyList<InstanceRecord> batch, TimeSpan stability, DateTimeOffset now, CancellationToken cancellationToken) =>
        WriteAsync<IReadOnlyList<CommitOutcome>>(async transaction => await new PostgresBatch(transaction, stability, now).RunAsync(batch), cancellationToken);

    // The lock is held from here to the end of the commit, so that rows become visible in the order of their numbers: whoever has read up to one will never miss
    // another before it. Nothing else is locked while it is held.
    private static async Task LogAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<IndexTransaction.Change> changes)
    {
        await using NpgsqlBatch batch = new(connection, transaction)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("SELECT pg_advisory_xact_lock($1)") { Parameters = { new NpgsqlParameter<long> { TypedValue = ChangeLogLock } } },
                new NpgsqlBatchCommand(
                    """
                    INSERT INTO change_log (kind, study_uid, series_uid, sop_instance_uid, task_id, at)
                    SELECT kind, study, series, instance, task, at
                    FROM unnest($1, $2, $3, $4, $5, $6) WITH ORDINALITY AS c (kind, study, series, instance, task, at, n) ORDER BY n
                    """)
                {
                    Parameters =
                    {
                        Array(changes, change => change.Kind),
                        Array(changes, change => change.Study),
                        Array(changes, change => change.Series),
                        Array(changes, change => change.SopInstance),
                        Array(changes, change => change.Task),
                        new NpgsqlParameter<long[]> { TypedValue = [.. changes.Select(change => change.At)] },
                    },
                },
            },
        };
        await batch.ExecuteNonQueryAsync();
    }

    private static NpgsqlParameter Array(IReadOnlyList<IndexTransaction.Change> changes, Func<IndexTransaction.Change, string?> column) =>
        new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text, Value = changes.Select(column).ToArray() };

    private async ValueTask<T> RunAsync<T>(string failure, Func<NpgsqlConnection, Action, Task<T>> work, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            bool isCommitting = false;
            try
            {
                await using NpgsqlConnection connection = await _source.OpenConnectionAsync(cancellationToken);
                ArchiveMetrics.Connections(1);
                try
                {
                    return await work(connection, () => isCommitting = true);
                }
                finally
                {
                    ArchiveMetrics.Connections(-1);
                }
            }
            catch (Exception e) when (attempt < Attempts && PostgresErrors.IsPassing(e, isCommitting))
            {
                ArchiveMetrics.Retry();
                await Task.Delay(s_backOff * attempt * (0.5 + Random.Shared.NextDouble()), cancellationToken);
            }
            catch (Exception e) when (PostgresErrors.IsFull(e))
            {
                throw new IOException("The disk of the index is full.", e);
            }
            catch (Exception e) when (PostgresErrors.IsAway(e))
            {
                throw new ArchiveUnavailableException(failure, e);
            }
        }
    }

    /// <summary>A server that is just being started is waited for; one that refuses us is not.</summary>
    private async Task WaitForServerAsync(CancellationToken cancellationToken)
    {
        for (long start = Environment.TickCount64; ; await Task.Delay(TimeSpan.FromSeconds(0.5), cancellationToken))
        {
            try
            {
                await using NpgsqlConnection connection = await _source.OpenConnectionAsync(cancellationToken);
                if (await connection.ExecuteScalarAsync<string>(new CommandDefinition("SHOW server_encoding", cancellationToken: cancellationToken)) is not "UTF8" and var encoding)
                {
                    throw new ArchiveUnavailableException($"{_options} has the encoding {encoding}; it must be UTF8.");
                }

                return;
            }
            catch (NpgsqlException e) when (e is not PostgresException { SqlState: not PostgresErrorCodes.CannotConnectNow } && Environment.TickCount64 - start < s_start.TotalMilliseconds)
            {
                // Again.
            }
            catch (NpgsqlException e)
            {
                throw new ArchiveUnavailableException($"{_options} cannot be used: {e.Message}", e);
            }
        }
    }
}
