using System.Diagnostics.Metrics;
using MedicalAi.Archive;

namespace MedicalAi.DicomScp;

/// <summary>What the meter <c>MedicalAi.DicomScp</c> tells of storage commitment that others ask for.</summary>
internal static class CommitmentMetrics
{
    private static readonly Meter s_meter = new("MedicalAi.DicomScp");
    private static readonly Gauge<long> s_transactions = s_meter.CreateGauge<long>("gateway_commitment_transactions", description: "Storage commitment transactions that others asked for in the last 30 days, by state.");
    private static readonly Counter<long> s_instances = s_meter.CreateCounter<long>("gateway_commitment_instances", description: "Instances that were looked for to commit ourselves to them, by outcome.");
    private static readonly Counter<long> s_reports = s_meter.CreateCounter<long>("gateway_commitment_reports", description: "Attempts to tell a requestor what is committed, by outcome.");

    public static void Transactions(IReadOnlyDictionary<CommitmentState, long> counts)
    {
        foreach (CommitmentState state in Enum.GetValues<CommitmentState>())
        {
            s_transactions.Record(counts.GetValueOrDefault(state), new KeyValuePair<string, object?>("state", state.ToString()));
        }
    }

    public static void Checked(int committed, int failed)
    {
        s_instances.Add(committed, new KeyValuePair<string, object?>("outcome", "committed"));
        s_instances.Add(failed, new KeyValuePair<string, object?>("outcome", "failed"));
    }

    public static void Reported(string outcome) => s_reports.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
