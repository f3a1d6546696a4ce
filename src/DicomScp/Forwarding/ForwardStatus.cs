using System.Collections.Concurrent;

namespace MedicalAi.DicomScp;

/// <summary>How the destinations are, as their senders find them; and the way to wake the senders. Safe for use by several threads.</summary>
public sealed class ForwardStatus
{
    private readonly ConcurrentDictionary<string, DestinationState> _states = new(StringComparer.Ordinal);
    private TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when there may be something to send; to be taken before looking.</summary>
    internal Task Woken => Volatile.Read(ref _woken).Task;

    /// <summary>Why a destination is waited for, and until when; null when it is not.</summary>
    public (string Problem, DateTimeOffset RetryAt)? FindProblem(string destination) => _states.TryGetValue(destination, out DestinationState? state) ? state.Sending.Find() : null;

    /// <summary>Why a destination is not asked for storage commitment, and until when; null when it can be.</summary>
    public (string Problem, DateTimeOffset RetryAt)? FindCommitmentProblem(string destination) => _states.TryGetValue(destination, out DestinationState? state) ? state.Commitment.Find() : null;

    /// <summary>There may be something to send.</summary>
    public void Wake() => Interlocked.Exchange(ref _woken, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    /// <summary>A destination is to be tried at once, even if it was away a moment ago.</summary>
    public void TryNow(string destination)
    {
        if (_states.TryGetValue(destination, out DestinationState? state))
        {
            state.Sending.Succeeded();
            state.Commitment.Succeeded();
        }

        Wake();
    }

    internal DestinationState Of(string destination) => _states.GetOrAdd(destination, _ => new DestinationState());
}
