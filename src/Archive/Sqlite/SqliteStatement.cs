using System.Globalization;
using Microsoft.Data.Sqlite;

namespace MedicalAi.Archive;

/// <summary>A statement of the writer connection that is prepared once and run in many transactions, as its text is read longer than it runs. Its parameters are <c>@0</c>, <c>@1</c> and so on.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteCommand _command;

    /// <summary>Makes the statement; it is prepared by its first run.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="text">The SQL.</param>
    /// <param name="parameters">How many parameters it has.</param>
    public SqliteStatement(SqliteConnection connection, string text, int parameters)
    {
        _command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this assembly.
        _command.CommandText = text;
#pragma warning restore CA2100
        for (int i = 0; i < parameters; i++)
        {
            _command.Parameters.Add(new SqliteParameter(string.Create(CultureInfo.InvariantCulture, $"@{i}"), null));
        }
    }

    /// <summary>Runs it; null stands for NULL. The number of rows that were changed.</summary>
    public int Execute(SqliteTransaction transaction, params ReadOnlySpan<object?> values)
    {
        Bind(transaction, values);
        return _command.ExecuteNonQuery();
    }

    /// <summary>Runs it for one value; null when there is no row.</summary>
    public object? ExecuteScalar(SqliteTransaction transaction, params ReadOnlySpan<object?> values)
    {
        Bind(transaction, values);
        return _command.ExecuteScalar();
    }

    /// <summary>Runs it for its first row; null when there is none.</summary>
    public T? ExecuteRow<T>(SqliteTransaction transaction, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
        where T : class
    {
        Bind(transaction, values);
        using SqliteDataReader reader = _command.ExecuteReader();
        return reader.Read() ? read(reader) : null;
    }

    /// <inheritdoc />
    public void Dispose() => _command.Dispose();

    private void Bind(SqliteTransaction transaction, ReadOnlySpan<object?> values)
    {
        _command.Transaction = transaction;
        for (int i = 0; i < values.Length; i++)
        {
            _command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
    }
}
