using System.Diagnostics.Metrics;
using MedicalAi.Archive;

namespace MedicalAi.DicomScp;

/// <summary>What the meter <c>MedicalAi.DicomScp</c> tells of what others tell of procedures.</summary>
internal static class ProcedureMetrics
{
    private static readonly Meter s_meter = new("MedicalAi.DicomScp");
    private static readonly Counter<long> s_steps = s_meter.CreateCounter<long>("gateway_performed_steps", description: "What modalities told of performed procedure steps, by status.");
    private static readonly Counter<long> s_availability = s_meter.CreateCounter<long>("gateway_availability_notifications", description: "Instance availability notifications that were taken.");
    private static readonly Counter<long> s_worklist = s_meter.CreateCounter<long>("gateway_worklist_queries", description: "Studies for which the worklist was asked, by outcome.");

    public static void StepTold(PerformedStepStatus status) => s_steps.Add(1, new KeyValuePair<string, object?>("status", status.ToString()));

    public static void AvailabilityTold() => s_availability.Add(1);

    public static void WorklistAsked(string outcome) => s_worklist.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
