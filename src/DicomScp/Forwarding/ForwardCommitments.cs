using System.Collections.Concurrent;
using System.Globalization;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomScp;

/// <summary>
/// What destinations tell of the storage commitment of what was forwarded to them. The transactions stand in the forward queue, so that any process
/// that hears a report knows them, whoever asked. Safe for use by several threads.
/// </summary>
internal sealed class ForwardCommitments(IForwardQueue queue, AeRegistryFile registry, ForwardStatus status, ForwardCommitmentOptions options, TimeProvider time, ILogger<ForwardCommitments> logger)
{
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<DicomUid, TaskCompletionSource<Task>> _expected = [];

    /// <summary>How destinations are asked.</summary>
    public ForwardCommitmentOptions Options => options;

    /// <summary>When something is asked for that can be from a time on: it is the same for all of a while, so that they are asked for together.</summary>
    public DateTimeOffset AskAt(DateTimeOffset from)
    {
        long collecting = Math.Max(1, options.Collecting.Ticks);
        return new DateTimeOffset((from.UtcTicks + collecting - 1) / collecting * collecting, TimeSpan.Zero);
    }

    /// <summary>Expects the word of a destination while its transaction is asked for; to be ended by <see cref="ExpectNoMore"/>.</summary>
    /// <returns>Ends when this process was told; what it yields ends when that was answered.</returns>
    public Task<Task> ExpectAsync(DicomUid transaction) => _expected.GetOrAdd(transaction, _ => new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Expects it no more.</summary>
    public void ExpectNoMore(DicomUid transaction) => _expected.TryRemove(transaction, out _);

    /// <summary>Takes a report: what came of each instance is durable when this returns. False when the transaction is not ours.</summary>
    /// <exception cref="ArchiveUnavailableException">The index cannot be written; nothing was noted.</exception>
    public async ValueTask<bool> TakeAsync(DicomUid transaction, IReadOnlyDictionary<DicomUid, ushort?> told, Task answered, CancellationToken cancellationToken)
    {
        if (await queue.ClaimTransactionAsync(transaction, s_lease, cancellationToken) is not { } found)
        {
            return false;
        }

        if (found.Claims.Count > 0)
        {
            SendingOptions sending = registry.Current.FindDestination(found.Destination)?.Sending ?? new SendingOptions();
            DateTimeOffset now = time.GetUtcNow();
            DateTimeOffset askAgainAt = AskAt(now + BackOff.After(found.Claims.Max(claim => claim.Asked) - 1, sending));
            ForwardSettlement[] settlements = [.. found.Claims.Select(claim => Decide(claim, told, sending, now, askAgainAt))];
            await queue.SettleAsync(settlements, cancellationToken);
            Tell(found.Destination, transaction, settlements);
        }

        if (_expected.TryGetValue(transaction, out TaskCompletionSource<Task>? expected))
        {
            expected.TrySetResult(answered);
        }

        return true;
    }

    /// <summary>Tells of instances that a destination did not commit itself to, for good.</summary>
    public void TellDead(string destination, IEnumerable<ForwardSettlement> settlements)
    {
        foreach (ForwardSettlement dead in settlements.Where(settlement => settlement.State == ForwardState.Dead))
        {
            ForwardMetrics.Dead(destination, 1);
            Log.GivenUp(logger, dead.Claim.SopInstance.Value, destination, dead.Reason!);
        }
    }

    /// <summary>Whether a reason why an instance is not committed is mended by sending it again; with any other, the destination is asked again.</summary>
    public static bool MeansSendAgain(ushort reason) => reason == CommitmentFailure.NoSuchObjectInstance;

    private static ForwardSettlement Decide(ForwardClaim claim, IReadOnlyDictionary<DicomUid, ushort?> told, SendingOptions sending, DateTimeOffset now, DateTimeOffset askAgainAt)
    {
        bool isNamed = told.TryGetValue(claim.SopInstance, out ushort? failure);
        if (isNamed && failure is null)
        {
            return ForwardSettlement.Committed(claim);
        }

        string reason = isNamed
            ? $"The destination took it and does not commit itself to it: {CommitmentFailure.Describe(failure!.Value)} ({failure.Value.ToString("X4", CultureInfo.InvariantCulture)})."
            : "The destination told of others whether it commits itself to them, and nothing of this one.";
        if (isNamed && MeansSendAgain(failure!.Value))
        {
            return claim.Attempts >= sending.MaximumAttempts
                ? ForwardSettlement.Uncommitted(claim, string.Create(CultureInfo.InvariantCulture, $"Given up after {claim.Attempts} attempts: {reason}"))
                : ForwardSettlement.SendAgain(claim, reason, now + BackOff.After(claim.Attempts - 1, sending));
        }

        return claim.Asked >= sending.MaximumAttempts
            ? ForwardSettlement.Uncommitted(claim, string.Create(CultureInfo.InvariantCulture, $"Given up after it was asked for {claim.Asked} times: {reason}"))
            : ForwardSettlement.AskLater(claim, reason, askAgainAt);
    }

    private void Tell(string destination, DicomUid transaction, ForwardSettlement[] settlements)
    {
        int committed = settlements.Count(settlement => settlement.State == ForwardState.Sent);
        ForwardMetrics.Committed(destination, committed, settlements.Length - committed);
        Log.ForwardCommitted(logger, destination, committed, settlements.Length, transaction.Value);
        TellDead(destination, settlements);
        foreach (ForwardSettlement later in settlements.Where(settlement => settlement.State is ForwardState.Queued or ForwardState.Committing))
        {
            Log.NotCommitted(logger, later.Claim.SopInstance.Value, destination, later.Reason!);
        }

        if (settlements.Any(settlement => settlement.State == ForwardState.Queued))
        {
            status.Wake();
        }
    }
}
