using System.Data;
using Dapper;
using Npgsql;

namespace MedicalAi.Archive;

/// <summary>
/// The schema in PostgreSQL. Each migration is a transaction of its own, run under a lock, so that several processes which start at once do it once. It waits for a lock
/// on a table for a short time only and then begins again, because all who serve would wait behind it.
/// </summary>
internal static class PostgresSchema
{
    private const int Attempts = 100;
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(300);

    /// <summary>Brings it to the version of this program.</summary>
    /// <exception cref="ArchiveUnavailableException">It cannot be done, or a newer program has made it one that this program cannot work with.</exception>
    public static async Task<IReadOnlyList<long>> MigrateAsync(NpgsqlDataSource source, long key, CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancellationToken);
            if (await ReadAsync(connection, cancellationToken) is { Pending.Count: 0 })
            {
                return [];
            }

            // Whoever comes second waits for the first as long as that takes.
            await connection.ExecuteAsync(new CommandDefinition("SET statement_timeout = 0; SELECT pg_advisory_lock(@key)", new { key }, commandTimeout: 0, cancellationToken: cancellationToken));
            try
            {
                IReadOnlyList<long> pending = (await ReadAsync(connection, cancellationToken)).Pending;
                foreach (Migration migration in Migration.ReadAll(Folder).Where(one => pending.Contains(one.Version)))
                {
                    await ApplyAsync(connection, migration, cancellationToken);
                }

                return pending;
            }
            finally
            {
                if (connection.State == ConnectionState.Open)
                {
                    await connection.ExecuteAsync("SELECT pg_advisory_unlock(@key); RESET statement_timeout", new { key });
                }
            }
        }
        catch (NpgsqlException e)
        {
            throw new ArchiveUnavailableException($"The schema of the index cannot be brought up to date: {e.Message}", e);
        }
    }

    /// <summary>Where it stands.</summary>
    /// <exception cref="ArchiveUnavailableException">A newer program has made it one that this program cannot work with.</exception>
    public static async Task<SchemaStatus> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        IReadOnlyList<Migration> known = Migration.ReadAll(Folder);
        if (!await connection.ExecuteScalarAsync<bool>(new CommandDefinition("SELECT to_regclass('schema_version') IS NOT NULL", cancellationToken: cancellationToken)))
        {
            return new SchemaStatus([], [.. known.Select(one => one.Version)]);
        }

        (long Version, long Needs, string At)[] applied =
        [
            .. await connection.QueryAsync<(long, long, string)>(new CommandDefinition(
                "SELECT version, needs, to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') FROM schema_version ORDER BY version", cancellationToken: cancellationToken)),
        ];
        return applied.FirstOrDefault(one => one.Needs > known[^1].Version) is { Version: > 0 } newer
            ? throw new ArchiveUnavailableException($"The index was written by a newer version of this program: its schema is {applied[^1].Version}, of which {newer.Version} can be served by programs that know {newer.Needs}; this one knows {known[^1].Version}.")
            : new SchemaStatus([.. applied.Select(one => (one.Version, one.At))], [.. known.Select(one => one.Version).Except(applied.Select(one => one.Version))]);
    }

    private const string Folder = "postgres";

    private static async Task ApplyAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
                await connection.ExecuteAsync(new CommandDefinition("SET LOCAL lock_timeout = '2s'", transaction: transaction, cancellationToken: cancellationToken));
                await connection.ExecuteAsync(new CommandDefinition(
                    "CREATE TABLE IF NOT EXISTS schema_version (version bigint PRIMARY KEY, needs bigint NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())", transaction: transaction, cancellationToken: cancellationToken));
                await connection.ExecuteAsync(new CommandDefinition(migration.Sql, transaction: transaction, commandTimeout: 0, cancellationToken: cancellationToken));
                await connection.ExecuteAsync(new CommandDefinition("INSERT INTO schema_version (version, needs) VALUES (@Version, @Needs)", new { migration.Version, migration.Needs }, transaction, cancellationToken: cancellationToken));
                await transaction.CommitAsync(cancellationToken);
                return;
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected && attempt < Attempts)
            {
                await Task.Delay(s_between, cancellationToken);
            }
        }
    }
}
