namespace MedicalAi.Archive;

/// <summary>The size of the index.</summary>
/// <param name="Studies">Studies.</param>
/// <param name="Series">Series.</param>
/// <param name="Instances">Instances.</param>
/// <param name="Quarantined">Instances that were kept aside.</param>
public readonly record struct IndexCounts(long Studies, long Series, long Instances, long Quarantined);
