using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MedicalAi.Dicom.Network;

/// <summary>The meter <c>MedicalAi.Dicom.Network</c>.</summary>
internal static class NetworkMetrics
{
    private static readonly Meter s_meter = new("MedicalAi.Dicom.Network");
    private static readonly UpDownCounter<int> s_active = s_meter.CreateUpDownCounter<int>("gateway_associations_active", description: "Associations that are established now, by role.");
    private static readonly Counter<long> s_total = s_meter.CreateCounter<long>("gateway_associations_total", description: "Associations that ended, by role and outcome.");
    private static readonly Counter<long> s_requests = s_meter.CreateCounter<long>("gateway_dimse_requests_total", description: "DIMSE requests answered, by command and status.");
    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram<double>("gateway_dimse_request_duration_seconds", unit: "s", description: "From the command to its response sent, by command.");

    public static void Established(string role) => s_active.Add(1, new KeyValuePair<string, object?>("role", role));

    public static void Ended(string role, bool wasEstablished, string outcome)
    {
        if (wasEstablished)
        {
            s_active.Add(-1, new KeyValuePair<string, object?>("role", role));
        }

        s_total.Add(1, new KeyValuePair<string, object?>("role", role), new KeyValuePair<string, object?>("outcome", outcome));
    }

    public static void Answered(ushort commandField, ushort status, long startTimestamp)
    {
        KeyValuePair<string, object?> command = new("command", commandField switch
        {
            DimseCommand.CStoreRequest => "C-STORE",
            DimseCommand.CEchoRequest => "C-ECHO",
            DimseCommand.CFindRequest => "C-FIND",
            DimseCommand.CMoveRequest => "C-MOVE",
            DimseCommand.CGetRequest => "C-GET",
            _ => "other",
        });
        s_requests.Add(1, command, new KeyValuePair<string, object?>("status", DimseStatus.Name(status)));
        s_duration.Record(Stopwatch.GetElapsedTime(startTimestamp).TotalSeconds, command);
    }
}
