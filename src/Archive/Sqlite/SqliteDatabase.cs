using System.Globalization;
using System.Reflection;
using Dapper;
using Microsoft.Data.Sqlite;

namespace MedicalAi.Archive;

/// <summary>
/// The embedded database: WAL with full synchronisation, one writer connection whose transactions follow each other, and readers
/// of their own from the pool.
/// </summary>
public sealed class SqliteDatabase : IAsyncDisposable
{
    private const int ErrorBusy = 5;
    private const int ErrorLocked = 6;
    private const int ErrorFull = 13;
    private const int ErrorConstraint = 19;
    private readonly string _path;
    private readonly int _busySeconds;
    private readonly string _connectionString;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private SqliteConnection? _writer;
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

    /// <summary>Brings the schema to the version of this program, by the numbered files of this assembly in turn.</summary>
    /// <exception cref="ArchiveUnavailableException">The file cannot be used, or is of a newer program.</exception>
    public async ValueTask InitializeAsync(CancellationToken cancellationToken)
    {
        HashSet<string> changed = [];
        PosixFiles.CreateFolder(Path.GetDirectoryName(Path.GetFullPath(_path))!, changed);
        foreach (string folder in changed)
        {
            PosixFiles.SyncFolder(folder);
        }

        Assembly assembly = typeof(SqliteDatabase).Assembly;
        string[] migrations = [.. assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        await WriteAsync(
            (connection, transaction) =>
            {
                connection.Execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL)", transaction: transaction);
                HashSet<long> applied = [.. connection.Query<long>("SELECT version FROM schema_version", transaction: transaction)];
                if (applied.Count > 0 && applied.Max() > migrations.Max(NumberOf))
                {
                    throw new ArchiveUnavailableException("The index was written by a newer version of this program.");
                }

                SqliteMigrationFunctions.AddTo(connection);
                foreach (string name in migrations)
                {
                    long number = NumberOf(name);
                    if (!applied.Contains(number))
                    {
                        using StreamReader reader = new(assembly.GetManifestResourceStream(name)!);
                        connection.Execute(reader.ReadToEnd(), transaction: transaction);
                        connection.Execute("INSERT INTO schema_version VALUES (@number, datetime('now'))", new { number }, transaction);
                    }
                }

                return true;
            },
            cancellationToken);
    }

    /// <summary>Runs one writing transaction; it is durable when this returns.</summary>
    /// <exception cref="ArchiveUnavailableException">The file cannot be used; nothing was changed.</exception>
    /// <exception cref="IOException">The disk is full; nothing was changed.</exception>
    internal async ValueTask<T> WriteAsync<T>(Func<SqliteConnection, SqliteTransaction, T> work, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            T result = TaskScheduler.Current is BlockingThreads ? Write(work) : await Task.Run(() => Write(work), CancellationToken.None);
            _lastWriteFailed = false;
            return result;
        }
        catch (SqliteException e) when (e.SqliteErrorCode != ErrorConstraint)
        {
            _lastWriteFailed = true;
            if (e.SqliteErrorCode is not (ErrorBusy or ErrorLocked or ErrorFull))
            {
                // The connection may be of a file that is gone or broken: the next write opens its own.
                _writer?.Dispose();
                _writer = null;
            }

            throw e.SqliteErrorCode == ErrorFull ? new IOException("The disk of the index is full.", e) : new ArchiveUnavailableException("The index cannot be written.", e);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Whether the database answers and, when the last write failed, takes writes again.</summary>
    internal async ValueTask<bool> IsAvailableAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_lastWriteFailed)
            {
                await WriteAsync((_, _) => true, cancellationToken);
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
    public async ValueTask DisposeAsync()
    {
        if (_writer is { } writer)
        {
            await writer.DisposeAsync();
        }

        using (SqliteConnection pooled = new(_connectionString))
        {
            SqliteConnection.ClearPool(pooled);
        }

        _writing.Dispose();
    }

    private static long NumberOf(string migration) => long.Parse(Path.GetFileNameWithoutExtension(migration), CultureInfo.InvariantCulture);

    private T Write<T>(Func<SqliteConnection, SqliteTransaction, T> work)
    {
        if (_writer is null)
        {
            SqliteConnection opened = new(_connectionString);
            opened.Open();
            opened.Execute($"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = {_busySeconds * 1000}; PRAGMA foreign_keys = ON;");
            _writer = opened;
        }

        using SqliteTransaction transaction = _writer.BeginTransaction(deferred: false);
        T result = work(_writer, transaction);
        transaction.Commit();
        return result;
    }
}
