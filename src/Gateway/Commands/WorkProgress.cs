using System.Globalization;
using Spectre.Console;

namespace MedicalAi.Gateway;

/// <summary>Shows how far work is: a bar on a terminal, plain lines elsewhere.</summary>
internal static class WorkProgress
{
    // Plain lines come so often at most, and so often at least.
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_alive = TimeSpan.FromSeconds(15);

    /// <summary>Does work of a known number of steps.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="total">The number of steps.</param>
    /// <param name="work">The work; it calls its argument with the number of steps that are done.</param>
    public static Task RunAsync(string title, int total, Func<Action<int>, Task> work) =>
        Console.IsOutputRedirected || total == 0 ? RunPlainAsync(title, total, work) : RunBarAsync(title, total, work);

    private static Task RunBarAsync(string title, int total, Func<Action<int>, Task> work) =>
        AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(title), maxValue: total);
                await work(done => task.Value = done);
                task.StopTask();
            });

    private static async Task RunPlainAsync(string title, int total, Func<Action<int>, Task> work)
    {
        int shown = -1;
        long last = 0;
        await work(done =>
        {
            long since = Environment.TickCount64 - last;
            if (done != shown ? done == total || since > s_between.TotalMilliseconds : since > s_alive.TotalMilliseconds)
            {
                shown = done;
                last = Environment.TickCount64;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title}: {done} of {total}"));
            }
        });
    }
}
