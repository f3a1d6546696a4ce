namespace MedicalAi.Archive;

/// <summary>Wakes the background services of this process when there is something for them. A lost signal is made up for by their timers.</summary>
public sealed class ArchiveSignals : IDisposable
{
    private readonly SemaphoreSlim _committed = new(0, 1);
    private readonly SemaphoreSlim _outbox = new(0, 1);
    private readonly SemaphoreSlim _changes = new(0, 1);

    /// <summary>Instances were committed.</summary>
    public void Committed()
    {
        Set(_committed);
        Set(_changes);
    }

    /// <summary>A study became stable.</summary>
    public void StudyStable() => Set(_changes);

    /// <summary>A study may become stable sooner than it was to.</summary>
    public void StabilityMoved() => Set(_committed);

    /// <summary>Messages may stand in the outbox. The task index calls it after every change that fills it; others need not.</summary>
    public void OutboxFilled() => Set(_outbox);

    /// <summary>Waits until the change log tells of new instances or stable studies; for one waiter, which follows it.</summary>
    /// <returns>False when the time was over before.</returns>
    public Task<bool> WaitForChangesAsync(TimeSpan atMost, CancellationToken cancellationToken) => _changes.WaitAsync(atMost, cancellationToken);

    /// <inheritdoc />
    public void Dispose()
    {
        _committed.Dispose();
        _outbox.Dispose();
        _changes.Dispose();
    }

    internal Task WaitForCommitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _committed.WaitAsync(atMost, cancellationToken);

    internal Task<bool> WaitForOutboxAsync(TimeSpan atMost, CancellationToken cancellationToken) => _outbox.WaitAsync(atMost, cancellationToken);

    private static void Set(SemaphoreSlim signal)
    {
        try
        {
            if (signal.CurrentCount == 0)
            {
                signal.Release();
            }
        }
        catch (SemaphoreFullException)
        {
            // Another caller has just set it.
        }
    }
}
