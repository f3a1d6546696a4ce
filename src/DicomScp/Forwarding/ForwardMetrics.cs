using System.Diagnostics.Metrics;
using MedicalAi.Archive;

namespace MedicalAi.DicomScp;

/// <summary>What the meter <c>MedicalAi.DicomScp</c> tells of forwarding.</summary>
internal static class ForwardMetrics
{
    private static readonly Meter s_meter = new("MedicalAi.DicomScp");
    private static readonly Counter<long> s_queued = s_meter.CreateCounter<long>("gateway_forward_queued_total", description: "Instances queued for a destination.");
    private static readonly Counter<long> s_sent = s_meter.CreateCounter<long>("gateway_forward_sent_total", description: "Instances that a destination has stored.");
    private static readonly Counter<long> s_bytes = s_meter.CreateCounter<long>("gateway_forward_sent_bytes_total", unit: "By", description: "The size of the data sets that a destination has stored.");
    private static readonly Counter<long> s_failed = s_meter.CreateCounter<long>("gateway_forward_failed_total", description: "Attempts to send an instance that failed, those that are repeated and those that are not.");
    private static readonly Counter<long> s_dead = s_meter.CreateCounter<long>("gateway_forward_dead_total", description: "Instances that were given up.");
    private static readonly Counter<long> s_committed = s_meter.CreateCounter<long>("gateway_forward_committed_total", description: "Instances to whose storage a destination committed itself.");
    private static readonly Counter<long> s_uncommitted = s_meter.CreateCounter<long>("gateway_forward_uncommitted_total", description: "Times that a destination that was asked did not commit itself to an instance, or told nothing.");
    private static readonly Gauge<int> s_commitment = s_meter.CreateGauge<int>("gateway_forward_commitment_up", description: "0 while a destination cannot be asked for storage commitment, else 1.");
    private static readonly Gauge<long> s_length = s_meter.CreateGauge<long>("gateway_forward_queue_length", description: "Instances of a destination's queue, by state.");
    private static readonly Gauge<double> s_age = s_meter.CreateGauge<double>("gateway_forward_backlog_age_seconds", "s", "The age of the oldest instance that waits to be sent to a destination.");
    private static readonly Gauge<int> s_up = s_meter.CreateGauge<int>("gateway_forward_destination_up", description: "0 while a destination is waited for because it could not be reached or took nothing, else 1.");

    public static void Queued(string destination, int count) => s_queued.Add(count, Tag(destination));

    public static void Sent(string destination, long bytes)
    {
        s_sent.Add(1, Tag(destination));
        s_bytes.Add(bytes, Tag(destination));
    }

    public static void Failed(string destination) => s_failed.Add(1, Tag(destination));

    public static void Dead(string destination, int count) => s_dead.Add(count, Tag(destination));

    public static void Committed(string destination, int committed, int uncommitted)
    {
        s_committed.Add(committed, Tag(destination));
        s_uncommitted.Add(uncommitted, Tag(destination));
    }

    public static void Depth(string destination, ForwardDepth depth, bool isUp, bool canBeAsked, DateTimeOffset now)
    {
        s_length.Record(depth.Queued, Tag(destination), new KeyValuePair<string, object?>("state", "queued"));
        s_length.Record(depth.Sending, Tag(destination), new KeyValuePair<string, object?>("state", "sending"));
        s_length.Record(depth.Committing, Tag(destination), new KeyValuePair<string, object?>("state", "committing"));
        s_length.Record(depth.Dead, Tag(destination), new KeyValuePair<string, object?>("state", "dead"));
        s_age.Record(depth.OldestAt is { } oldest ? (now - oldest).TotalSeconds : 0, Tag(destination));
        s_up.Record(isUp ? 1 : 0, Tag(destination));
        s_commitment.Record(canBeAsked ? 1 : 0, Tag(destination));
    }

    private static KeyValuePair<string, object?> Tag(string destination) => new("destination", destination);
}
