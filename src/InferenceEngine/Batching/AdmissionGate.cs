using MedicalAi.Archive;

namespace MedicalAi.InferenceEngine;

/// <summary>
/// Admits work by what it takes of something that there is only so much of: memory, or places. The most urgent goes first, then
/// who came first; what needs more than all there is goes alone.
/// </summary>
/// <param name="total">How much there is.</param>
internal sealed class AdmissionGate(int total)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<(int Urgency, long Number), (int Amount, TaskCompletionSource Admitted)> _waiting = [];
    private readonly int _total = total;
    private int _free = total;
    private long _number;

    /// <summary>Waits for an amount.</summary>
    /// <param name="amount">How much is needed.</param>
    /// <param name="priority">How urgent it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Gives it back when it is disposed.</returns>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    public async Task<IDisposable> EnterAsync(int amount, TaskPriority priority, CancellationToken cancellationToken)
    {
        int taken = Math.Clamp(amount, 0, _total);
        TaskCompletionSource admitted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        (int, long) key;
        lock (_lock)
        {
            key = (-(int)priority, _number++);
            _waiting.Add(key, (taken, admitted));
            Admit();
        }

        try
        {
            await admitted.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            lock (_lock)
            {
                if (!_waiting.Remove(key))
                {
                    _free += taken; // It was admitted in the moment in which the wait was given up.
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

    // Strictly in order: small work does not overtake large work for ever.
    private void Admit()
    {
        while (_waiting.Count > 0)
        {
            KeyValuePair<(int, long), (int Amount, TaskCompletionSource Admitted)> first = _waiting.First();
            if (first.Value.Amount > _free)
            {
                return;
            }

            _free -= first.Value.Amount;
            _waiting.Remove(first.Key);
            first.Value.Admitted.SetResult();
        }
    }

    private sealed class Place(AdmissionGate gate, int amount) : IDisposable
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
