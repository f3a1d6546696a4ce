using System.Globalization;

namespace MedicalAi.Gateway;

/// <summary>Findings for people to read on a terminal.</summary>
internal static class FindingsText
{
    /// <summary>Writes what a task found, or why it found nothing.</summary>
    public static void Write(TaskResource task, TextWriter output)
    {
        if (task.Findings is not { } findings)
        {
            output.WriteLine($"    {task.Status}: {task.Error ?? "no findings yet"}");
            return;
        }

        foreach (ClassificationResource classification in findings.Classifications)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"    {classification.Finding}: {(classification.IsPositive ? "present" : "absent")}, probability {classification.Probability:0.0 %} (threshold {classification.Threshold:0.0 %})"));
        }

        foreach (MeasurementResource measurement in findings.Measurements)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {measurement.Quantity}{(measurement.Of is { } of ? " of " + of : "")}: {measurement.Value:0.###} {measurement.Unit}"));
        }
    }
}
