using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;

namespace MedicalAi.Archive;

/// <summary>
/// The embedded database: WAL with full synchronisation, one writer connection whose transactions follow each other, and readers
/// of their own from the pool.
/// </summary>
public sealed class SqliteDatabase : IndexDatabase
{
    private const string MigrationFolder = "sqlite";
    private const int ErrorLogic = 1;
    private const int ErrorBusy = 5;
    private const int ErrorLocked = 6;
    private const int ErrorFull = 13;
    private const int ErrorConstraint = 19;
    private readonly string _path;
    private readonly int _busySeconds;
    private readonly string _connectionString;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private SqliteConnection? _writer;
    private SqliteStatements? _statements; // Of the writer; they go with it.
    private volatile bool _lastWriteFailed;

    /// <summary>A database in a file.</summary>
    /// <param name="path">The file; made when it is missing.</param>
    public SqliteDatabase(string path)
        : this(path, busySeconds: 10)
    {
    }

    /// <param name="path">The file; made when it is missing.</param>
    /// <param name="busySeconds">How long to wait for a lock of another process before the database counts as away.</param>
    internal SqliteDatabase(string path, int busySeconds)
    {
        _path = path;
        _busySeconds = busySeconds;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, ForeignKeys = true, Pooling = true, DefaultTimeout = busySeconds }.ToString();
    }

    /// <inheritdoc />
    public override string Description => $"SQLite {_path}";

    /// <inheritdoc />
    internal override IndexDialect Dialect => SqliteDialect.Instance;

    /// <inheritdoc />
    public override async ValueTask<IReadOnlyList<long>> MigrateAsync(CancellationToken cancellationToken)
    {
        HashSet<string> changed = [];
        PosixFiles.CreateFolder(Path.GetDirectoryName(Path.GetFullPath(_path))!, changed);
        foreach (string folder in changed)
        {
            PosixFiles.SyncFolder(folder);
        }

        IReadOnlyList<Migration> migrations = Migration.ReadAll(MigrationFolder);
        return await WriteAsync<IReadOnlyList<long>>(
            (connection, transaction) =>
            {
                connection.Execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL)", transaction: transaction);
                SchemaStatus schema = ReadSchema(connection, transaction, migrations);
                SqliteMigrationFunctions.AddTo(connection);
                foreach (Migration migration in migrations.Where(one => schema.Pending.Contains(one.Version)))
                {
                    connection.Execute(migration.Sql, transaction: transaction);
                    connection.Execute("INSERT INTO schema_version VALUES (@Version, datetime('now'))", new { migration.Version }, transaction);
                }

                return schema.Pending;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public override async ValueTask<SchemaStatus> ReadSchemaAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<Migration> migrations = Migration.ReadAll(MigrationFolder);
        return File.Exists(_path)
            ? await ReadAsync(connection => Task.FromResult(ReadSchema((SqliteConnection)connection, null, migrations)), cancellationToken)
            : new SchemaStatus([], [.. migrations.Select(one => one.Version)]);
    }

    /// <inheritdoc />
    internal override ValueTask<T> WriteAsync<T>(Func<IndexTransaction, Task<T>> work, CancellationToken cancellationToken) => WriteAsync(
        async (connection, transaction) =>
        {
            IndexTransaction running = new(connection, transaction);
            T result = await work(running);
            if (running.Changes.Count > 0)
            {
                foreach (IndexTransaction.Change change in running.Changes)
                {
                    Statements(connection).AddChange.Execute(transaction, change.Kind, change.Study, change.Series, change.SopInstance, change.Task, change.At);
                }
            }

            return result;
        },
        cancellationToken);

    /// <inheritdoc />
    internal override ValueTask<IReadOnlyList<CommitOutcome>> EnterAsync(IReadOnlyList<InstanceRecord> batch, TimeSpan stability, DateTimeOffset now, CancellationToken cancellationToken) => WriteAsync<IReadOnlyList<CommitOutcome>>(
        async transaction =>
        {
            SqliteBatch entering = new(transaction, Statements((SqliteConnection)transaction.Connection), stability, now);
            return await entering.RunAsync(batch);
        },
        cancellationToken);

    /// <inheritdoc />
    internal override async ValueTask<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        // On a thread of the pool, as this database is read without waiting for anything but the disk; ended early when that is wished.
        return TaskScheduler.Current is BlockingThreads ? await ReadAsync() : await Task.Run(ReadAsync, cancellationToken);

        async Task<T> ReadAsync()
        {
            using SqliteConnection connection = OpenReader();
            using CancellationTokenRegistration stop = cancellationToken.Register(() => SQLitePCL.raw.sqlite3_interrupt(connection.Handle));
            try
            {
                return await read(connection);
            }
            catch (SqliteException) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellationToken);
            }
            catch (SqliteException e) when (e.SqliteErrorCode != ErrorLogic)
            {
                throw new ArchiveUnavailableException("The index cannot be read.", e);
            }
        }
    }

    /// <summary>As the other, for work that waits for nothing.</summary>
    internal ValueTask<T> WriteAsync<T>(Func<SqliteConnection, SqliteTransaction, T> work, CancellationToken cancellationToken) =>
        WriteAsync((connection, transaction) => Task.FromResult(work(connection, transaction)), cancellationToken);

    /// <summary>Runs one writing transaction; it is durable when this returns.</summary>
    /// <exception cref="ArchiveUnavailableException">The file cannot be used; nothing was changed.</exception>
    /// <exception cref="IOException">The disk is full; nothing was changed.</exception>
    private async ValueTask<T> WriteAsync<T>(Func<SqliteConnection, SqliteTransaction, Task<T>> work, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            T result = TaskScheduler.Current is BlockingThreads ? await RunAsync(work) : await Task.Run(() => RunAsync(work), CancellationToken.None);
            _lastWriteFailed = false;
            return result;
        }
        catch (SqliteException e) when (e.SqliteErrorCode != ErrorConstraint)
        {
            _lastWriteFailed = true;
            if (e.SqliteErrorCode is not (ErrorBusy or ErrorLocked or ErrorFull))
            {
                // The connection may be of a file that is gone or broken: the next write opens its own.
                CloseWriter();
            }

            throw e.SqliteErrorCode == ErrorFull ? new IOException("The disk of the index is full.", e) : new ArchiveUnavailableException("The index cannot be written.", e);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Whether the database answers and, when the last write failed, takes writes again.</summary>
    internal override async ValueTask<bool> IsAvailableAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_lastWriteFailed)
            {
                await WriteAsync((SqliteConnection _, SqliteTransaction _) => true, cancellationToken);
            }

            using SqliteConnection connection = OpenReader();
            return connection.ExecuteScalar<long>("SELECT count(*) FROM schema_version") > 0;
        }
        catch (Exception e) when (e is ArchiveUnavailableException or SqliteException or IOException)
        {
            return false;
        }
    }

    /// <summary>Opens a connection for reading; the caller disposes it.</summary>
    /// <exception cref="ArchiveUnavailableException">The file cannot be used.</exception>
    internal SqliteConnection OpenReader()
    {
        SqliteConnection connection = new(_connectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new ArchiveUnavailableException("The index cannot be read.", e);
        }
    }

    /// <inheritdoc />
    public override ValueTask DisposeAsync()
    {
        CloseWriter();
        using (SqliteConnection pooled = new(_connectionString))
        {
            SqliteConnection.ClearPool(pooled);
        }

        _writing.Dispose();
        return ValueTask.CompletedTask;
    }

    private SqliteStatements Statements(SqliteConnection writer) => _statements ??= new SqliteStatements(writer);

    private void CloseWriter()
    {
        _statements?.Dispose();
        _statements = null;
        _writer?.Dispose();
        _writer = null;
    }

    private static SchemaStatus ReadSchema(SqliteConnection connection, SqliteTransaction? transaction, IReadOnlyList<Migration> migrations)
    {
        if (!connection.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'schema_version')", transaction: transaction))
        {
            return new SchemaStatus([], [.. migrations.Select(one => one.Version)]);
        }

        (long Version, string At)[] applied = [.. connection.Query<(long, string)>("SELECT version, applied_at FROM schema_version ORDER BY version", transaction: transaction)];
        return applied.Length > 0 && applied[^1].Version > migrations[^1].Version
            ? throw new ArchiveUnavailableException($"The index was written by a newer version of this program: its schema is {applied[^1].Version}, this program knows {migrations[^1].Version}.")
            : new SchemaStatus(applied, [.. migrations.Select(one => one.Version).Except(applied.Select(one => one.Version))]);
    }

    private async Task<T> RunAsync<T>(Func<SqliteConnection, SqliteTransaction, Task<T>> work)
    {
        if (_writer is null)
        {
            SqliteConnection opened = new(_connectionString);
            opened.Open();
            opened.Execute($"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = {_busySeconds * 1000}; PRAGMA foreign_keys = ON;");
            _writer = opened;
        }

        using SqliteTransaction transaction = _writer.BeginTransaction(deferred: false);
        T result = await work(_writer, transaction);
        transaction.Commit();
        return result;
    }
}
