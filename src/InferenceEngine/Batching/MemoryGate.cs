namespace MedicalAi.InferenceEngine;

/// <summary>Admits runs by the memory that they take, first come, first served; a run larger than all there is runs alone.</summary>
/// <param name="total">The memory in MiB.</param>
internal sealed class MemoryGate(int total)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<(int Amount, TaskCompletionSource Admitted)> _waiting = new();
    private readonly int _total = total;
    private int _free = total;

    /// <summary>Waits until there is memory.</summary>
    /// <returns>Gives it back when it is disposed.</returns>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    public async Task<IDisposable> EnterAsync(int amount, CancellationToken cancellationToken)
    {
        int taken = Math.Min(amount, _total);
        LinkedListNode<(int Amount, TaskCompletionSource Admitted)> node = new((taken, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        lock (_lock)
        {
            _waiting.AddLast(node);
            Admit();
        }

        try
        {
            await node.Value.Admitted.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            lock (_lock)
            {
                if (node.Value.Admitted.Task.IsCompleted)
                {
                    _free += taken;
                }
                else
                {
                    _waiting.Remove(node);
                }

                Admit();
            }

            throw;
        }

        return new Place(this, taken);
    }

    private void Leave(int amount)
    {
        lock (_lock)
        {
            _free += amount;
            Admit();
        }
    }

    private void Admit()
    {
        while (_waiting.First is { } first && first.Value.Amount <= _free)
        {
            _free -= first.Value.Amount;
            _waiting.RemoveFirst();
            first.Value.Admitted.SetResult();
        }
    }

    private sealed class Place(MemoryGate gate, int amount) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                gate.Leave(amount);
            }
        }
    }
}
