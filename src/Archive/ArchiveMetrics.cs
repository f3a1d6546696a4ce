using System.Diagnostics.Metrics;

namespace MedicalAi.Archive;

/// <summary>The meter <c>MedicalAi.Archive</c>.</summary>
internal static class ArchiveMetrics
{
    private static readonly Meter s_meter = new("MedicalAi.Archive");
    private static readonly Counter<long> s_ingested = s_meter.CreateCounter<long>("gateway_instances_ingested", description: "Instances offered to the archive, by outcome.");
    private static readonly Histogram<int> s_batch = s_meter.CreateHistogram<int>("gateway_commit_batch_size", description: "Instances of one group commit.");
    private static readonly Histogram<double> s_latency = s_meter.CreateHistogram<double>("gateway_ingest_latency_seconds", "s", "From the beginning of an upload to its answer, by outcome.");
    private static readonly Gauge<long> s_queueLength = s_meter.CreateGauge<long>("gateway_queue_length", description: "Messages of the work queue, by kind and state.");
    private static readonly Gauge<long> s_tasks = s_meter.CreateGauge<long>("gateway_tasks", description: "Tasks, by status.");
    private static readonly Gauge<double> s_backlogAge = s_meter.CreateGauge<double>("gateway_backlog_age_seconds", "s", "The age of the oldest task that is not yet completed, failed or cancelled.");

    private static readonly UpDownCounter<long> s_connections = s_meter.CreateUpDownCounter<long>("gateway_database_connections", description: "Connections to PostgreSQL that are in use.");
    private static readonly Counter<long> s_retries = s_meter.CreateCounter<long>("gateway_database_retries", description: "Transactions that were done again, because another was in the way or a connection had been lost.");

    public static void Connections(int more) => s_connections.Add(more);

    public static void Retry() => s_retries.Add(1);

    public static void Ingested(IngestOutcome outcome) => s_ingested.Add(1, new KeyValuePair<string, object?>("outcome", outcome.ToString()));

    public static void Batch(int size) => s_batch.Record(size);

    public static void Latency(TimeSpan time, IngestOutcome outcome) => s_latency.Record(time.TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome.ToString()));

    public static void QueueLength(WorkKind kind, WorkQueueDepth depth)
    {
        KeyValuePair<string, object?> name = new("kind", kind.ToString());
        s_queueLength.Record(depth.Waiting, name, new KeyValuePair<string, object?>("state", "waiting"));
        s_queueLength.Record(depth.Leased, name, new KeyValuePair<string, object?>("state", "leased"));
        s_queueLength.Record(depth.Dead, name, new KeyValuePair<string, object?>("state", "dead"));
    }

    public static void Tasks(InferenceTaskStatus status, long count) => s_tasks.Record(count, new KeyValuePair<string, object?>("status", status.ToString()));

    public static void BacklogAge(TimeSpan age) => s_backlogAge.Record(age.TotalSeconds);
}
