using Microsoft.Extensions.Hosting;

namespace MedicalAi.Archive;

/// <summary>A part of the gateway that does something small again and again, from its start to the end of the process. A failure is told, and it goes on.</summary>
/// <param name="period">The time from one run to the next, less what the run takes.</param>
/// <param name="time">The clock.</param>
public abstract class RecurringService(TimeSpan period, TimeProvider time) : BackgroundService
{
    /// <summary>The clock.</summary>
    protected TimeProvider Time { get; } = time;

    /// <summary>Does it once.</summary>
    protected internal abstract Task RunOnceAsync(CancellationToken cancellationToken);

    /// <summary>Tells the log that a run failed.</summary>
    protected abstract void Failed(Exception exception);

    /// <inheritdoc />
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(period, Time);
        try
        {
            do
            {
                try
                {
                    await RunOnceAsync(stoppingToken);
                }
#pragma warning disable CA1031 // One run that fails must not end the process.
                catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
                {
                    Failed(e);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The orderly end.
        }
    }
}
