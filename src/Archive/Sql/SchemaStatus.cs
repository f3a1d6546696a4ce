namespace MedicalAi.Archive;

/// <summary>Where the schema of an index stands.</summary>
/// <param name="Applied">The versions that were applied, in order, and when.</param>
/// <param name="Pending">The versions that this program would apply, in order.</param>
public sealed record SchemaStatus(IReadOnlyList<(long Version, string At)> Applied, IReadOnlyList<long> Pending)
{
    /// <summary>The version that it has; 0 when there is none.</summary>
    public long Version => Applied.Count == 0 ? 0 : Applied[^1].Version;
}
