using System.Diagnostics.Metrics;

namespace MedicalAi.DicomScp;

/// <summary>What the meter <c>MedicalAi.DicomScp</c> tells of the registry.</summary>
internal static class RegistryMetrics
{
    private static readonly Meter s_meter = new("MedicalAi.DicomScp");
    private static readonly Gauge<int> s_valid = s_meter.CreateGauge<int>("gateway_ae_registry_valid", description: "1 while the file of the AE registry holds as it stands, 0 while an older content of it does.");
    private static readonly Counter<long> s_loads = s_meter.CreateCounter<long>("gateway_ae_registry_loads_total", description: "Changes of the file of the AE registry, by outcome.");

    public static void Valid(bool isValid) => s_valid.Record(isValid ? 1 : 0);

    public static void Loaded(bool isValid)
    {
        Valid(isValid);
        s_loads.Add(1, new KeyValuePair<string, object?>("outcome", isValid ? "loaded" : "refused"));
    }
}
