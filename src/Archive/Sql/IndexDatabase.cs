using System.Data.Common;
using Dapper;

namespace MedicalAi.Archive;

/// <summary>
/// The database of the index: its schema, reading and writing transactions, and what it does its own way. See README.md of this folder.
/// Safe for use by several threads.
/// </summary>
public abstract class IndexDatabase : IAsyncDisposable
{
    /// <summary>How the SQL of this database is written.</summary>
    internal abstract IndexDialect Dialect { get; }

    /// <summary>Whether the schema is brought to the version of this program on the way; else the start fails when it is older.</summary>
    public bool MigratesByItself { get; init; } = true;

    /// <summary>What people know the database by, without its password.</summary>
    public abstract string Description { get; }

    /// <summary>For the start: brings the schema to the version of this program, or checks that it is.</summary>
    /// <exception cref="ArchiveUnavailableException">The database cannot be used, or its schema is not one that this program can work with.</exception>
    public async ValueTask InitializeAsync(CancellationToken cancellationToken)
    {
        if (MigratesByItself)
        {
            await MigrateAsync(cancellationToken);
        }
        else if ((await ReadSchemaAsync(cancellationToken)) is { Pending.Count: > 0 } schema)
        {
            throw new ArchiveUnavailableException($"The index has the schema of version {schema.Version}, and this program needs {schema.Pending[^1]}: run gateway db migrate.");
        }
    }

    /// <summary>Brings the schema to the version of this program, under a lock.</summary>
    /// <returns>The versions that were applied.</returns>
    /// <exception cref="ArchiveUnavailableException">The database cannot be used, or is of a newer program.</exception>
    public abstract ValueTask<IReadOnlyList<long>> MigrateAsync(CancellationToken cancellationToken);

    /// <summary>Where the schema stands. Nothing is changed.</summary>
    /// <exception cref="ArchiveUnavailableException">The database cannot be used, or is of a newer program.</exception>
    public abstract ValueTask<SchemaStatus> ReadSchemaAsync(CancellationToken cancellationToken);

    /// <inheritdoc />
    public abstract ValueTask DisposeAsync();

    /// <summary>Whether the database answers, and takes writes as far as is known.</summary>
    internal abstract ValueTask<bool> IsAvailableAsync(CancellationToken cancellationToken);

    /// <summary>Runs one writing transaction; it is durable when this returns. The work may be done again from its beginning.</summary>
    /// <exception cref="ArchiveUnavailableException">The database cannot be used; unless it was lost in the very commit, nothing was changed.</exception>
    /// <exception cref="IOException">The disk is full; nothing was changed.</exception>
    internal abstract ValueTask<T> WriteAsync<T>(Func<IndexTransaction, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Reads by a connection of its own. The work may be done again from its beginning.</summary>
    /// <exception cref="ArchiveUnavailableException">The database cannot be used.</exception>
    internal abstract ValueTask<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken);

    /// <summary>Enters a batch of instances in one transaction.</summary>
    internal abstract ValueTask<IReadOnlyList<CommitOutcome>> EnterAsync(IReadOnlyList<InstanceRecord> batch, TimeSpan stability, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Runs one statement; the number of rows that were changed.</summary>
    internal ValueTask<int> ExecuteAsync(string statement, object? parameters, CancellationToken cancellationToken) =>
        WriteAsync(transaction => transaction.ExecuteAsync(statement, parameters), cancellationToken);

    /// <summary>Reads one value.</summary>
    internal ValueTask<T?> ReadScalarAsync<T>(string statement, object? parameters, CancellationToken cancellationToken) =>
        ReadAsync(connection => connection.ExecuteScalarAsync<T>(new CommandDefinition(statement, parameters, cancellationToken: cancellationToken)), cancellationToken);

    /// <summary>Reads rows whose columns are the members of a tuple, in order.</summary>
    internal ValueTask<IEnumerable<T>> ReadTuplesAsync<T>(string statement, object? parameters, CancellationToken cancellationToken) =>
        ReadAsync(connection => connection.QueryAsync<T>(new CommandDefinition(statement, parameters, cancellationToken: cancellationToken)), cancellationToken);

    /// <summary>Reads rows.</summary>
    internal ValueTask<List<T>> ReadRowsAsync<T>(string statement, object? parameters, Func<DbDataReader, T> read, CancellationToken cancellationToken) => ReadAsync(
        async connection =>
        {
            List<T> rows = [];
            await using DbDataReader reader = await connection.ExecuteReaderAsync(new CommandDefinition(statement, parameters, cancellationToken: cancellationToken));
            while (await reader.ReadAsync(cancellationToken))
            {
                rows.Add(read(reader));
            }

            return rows;
        },
        cancellationToken);
}
