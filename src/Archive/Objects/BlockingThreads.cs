using System.Collections.Concurrent;

namespace MedicalAi.Archive;

/// <summary>
/// Threads for calls that block for milliseconds, such as synchronising a file: the pool has few threads, adds to them slowly, and
/// others wait for them.
/// </summary>
/// <param name="count">How many; they are started as they are first needed, and end with the disposal.</param>
internal sealed class BlockingThreads(int count) : TaskScheduler, IDisposable
{
    private readonly BlockingCollection<Task> _tasks = [];
    private int _threads;

    /// <summary>Runs the same work on several threads at once.</summary>
    public Task RunAsync(int threads, Action work) =>
        Task.WhenAll(Enumerable.Range(0, Math.Min(threads, count)).Select(_ => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, this)));

    /// <inheritdoc />
    public void Dispose() => _tasks.CompleteAdding();

    /// <inheritdoc />
    protected override void QueueTask(Task task)
    {
        _tasks.Add(task);
        if (Volatile.Read(ref _threads) < count && Interlocked.Increment(ref _threads) <= count)
        {
            new Thread(Run) { IsBackground = true, Name = "synchronise" }.Start();
        }
    }

    /// <inheritdoc />
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    /// <inheritdoc />
    protected override IEnumerable<Task> GetScheduledTasks() => _tasks;

    private void Run()
    {
        foreach (Task task in _tasks.GetConsumingEnumerable())
        {
            TryExecuteTask(task);
        }
    }
}
