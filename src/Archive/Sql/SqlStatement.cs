using System.Data;
using System.Data.Common;
using System.Globalization;

namespace MedicalAi.Archive;

/// <summary>A statement that is prepared once and run many times within one transaction. Its parameters are <c>@p0</c>, <c>@p1</c> and so on.</summary>
internal sealed class SqlStatement : IDisposable
{
    private readonly DbCommand _command;
    private bool _isPrepared;

    /// <summary>Makes the statement; it is prepared by its first run.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="text">The SQL.</param>
    /// <param name="parameters">The types of its parameters.</param>
    public SqlStatement(IndexTransaction transaction, string text, params ReadOnlySpan<DbType> parameters)
    {
        _command = transaction.Connection.CreateCommand();
        _command.Transaction = transaction.Transaction;
#pragma warning disable CA2100 // Constants of this assembly.
        _command.CommandText = text;
#pragma warning restore CA2100
        for (int i = 0; i < parameters.Length; i++)
        {
            DbParameter parameter = _command.CreateParameter();
            parameter.ParameterName = string.Create(CultureInfo.InvariantCulture, $"p{i}");
            parameter.DbType = parameters[i];
            _command.Parameters.Add(parameter);
        }
    }

    /// <summary>Runs it; null stands for NULL. The number of rows that were changed.</summary>
    public async Task<int> ExecuteAsync(params object?[] values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            _command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        if (!_isPrepared)
        {
            await _command.PrepareAsync();
            _isPrepared = true;
        }

        return await _command.ExecuteNonQueryAsync();
    }

    /// <inheritdoc />
    public void Dispose() => _command.Dispose();
}
