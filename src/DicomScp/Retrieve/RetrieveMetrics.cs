using System.Diagnostics.Metrics;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>What the meter <c>MedicalAi.DicomScp</c> tells of C-MOVE and C-GET.</summary>
internal static class RetrieveMetrics
{
    private static readonly Meter s_meter = new("MedicalAi.DicomScp");
    private static readonly Counter<long> s_subOperations = s_meter.CreateCounter<long>("gateway_retrieve_suboperations_total", description: "C-STORE sub-operations of C-MOVE and C-GET, by operation and outcome.");
    private static readonly Counter<long> s_bytes = s_meter.CreateCounter<long>("gateway_retrieve_bytes_total", unit: "By", description: "The size of the data sets that C-MOVE and C-GET have sent, by operation.");

    public static void SubOperation(DimseRequest request, string outcome, long length)
    {
        KeyValuePair<string, object?> operation = new("operation", request.Command.CommandField == DimseCommand.CMoveRequest ? "C-MOVE" : "C-GET");
        s_subOperations.Add(1, operation, new KeyValuePair<string, object?>("outcome", outcome));
        s_bytes.Add(length, operation);
    }
}
