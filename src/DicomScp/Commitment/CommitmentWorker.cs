using System.Data.Common;
using System.Globalization;
using MedicalAi.Archive;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomScp;

/// <summary>
/// Carries out the storage commitment transactions that others asked for: looks for the instances, enters what it found, tells the requestor, and tries that
/// again with growing waits. What is due stands in the index, so that a restart continues where the last process ended.
/// </summary>
internal sealed class CommitmentWorker(
    ICommitmentIndex transactions,
    CommitmentCheck check,
    CommitmentReport report,
    WaitingRequestors waiting,
    CommitmentOptions options,
    TimeProvider time,
    ILogger<CommitmentWorker> logger) : BackgroundService
{
    // A process that dies gives its transactions back at its next start; another one takes them up after this time.
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_archiveIsAway = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        List<Task> running = [];
        DateTimeOffset count = DateTimeOffset.MinValue;
        while (!stoppingToken.IsCancellationRequested)
        {
            running.RemoveAll(task => task.IsCompleted);
            try
            {
                if (time.GetUtcNow() >= count)
                {
                    CommitmentMetrics.Transactions(await transactions.CountAsync(stoppingToken));
                    count = time.GetUtcNow() + s_longestWait;
                }

                DateTimeOffset? due = await transactions.FindNextDueAsync(stoppingToken);
                if (due <= time.GetUtcNow() && running.Count < options.MaximumTransactions)
                {
                    running.AddRange((await transactions.ClaimAsync(options.MaximumTransactions - running.Count, s_lease, stoppingToken)).Select(claimed => HandleAsync(claimed, stoppingToken)));
                    continue;
                }

                TimeSpan left = due is { } at && at > time.GetUtcNow() && at - time.GetUtcNow() < s_longestWait ? at - time.GetUtcNow() : s_longestWait;
                await waiting.WaitAsync(left, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // The worker lives on whatever the index throws.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.CommitmentsFailed(logger, e);
                await Task.Delay(s_pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await Task.WhenAll(running);
    }

    private async Task HandleAsync(CommitmentTransaction transaction, CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            await CarryOutAsync(transaction, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It goes on at the next start.
        }
        catch (Exception e) when (e is ArchiveUnavailableException or IOException or DbException)
        {
            Log.CommitmentInterrupted(logger, transaction.TransactionUid.Value, e);
            await DeferAsync(transaction, cancellationToken);
        }
#pragma warning disable CA1031 // One transaction that cannot be coped with does not stop the others; it comes again when its lease has ended.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.CommitmentInterrupted(logger, transaction.TransactionUid.Value, e);
        }
        finally
        {
            waiting.Wake();
        }
    }

    private async Task CarryOutAsync(CommitmentTransaction transaction, CancellationToken cancellationToken)
    {
        IReadOnlyList<CommittedReference> found = await transactions.ReadReferencesAsync(transaction.Id, cancellationToken);
        if (transaction.State == CommitmentState.Checking)
        {
            ushort?[] reasons = await check.RunAsync(found, transaction.Since + options.Patience, cancellationToken);
            await transactions.SaveResultsAsync(transaction.Id, reasons, cancellationToken);
            found = [.. found.Zip(reasons, (one, reason) => one with { FailureReason = reason })];
            int failed = reasons.Count(reason => reason is not null);
            CommitmentMetrics.Checked(reasons.Length - failed, failed);
            Log.CommitmentChecked(logger, transaction.TransactionUid.Value, reasons.Length, failed);
        }

        CommitmentReportOutcome outcome = await report.RunAsync(transaction, found, cancellationToken);
        DateTimeOffset now = time.GetUtcNow();
        if (outcome.IsDone)
        {
            await transactions.EndAsync(transaction.Id, CommitmentState.Reported, null, cancellationToken);
            Log.CommitmentReported(logger, transaction.TransactionUid.Value, transaction.CallingAe);
            CommitmentMetrics.Reported("reported");
        }
        else if (outcome.IsFinal)
        {
            await transactions.EndAsync(transaction.Id, CommitmentState.Rejected, outcome.Error + outcome.Comment, cancellationToken);
            Log.CommitmentRejected(logger, transaction.TransactionUid.Value, transaction.CallingAe, outcome.Error);
            CommitmentMetrics.Reported("rejected");
        }
        else if (now - transaction.Since >= options.GiveUpAfter)
        {
            string error = string.Create(CultureInfo.InvariantCulture, $"Given up after {transaction.Attempts + 1} attempts: {outcome.Error}{outcome.Comment}");
            await transactions.EndAsync(transaction.Id, CommitmentState.Expired, error, cancellationToken);
            Log.CommitmentRejected(logger, transaction.TransactionUid.Value, transaction.CallingAe, outcome.Error);
            CommitmentMetrics.Reported("expired");
        }
        else
        {
            DateTimeOffset again = now + Wait(transaction.Attempts);
            await transactions.DeferAsync(transaction.Id, again, outcome.Error + outcome.Comment, cancellationToken);
            if (transaction.Error != outcome.Error + outcome.Comment)
            {
                Log.CommitmentNotReported(logger, transaction.TransactionUid.Value, transaction.CallingAe, outcome.Error);
            }

            CommitmentMetrics.Reported("failed");
        }
    }

    private async Task DeferAsync(CommitmentTransaction transaction, CancellationToken cancellationToken)
    {
        try
        {
            await transactions.DeferAsync(transaction.Id, time.GetUtcNow() + s_archiveIsAway, null, cancellationToken);
        }
        catch (Exception e) when (e is ArchiveUnavailableException or IOException or OperationCanceledException)
        {
            // It comes again when its lease has ended.
        }
    }

    private TimeSpan Wait(int attempts)
    {
        double seconds = Math.Min(options.LongestRetry.TotalSeconds, options.FirstRetry.TotalSeconds * Math.Pow(2, Math.Min(attempts, 30)));
#pragma warning disable CA5394 // Spreads attempts; nothing secret.
        return TimeSpan.FromSeconds(seconds * (0.75 + (Random.Shared.NextDouble() / 4)));
#pragma warning restore CA5394
    }
}
