namespace MedicalAi.Dicom.Network;

/// <summary>
/// A few threads that wait, each for the next bytes of one connection on which something goes on. When they come, what waits for
/// them runs on at once on the same thread. The framework would wake three or four threads for it, which costs more than taking
/// a small instance; where many connections are busy that is spread over many bytes, so those beyond the threads, and those that
/// are quiet, wait in the framework's way.
/// </summary>
/// <param name="limit">The most threads.</param>
internal sealed class WaitingThreads(int limit) : IDisposable
{
    // A thread that nobody needs for so long ends.
    private static readonly TimeSpan s_spare = TimeSpan.FromSeconds(10);

    private readonly Queue<SocketInput> _given = [];
    private readonly object _gate = new();
    private int _count;
    private int _idle;
    private bool _isDisposed;

    /// <summary>Waits for the connection's next bytes, and tells it.</summary>
    public void Wait(SocketInput input)
    {
        if (input.LastThread is { } last && last.IsCurrent && last.Next is null)
        {
            // What ran on this thread since it got its bytes wants more of them: the thread will wait when that has returned.
            last.Next = input;
        }
        else if (!TryGive(input))
        {
            input.WaitQuietly();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private bool TryGive(SocketInput input)
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return false;
            }

            // An idle thread counts until it has taken what it was woken for.
            if (_given.Count >= _idle)
            {
                if (_count == limit)
                {
                    return false;
                }

                _count++;
                new Thread(Run) { IsBackground = true, Name = "DICOM connection" }.UnsafeStart();
            }

            _given.Enqueue(input);
            Monitor.Pulse(_gate);
            return true;
        }
    }

    private void Run()
    {
        WaitingThread thread = new();
        while (Take() is { } input)
        {
            for (SocketInput? next = input; next is not null; next = thread.Next)
            {
                thread.Next = null;
                next.LastThread = thread;
                next.WaitHere();
            }
        }
    }

    private SocketInput? Take()
    {
        lock (_gate)
        {
            bool isNeeded = true;
            SocketInput? input;
            while (!_given.TryDequeue(out input) && isNeeded && !_isDisposed)
            {
                _idle++;
                isNeeded = Monitor.Wait(_gate, s_spare);
                _idle--;
            }

            _count -= input is null ? 1 : 0;
            return input;
        }
    }
}

/// <summary>One of the threads.</summary>
internal sealed class WaitingThread
{
    private readonly int _id = Environment.CurrentManagedThreadId;

    /// <summary>Whether the caller runs on it.</summary>
    public bool IsCurrent => _id == Environment.CurrentManagedThreadId;

    /// <summary>The connection that it will wait for next; used on this thread alone.</summary>
    public SocketInput? Next { get; set; }
}
