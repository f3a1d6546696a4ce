using Microsoft.Extensions.Logging.Abstractions;

namespace MedicalAi.Archive.Tests;

/// <summary>A worker whose work is to count how often it was asked.</summary>
internal sealed class CountingWorker(ISeams archive, int maximumTasks, TimeSpan lease, Func<TaskClaim, CancellationToken, Task>? work = null, ITaskIndex? tasks = null)
    : TaskWorker(archive.Queue, tasks ?? archive.Tasks, WorkKind.Infer, maximumTasks, lease, archive.Clock, NullLogger.Instance)
{
    private int _runs;
    private int _saved;

    /// <summary>How often it was asked.</summary>
    public int Runs => Volatile.Read(ref _runs);

    /// <summary>How often its findings were taken.</summary>
    public int Saved => Volatile.Read(ref _saved);

    /// <summary>Waits until its findings were taken.</summary>
    public async Task WaitForSavedAsync()
    {
        long begin = Environment.TickCount64;
        while (Saved == 0)
        {
            Assert.True(Environment.TickCount64 - begin < 30_000, "Nothing was saved in time.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    protected override async Task<bool> RunAsync(TaskClaim claim, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _runs);
        if (work is not null)
        {
            await work(claim, cancellationToken);
        }

        bool saved = await Tasks.SaveFindingsAsync(claim, new byte[] { 1 }, CancellationToken.None);
        if (saved)
        {
            Interlocked.Increment(ref _saved);
        }

        return saved;
    }

    protected override TimeSpan GetTimeLimit(InferenceTask task) => Timeout.InfiniteTimeSpan;
}
