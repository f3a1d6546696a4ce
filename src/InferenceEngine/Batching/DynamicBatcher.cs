using MedicalAi.Archive;

namespace MedicalAi.InferenceEngine;

/// <summary>
/// Puts inputs of several tasks together: a batch is run when it is full or when its first input has waited long enough, the most
/// urgent inputs first.
/// </summary>
internal sealed class DynamicBatcher : IAsyncDisposable
{
    private readonly int _maximumSize;
    private readonly TimeSpan _maximumDelay;
    private readonly RunBatch _run;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly PriorityQueue<Waiting, (int Priority, long Number)> _waiting = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly SemaphoreSlim _places;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private long _number;
    private bool _isStopped;

    /// <summary>Runs a batch.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="priority">How urgent the most urgent of them is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The output of each input, in order.</returns>
    public delegate Task<IReadOnlyList<float[]>> RunBatch(IReadOnlyList<float[]> inputs, TaskPriority priority, CancellationToken cancellationToken);

    /// <param name="maximumSize">The most inputs of a batch.</param>
    /// <param name="maximumDelay">How long the first input waits for others.</param>
    /// <param name="run">Runs a batch.</param>
    /// <param name="time">The clock.</param>
    public DynamicBatcher(int maximumSize, TimeSpan maximumDelay, RunBatch run, TimeProvider time)
    {
        _maximumSize = maximumSize;
        _maximumDelay = maximumDelay;
        _run = run;
        _time = time;
        _places = new SemaphoreSlim(maximumSize * 4);
        _loop = Task.Run(() => LoopAsync(_stop.Token));
    }

    /// <summary>Runs an input with others.</summary>
    /// <exception cref="InferenceException">The batch failed, or the batcher was stopped.</exception>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    public async Task<float[]> RunAsync(float[] input, TaskPriority priority, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            Waiting waiting = new(input, priority, cancellationToken);
            lock (_lock)
            {
                if (_isStopped)
                {
                    throw Stopping();
                }

                _waiting.Enqueue(waiting, (-(int)priority, _number++));
            }

            _arrived.Release();
            return await waiting.Output.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            _places.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();

        // The semaphores are not disposed of: those who are told of the end still give their places back.
    }

    private async Task LoopAsync(CancellationToken cancellationToken)
    {
        List<Waiting> batch = new(_maximumSize);
        try
        {
            while (true)
            {
                await _arrived.WaitAsync(cancellationToken);
                await CollectAsync(cancellationToken);
                Take(batch);
                await RunAsync(batch, cancellationToken);
                batch.Clear();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            lock (_lock)
            {
                _isStopped = true;
            }

            Take(batch, all: true);
            foreach (Waiting waiting in batch)
            {
                waiting.Output.TrySetException(Stopping());
            }
        }
    }

    /// <summary>Waits for the rest of a batch whose first input has come.</summary>
    private async Task CollectAsync(CancellationToken cancellationToken)
    {
        long begin = _time.GetTimestamp();
        for (int count = 1; count < _maximumSize; count++)
        {
            TimeSpan left = _maximumDelay - _time.GetElapsedTime(begin);
            if (!await _arrived.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken))
            {
                return;
            }
        }
    }

    private void Take(List<Waiting> batch, bool all = false)
    {
        lock (_lock)
        {
            while ((all || batch.Count < _maximumSize) && _waiting.TryDequeue(out Waiting? waiting, out _))
            {
                if (!waiting.Given.IsCancellationRequested)
                {
                    batch.Add(waiting);
                }
            }
        }
    }

    private async Task RunAsync(List<Waiting> batch, CancellationToken cancellationToken)
    {
        if (batch.Count == 0)
        {
            return;
        }

        try
        {
            IReadOnlyList<float[]> outputs = await _run([.. batch.Select(waiting => waiting.Input)], batch.Max(waiting => waiting.Priority), cancellationToken);
            for (int i = 0; i < batch.Count; i++)
            {
                batch[i].Output.TrySetResult(outputs[i]);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            foreach (Waiting waiting in batch)
            {
                waiting.Output.TrySetException(Stopping());
            }

            throw;
        }
#pragma warning disable CA1031 // Whatever a run throws is the answer to the one who waits for it; the batcher lives on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (batch.Count == 1)
            {
                batch[0].Output.TrySetException(e);
                return;
            }

            // One input that the model cannot cope with must not fail the others of its batch.
            foreach (Waiting waiting in batch)
            {
                await RunAsync([waiting], cancellationToken);
            }
        }
    }

    private static InferenceException Stopping() => new("The engine is stopping.", isTransient: true);

    private sealed record Waiting(float[] Input, TaskPriority Priority, CancellationToken Given)
    {
        public TaskCompletionSource<float[]> Output { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
