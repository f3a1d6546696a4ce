using System.Collections.Concurrent;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>What an SCP told of a storage commitment transaction.</summary>
/// <param name="TransactionUid">Transaction UID (0008,1195).</param>
/// <param name="Instances">
/// The instances in the order of the request: <see cref="CommittedReference.FailureReason"/> is null for those that the SCP committed itself to, and
/// <see cref="CommitmentFailure.Processing"/> for those of which it said nothing.
/// </param>
public sealed record CommitmentResult(DicomUid TransactionUid, IReadOnlyList<CommittedReference> Instances)
{
    /// <summary>Whether all of them are committed.</summary>
    public bool IsComplete => Instances.All(instance => instance.FailureReason is null);
}

/// <summary>How long an SCP is waited for that was asked for storage commitment.</summary>
public sealed record CommitmentWait
{
    /// <summary>How long the association is kept open on which it was asked, as it may tell us there.</summary>
    public TimeSpan OnAssociation { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long it is waited for in all. Some archives look only at night.</summary>
    public TimeSpan InAll { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Whether it may tell us on an association that it opens, as our own SCP accepts it; else nothing is waited for after the association.</summary>
    public bool MayComeElsewhere { get; init; } = true;
}

/// <summary>
/// Asks others for storage commitment and waits for what they tell, on the same association or on another one to our SCP. What is under way is known to
/// this process alone: who asked and was stopped asks again, which costs the SCP another look and changes nothing. Safe for use by several threads.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class CommitmentRequests(TimeProvider time)
{
    private readonly ConcurrentDictionary<DicomUid, TaskCompletionSource<(IReadOnlyDictionary<DicomUid, ushort?> Told, Task Answered)>> _pending = [];

    /// <summary>Asks an SCP to commit itself to the storage of instances, and waits for its word.</summary>
    /// <param name="peer">The SCP.</param>
    /// <param name="instances">The instances, one or more.</param>
    /// <param name="wait">How long, and where.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DicomNetworkException">It cannot be reached, does not know storage commitment, or ended the association on which alone it could have told us.</exception>
    /// <exception cref="DimseFailureException">It refused the request.</exception>
    /// <exception cref="TimeoutException">It told nothing in time.</exception>
    public async Task<CommitmentResult> RequestAsync(DicomClientOptions peer, IReadOnlyList<SopReference> instances, CommitmentWait wait, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(instances);
        ArgumentNullException.ThrowIfNull(wait);
        ArgumentOutOfRangeException.ThrowIfZero(instances.Count);
        DicomUid transaction = DicomUid.NewUid();
        TaskCompletionSource<(IReadOnlyDictionary<DicomUid, ushort?> Told, Task Answered)> pending = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[transaction] = pending;
        try
        {
            DateTimeOffset end = time.GetUtcNow() + wait.InAll;
            bool hasEnded;
            await using (CommitmentAssociation association = await CommitmentAssociation.AskAsync(peer, transaction, instances, TakeAsync, cancellationToken))
            {
                hasEnded = await association.WaitAsync(AnsweredAsync(pending.Task), wait.OnAssociation, time, cancellationToken);
            }

            TimeSpan left = end - time.GetUtcNow();
            if (!pending.Task.IsCompleted && !wait.MayComeElsewhere)
            {
                throw hasEnded
                    ? new DicomNetworkException(NetworkFailure.ConnectionLost, "The peer took the request and ended the association before it told what is committed.")
                    : new TimeoutException("The peer did not tell in time what is committed.");
            }

            try
            {
                return Result(transaction, instances, (await pending.Task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellationToken)).Told);
            }
            catch (TimeoutException e)
            {
                throw new TimeoutException("The peer did not tell in time what is committed.", e);
            }
        }
        finally
        {
            _pending.TryRemove(transaction, out _);
        }
    }

    /// <summary>Takes what an SCP reports; false when we did not ask for the transaction, or have its answer.</summary>
    internal ValueTask<bool> TakeAsync(DicomUid transaction, IReadOnlyDictionary<DicomUid, ushort?> told, Task answered, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_pending.TryGetValue(transaction, out TaskCompletionSource<(IReadOnlyDictionary<DicomUid, ushort?> Told, Task Answered)>? pending) && pending.TrySetResult((told, answered)));

    private static async Task<Task> AnsweredAsync(Task<(IReadOnlyDictionary<DicomUid, ushort?> Told, Task Answered)> told) => (await told).Answered;

    private static CommitmentResult Result(DicomUid transaction, IReadOnlyList<SopReference> instances, IReadOnlyDictionary<DicomUid, ushort?> told) => new(
        transaction,
        [.. instances.Select(instance => new CommittedReference(instance, told.TryGetValue(instance.SopInstance, out ushort? reason) ? reason : CommitmentFailure.Processing))]);
}
