using System.Diagnostics.Metrics;

namespace MedicalAi.DicomWeb;

/// <summary>The meter <c>MedicalAi.DicomWeb</c>.</summary>
internal static class DicomWebMetrics
{
    private static readonly Meter s_meter = new("MedicalAi.DicomWeb");
    private static readonly Counter<long> s_stored = s_meter.CreateCounter<long>("gateway_dicomweb_instances_offered", description: "Instances offered by STOW-RS, by outcome.");
    private static readonly Counter<long> s_retrieved = s_meter.CreateCounter<long>("gateway_dicomweb_instances_retrieved", description: "Instances sent by WADO-RS.");
    private static readonly Counter<long> s_bytes = s_meter.CreateCounter<long>("gateway_dicomweb_retrieved_bytes", "By", "Bytes of instances sent by WADO-RS.");

    public static void Offered(string outcome) => s_stored.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public static void Retrieved(long bytes)
    {
        s_retrieved.Add(1);
        s_bytes.Add(bytes);
    }
}
