using System.Diagnostics.Metrics;

namespace MedicalAi.InferenceEngine;

/// <summary>The meter <c>MedicalAi.InferenceEngine</c>.</summary>
internal static class InferenceMetrics
{
    private static readonly Meter s_meter = new("MedicalAi.InferenceEngine");
    private static readonly Histogram<int> s_batch = s_meter.CreateHistogram<int>("gateway_batch_size", description: "Inputs of one run of a model.");
    private static readonly Histogram<double> s_seconds = s_meter.CreateHistogram<double>("gateway_inference_seconds", "s", "Time of one run of a model.");
    private static readonly Counter<long> s_tasks = s_meter.CreateCounter<long>("gateway_inference_tasks", description: "Tasks that ended, by model and outcome.");

    public static void Ran(string model, int inputs, TimeSpan time)
    {
        KeyValuePair<string, object?> tag = new("model", model);
        s_batch.Record(inputs, tag);
        s_seconds.Record(time.TotalSeconds, tag);
    }

    public static void Finished(string model, string outcome) => s_tasks.Add(1, new("model", model), new("outcome", outcome));
}
