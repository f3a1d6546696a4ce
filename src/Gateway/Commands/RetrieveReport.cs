using System.Globalization;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using Spectre.Console;

namespace MedicalAi.Gateway;

/// <summary>Tells how far a retrieve is, on a terminal by a bar and elsewhere by plain lines, and how it ended.</summary>
internal static class RetrieveReport
{
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(2);

    /// <summary>Retrieves.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="retrieve">The retrieve, which tells how far it is.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandFailedException">Not all was retrieved.</exception>
    public static async Task<int> RunAsync(string title, Func<IProgress<SubOperations>, Task<DimseResponse>> retrieve)
    {
        DimseResponse response = default;
        if (Console.IsOutputRedirected)
        {
            response = await retrieve(new Lines());
        }
        else
        {
            await AnsiConsole.Progress()
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(async context =>
                {
                    ProgressTask task = context.AddTask(Markup.Escape(title), autoStart: true);
                    task.IsIndeterminate = true;
                    response = await retrieve(new Bar(task));
                    task.StopTask();
                });
        }

        return await ConcludeAsync(response);
    }

    private static async Task<int> ConcludeAsync(DimseResponse response)
    {
        SubOperations counts = response.SubOperations ?? default;
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{counts.Completed + counts.Warning} retrieved, {counts.Failed} failed"));
        foreach (string failed in response.DataSet?.GetStrings(DicomTags.FailedSOPInstanceUIDList) ?? [])
        {
            await Console.Error.WriteLineAsync($"not retrieved: {failed}");
        }

        return response.Status == DimseStatus.Success || (response.IsSuccess && counts.Failed == 0) ? ExitCode.Done
            : throw new CommandFailedException($"The peer answered {DimseStatus.Describe(response.Status)} ({response.Status:X4}){(response.ErrorComment is { } comment ? ": " + comment : "")}.");
    }

    private sealed class Lines : IProgress<SubOperations>
    {
        private long _last = Environment.TickCount64;

        public void Report(SubOperations value)
        {
            if (value.Remaining is { } remaining && Environment.TickCount64 - _last > s_between.TotalMilliseconds)
            {
                _last = Environment.TickCount64;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{value.Completed + value.Warning} retrieved, {value.Failed} failed, {remaining} remain"));
            }
        }
    }

    private sealed class Bar(ProgressTask task) : IProgress<SubOperations>
    {
        public void Report(SubOperations value)
        {
            int ended = value.Completed + value.Warning + value.Failed;
            task.MaxValue = Math.Max(1, ended + (value.Remaining ?? 0));
            task.Value = ended;
            task.IsIndeterminate = false;
        }
    }
}
