using System.Diagnostics.Metrics;

namespace MedicalAi.Archive;

/// <summary>The meter <c>MedicalAi.Archive</c>.</summary>
internal static class ArchiveMetrics
{
    private static readonly Meter s_meter = new("MedicalAi.Archive");
    private static readonly Counter<long> s_ingested = s_meter.CreateCounter<long>("gateway_instances_ingested", description: "Instances offered to the archive, by outcome.");
    private static readonly Histogram<int> s_batch = s_meter.CreateHistogram<int>("gateway_commit_batch_size", description: "Instances of one group commit.");

    public static void Ingested(IngestOutcome outcome) => s_ingested.Add(1, new KeyValuePair<string, object?>("outcome", outcome.ToString()));

    public static void Batch(int size) => s_batch.Record(size);
}
