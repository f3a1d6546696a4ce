using MedicalAi.Archive;

namespace MedicalAi.Gateway;

/// <summary>
/// Lets those who follow the change log wait for what comes next: one look at the index for all of them, and none while nobody waits.
/// Safe for use by several threads.
/// </summary>
internal sealed class ChangeFeed(IStudyIndex studies, TimeProvider time, ILogger<ChangeFeed> logger) : BackgroundService
{
    /// <summary>The most who may follow at once.</summary>
    public const int MaximumFollowers = 200;

    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(200);
    private readonly SemaphoreSlim _wanted = new(0, 1);
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _last;
    private int _waiting;
    private int _followers;

    /// <summary>Begins to follow; false when too many do. What begins ends with <see cref="Leave"/>.</summary>
    public bool TryJoin()
    {
        if (Interlocked.Increment(ref _followers) <= MaximumFollowers)
        {
            return true;
        }

        Leave();
        return false;
    }

    /// <summary>Follows no more.</summary>
    public void Leave() => Interlocked.Decrement(ref _followers);

    /// <summary>Waits until the change log has a row after the one that was read last.</summary>
    /// <param name="read">The sequence number up to which it was read.</param>
    /// <param name="atMost">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when the time was over before.</returns>
    public async Task<bool> WaitAsync(long read, TimeSpan atMost, CancellationToken cancellationToken)
    {
        Task changed;
        lock (_lock)
        {
            if (_last > read)
            {
                return true;
            }

            changed = _changed.Task;
            _waiting++;
            if (_wanted.CurrentCount == 0)
            {
                _wanted.Release();
            }
        }

        try
        {
            await changed.WaitAsync(atMost, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            lock (_lock)
            {
                _waiting--;
            }
        }
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        base.Dispose();
        _wanted.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _wanted.WaitAsync(stoppingToken);
                while (IsWanted())
                {
                    Tell(await studies.FindLastChangeAsync(stoppingToken));
                    await Task.Delay(s_period, time, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The feed lives on whatever the index throws.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.ChangesNotRead(logger, e);
                await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                lock (_lock)
                {
                    if (_waiting > 0 && _wanted.CurrentCount == 0)
                    {
                        _wanted.Release();
                    }
                }
            }
        }
    }

    private bool IsWanted()
    {
        lock (_lock)
        {
            return _waiting > 0;
        }
    }

    private void Tell(long last)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            if (last <= _last)
            {
                return;
            }

            _last = last;
            (changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        changed.TrySetResult();
    }
}
