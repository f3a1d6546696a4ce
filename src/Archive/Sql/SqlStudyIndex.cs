
namespace MedicalAi.Archive;

/// <summary>The study index in a database.</summary>
/// <param name="database">The database.</param>
/// <param name="stability">A study with no new instance for this long is stable.</param>
/// <param name="time">The clock.</param>
public sealed partial class SqlStudyIndex(IndexDatabase database, TimeSpan stability, TimeProvider time) : IStudyIndex
{
    /// <inheritdoc />
    public ValueTask InitializeAsync(CancellationToken cancellationToken) => database.InitializeAsync(cancellationToken);

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<InstanceRecord> batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return database.EnterAsync(batch, stability, time.GetUtcNow(), cancellationToken);
    }
}
