namespace MedicalAi.Dicom.Network;

/// <summary>
/// A deadline for one wait at a time. The timer is made once and moved only when it would fire too late, so that a wait costs
/// no allocation and, mostly, no timer operation.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Timer _timer;
    private Action? _onExpired;
    private long _deadline = long.MaxValue;
    private long _scheduled = long.MaxValue;
    private bool _fired;

    public Watchdog() => _timer = new Timer(static self => ((Watchdog)self!).Tick(), this, Timeout.Infinite, Timeout.Infinite);

    /// <summary>The time of deadlines, in milliseconds.</summary>
    public static long Now => Environment.TickCount64;

    /// <summary>Calls back, once, when <see cref="Disarm"/> did not come before the deadline.</summary>
    public void Arm(long deadline, Action onExpired)
    {
        lock (_gate)
        {
            _fired = false;
            _onExpired = onExpired;
            _deadline = deadline;
            if (deadline < _scheduled)
            {
                Schedule(deadline);
            }
        }
    }

    /// <summary>Ends the wait; true when it had expired.</summary>
    public bool Disarm()
    {
        lock (_gate)
        {
            _deadline = long.MaxValue;
            _onExpired = null;
            return _fired;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        lock (_gate)
        {
            _scheduled = long.MaxValue;
            if (_deadline == long.MaxValue)
            {
                return;
            }

            if (Now < _deadline)
            {
                Schedule(_deadline);
                return;
            }

            _fired = true;
            _deadline = long.MaxValue;

            // Within the gate, so that it cannot hit the wait that comes after this one.
            _onExpired?.Invoke();
        }
    }

    private void Schedule(long deadline)
    {
        _scheduled = deadline;
        _timer.Change(Math.Clamp(deadline - Now, 0, int.MaxValue), Timeout.Infinite);
    }
}
