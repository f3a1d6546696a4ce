using Microsoft.Data.Sqlite;

namespace MedicalAi.Archive;

/// <summary>The study index in SQLite.</summary>
/// <param name="database">The database.</param>
/// <param name="stability">A study with no new instance for this long is stable.</param>
/// <param name="time">The clock.</param>
public sealed partial class SqliteStudyIndex(SqliteDatabase database, TimeSpan stability, TimeProvider time) : IStudyIndex
{
    /// <inheritdoc />
    public ValueTask InitializeAsync(CancellationToken cancellationToken) => database.InitializeAsync(cancellationToken);

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<InstanceRecord> batch, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<CommitOutcome>>((connection, transaction) => Commit(connection, transaction, batch), cancellationToken);

    private CommitOutcome[] Commit(SqliteConnection connection, SqliteTransaction transaction, IReadOnlyList<InstanceRecord> batch)
    {
        using SqliteBatch entering = new(connection, transaction, stability, time.GetUtcNow());
        return entering.Run(batch);
    }
}
