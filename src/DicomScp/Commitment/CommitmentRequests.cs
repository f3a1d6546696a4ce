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
    private readonly ConcurrentDictionary<DicomUid, TaskCompletionSource<(Dictionary<DicomUid, ushort?> Told, Task Answered)>> _pending = [];

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
        TaskCompletionSource<(Dictionary<DicomUid, ushort?> Told, Task Answered)> pending = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[transaction] = pending;
        try
        {
            DateTimeOffset end = time.GetUtcNow() + wait.InAll;
            bool hasEnded = await AskAsync(peer, transaction, instances, wait, pending.Task, cancellationToken);
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
    /// <param name="transaction">Transaction UID.</param>
    /// <param name="told">The instances that are named, and why they are not committed; null for those that are.</param>
    /// <param name="answered">Ends when the report has been answered.</param>
    internal bool TryComplete(DicomUid transaction, Dictionary<DicomUid, ushort?> told, Task answered) =>
        _pending.TryGetValue(transaction, out TaskCompletionSource<(Dictionary<DicomUid, ushort?> Told, Task Answered)>? pending) && pending.TrySetResult((told, answered));

    private static CommitmentResult Result(DicomUid transaction, IReadOnlyList<SopReference> instances, Dictionary<DicomUid, ushort?> told) => new(
        transaction,
        [.. instances.Select(instance => new CommittedReference(instance, told.TryGetValue(instance.SopInstance, out ushort? reason) ? reason : CommitmentFailure.Processing))]);

    /// <summary>Asks, and keeps the association for a while; true when the peer ended it.</summary>
    private async Task<bool> AskAsync(
        DicomClientOptions peer,
        DicomUid transaction,
        IReadOnlyList<SopReference> instances,
        CommitmentWait wait,
        Task<(Dictionary<DicomUid, ushort?> Told, Task Answered)> told,
        CancellationToken cancellationToken)
    {
        DicomClientOptions options = peer with { Services = [.. peer.Services, new CommitmentNotifications(this)] };
        await using DicomClient client = await DicomClient.ConnectAsync(options, [CommitmentMessages.Context(AssociationRoles.Scu)], cancellationToken);
        NegotiatedContext context = client.Contexts[0].IsAccepted ? client.Contexts[0] : throw new DicomNetworkException(NetworkFailure.NotNegotiated, "The peer does not know Storage Commitment.");
        DimseResponse response = await CommitmentMessages.RequestAsync(client, context, transaction, instances, cancellationToken);
        if (!response.IsSuccess)
        {
            await client.LeaveAsync(cancellationToken);
            throw new DimseFailureException(response);
        }

        await Task.WhenAny(told, client.Ended, Task.Delay(wait.OnAssociation, time, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        bool hasEnded = client.Ended.IsCompleted;
        if (told.IsCompletedSuccessfully)
        {
            // Who asks for release before its answer is out breaks off.
            await (await told).Answered.WaitAsync(cancellationToken);
        }

        await client.LeaveAsync(cancellationToken);
        return hasEnded;
    }
}
