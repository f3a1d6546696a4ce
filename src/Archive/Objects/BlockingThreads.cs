using System.Diagnostics.CodeAnalysis;

namespace MedicalAi.Archive;

/// <summary>
/// Threads for calls that block for milliseconds, such as synchronising a file: the pool has few threads, adds to them slowly, and
/// others wait for them. They sleep at once where those of the pool look for work in a loop, which costs others the processor.
/// </summary>
/// <param name="count">How many; they are started as they are first needed, and end with the disposal.</param>
internal sealed class BlockingThreads(int count) : TaskScheduler, IDisposable
{
    private readonly Queue<Task> _tasks = [];
    private readonly object _gate = new();
    private int _threads;
    private int _idle;
    private bool _isDisposed;

    /// <summary>Runs the same work on several threads at once.</summary>
    public Task RunAsync(int threads, Action work) =>
        threads == 1 ? RunAsync(work) : Task.WhenAll(Enumerable.Range(0, Math.Min(threads, count)).Select(_ => RunAsync(work)));

    /// <summary>Runs work on one of the threads.</summary>
    public Task RunAsync(Action work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, this);

    /// <summary>Runs work that blocks: at once when the caller is on such a thread, of whatever owner, else on one of these.</summary>
    public Task RunOrInlineAsync(Action work)
    {
        if (Current is not BlockingThreads)
        {
            return RunAsync(work);
        }

        work();
        return Task.CompletedTask;
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

    /// <inheritdoc />
    protected override void QueueTask(Task task)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _tasks.Enqueue(task);

            // An idle thread counts until it has taken what it was woken for.
            if (_tasks.Count > _idle && _threads < count)
            {
                _threads++;
                new Thread(Run) { IsBackground = true, Name = "synchronise" }.UnsafeStart();
            }

            Monitor.Pulse(_gate);
        }
    }

    /// <inheritdoc />
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    /// <inheritdoc />
    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_gate)
        {
            return [.. _tasks];
        }
    }

    private void Run()
    {
        while (TryTake(out Task? task))
        {
            TryExecuteTask(task);
        }
    }

    private bool TryTake([NotNullWhen(true)] out Task? task)
    {
        lock (_gate)
        {
            while (!_tasks.TryDequeue(out task) && !_isDisposed)
            {
                _idle++;
                Monitor.Wait(_gate);
                _idle--;
            }

            return task is not null;
        }
    }
}
