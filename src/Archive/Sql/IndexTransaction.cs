using System.Data.Common;
using Dapper;

namespace MedicalAi.Archive;

/// <summary>A writing transaction. What it tells the change log is entered last, so that the log's order is that of the commits.</summary>
/// <param name="connection">The connection.</param>
/// <param name="transaction">The transaction on it.</param>
internal sealed class IndexTransaction(DbConnection connection, DbTransaction transaction)
{
    private readonly List<Change> _changes = [];

    /// <summary>The connection.</summary>
    public DbConnection Connection => connection;

    /// <summary>The transaction on it.</summary>
    public DbTransaction Transaction => transaction;

    /// <summary>What is to be told.</summary>
    public IReadOnlyList<Change> Changes => _changes;

    /// <summary>Tells the change log.</summary>
    public void Log(Change change) => _changes.Add(change);

    /// <summary>Runs a statement; the number of rows that were changed.</summary>
    public Task<int> ExecuteAsync(string statement, object? parameters = null) => connection.ExecuteAsync(statement, parameters, transaction);

    /// <summary>Runs a statement for one value.</summary>
    public Task<T?> ScalarAsync<T>(string statement, object? parameters = null) => connection.ExecuteScalarAsync<T>(statement, parameters, transaction);

    /// <summary>Runs a statement for its first row.</summary>
    public Task<T?> FirstAsync<T>(string statement, object? parameters = null) => connection.QueryFirstOrDefaultAsync<T>(statement, parameters, transaction);

    /// <summary>Runs a statement for its rows.</summary>
    public Task<IEnumerable<T>> QueryAsync<T>(string statement, object? parameters = null) => connection.QueryAsync<T>(statement, parameters, transaction);

    /// <summary>Runs a statement; the caller reads its rows and disposes the reader before the next one.</summary>
    public Task<DbDataReader> ReadAsync(string statement, object? parameters = null) => connection.ExecuteReaderAsync(statement, parameters, transaction);

    /// <summary>A row of the change log to come.</summary>
    /// <param name="Kind">What happened.</param>
    /// <param name="Study">The study.</param>
    /// <param name="At">When.</param>
    /// <param name="Series">The series, where one is meant.</param>
    /// <param name="SopInstance">The instance, where one is meant.</param>
    /// <param name="Task">The task, where one is meant.</param>
    internal readonly record struct Change(string Kind, string Study, long At, string? Series = null, string? SopInstance = null, string? Task = null);
}
