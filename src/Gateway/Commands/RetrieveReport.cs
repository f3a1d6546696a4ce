using System.Globalization;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.Gateway;

/// <summary>Tells how far a retrieve is, and how it ended.</summary>
internal sealed class RetrieveReport : IProgress<SubOperations>
{
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(2);
    private long _last = Environment.TickCount64;

    /// <inheritdoc />
    public void Report(SubOperations value)
    {
        if (value.Remaining is { } remaining && Environment.TickCount64 - _last > s_between.TotalMilliseconds)
        {
            _last = Environment.TickCount64;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{value.Completed + value.Warning} retrieved, {value.Failed} failed, {remaining} remain"));
        }
    }

    /// <summary>Prints how it ended.</summary>
    /// <returns>The exit code.</returns>
    public static int Conclude(DimseResponse response)
    {
        SubOperations counts = response.SubOperations ?? default;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{counts.Completed + counts.Warning} retrieved, {counts.Failed} failed"));
        foreach (string failed in response.DataSet?.GetStrings(DicomTags.FailedSOPInstanceUIDList) ?? [])
        {
            Console.Error.WriteLine($"not retrieved: {failed}");
        }

        return response.Status == DimseStatus.Success || (response.IsSuccess && counts.Failed == 0) ? ExitCode.Done
            : throw new CommandFailedException($"The peer answered {DimseStatus.Describe(response.Status)} ({response.Status:X4}){(response.ErrorComment is { } comment ? ": " + comment : "")}.");
    }
}
