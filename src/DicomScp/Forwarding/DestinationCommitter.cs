using System.Globalization;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>Asks a destination to commit itself to the storage of what it took: many instances in one transaction, on an association of its own.</summary>
/// <param name="title">The AE title of the destination.</param>
/// <param name="services">What it needs.</param>
internal sealed class DestinationCommitter(string title, SenderServices services)
{
    // Longer than it takes to ask: who dies in the middle gives them back at the next start.
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_shortestWait = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);
    private readonly PeerProblem _problem = services.Status.Of(title).Commitment;

    private ForwardCommitmentOptions Options => services.Commitments.Options;

    private DateTimeOffset Now => services.Time.GetUtcNow();

    /// <summary>Asks until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Task woken = services.Status.Woken;
            TimeSpan wait;
            try
            {
                wait = await RunOnceAsync(stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // It lives on whatever the index and the network throw.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.AskingFailed(services.Logger, title, e);
                wait = TimeSpan.FromSeconds(1);
            }

            // What is to be asked for is due at its time; only where there is a problem somebody may say that it is over.
            Task delay = Task.Delay(wait > s_shortestWait ? wait : s_shortestWait, services.Time, stop);
            await (_problem.Find() is null ? delay : Task.WhenAny(woken, delay)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Asks for what is due, if there is something.</summary>
    /// <returns>How long to wait then.</returns>
    private async Task<TimeSpan> RunOnceAsync(CancellationToken stop)
    {
        if (services.Registry.Current.FindDestination(title) is not { } destination || destination.Sending.Window?.IsOpen(services.Time.GetLocalNow()) == false)
        {
            return Options.Polling;
        }

        if (_problem.Find() is { } problem && problem.RetryAt > Now)
        {
            return Shorter(problem.RetryAt - Now, Options.Polling);
        }

        DicomUid transaction = DicomUid.NewUid();
        ForwardClaims due = await services.Queue.ClaimAsync(new ForwardRequest(title, Options.MaximumInstances, s_lease) { Transaction = transaction }, stop);
        if (due.Claims.Count == 0)
        {
            return Shorter(due.NextAt - Now ?? Options.Polling, Options.Polling);
        }

        List<ForwardClaim> left = [.. due.Claims];
        try
        {
            List<SopReference> instances = await SelectAsync(destination, left, stop);
            if (instances.Count > 0)
            {
                await AskAsync(destination, transaction, instances, left, stop);
            }
        }
        finally
        {
            // Whatever happened: what was not asked for is to be.
            await GiveBackAsync(left);
        }

        return TimeSpan.Zero;
    }

    private async ValueTask GiveBackAsync(List<ForwardClaim> left)
    {
        if (left.Count > 0)
        {
            await NoteAsync([.. left.Select(ForwardSettlement.NotAsked)]);
            left.Clear();
        }
    }

    // What came of it is noted also when it is told to stop.
    private async ValueTask NoteAsync(IReadOnlyCollection<ForwardSettlement> settlements)
    {
        using CancellationTokenSource farewell = new(s_farewell, services.Time);
        await services.Queue.SettleAsync(settlements, farewell.Token);
    }

    /// <summary>Takes out what is not to be asked for; the instances of the rest.</summary>
    private async ValueTask<List<SopReference>> SelectAsync(ApplicationEntity destination, List<ForwardClaim> left, CancellationToken stop)
    {
        if (!destination.Sending.Commitment)
        {
            // It was wanted when they were sent, and is not any more.
            await services.Queue.SettleAsync([.. left.Select(ForwardSettlement.Committed)], stop);
            left.Clear();
            return [];
        }

        List<SopReference> instances = [];
        List<ForwardSettlement> dead = [];
        foreach (ForwardClaim claim in left)
        {
            if (claim.IsUnanswered && claim.Asked >= Options.MaximumUnanswered)
            {
                dead.Add(ForwardSettlement.Uncommitted(claim, string.Create(
                    CultureInfo.InvariantCulture,
                    $"The destination took it, was asked {claim.Asked} times to commit itself to it, and did not tell whether it does within {destination.Sending.CommitmentTime.TotalHours:0.###} hours each time.")));
            }
            else if (await services.Archive.FindInstanceAsync(null, null, claim.SopInstance, stop) is { } row)
            {
                instances.Add(new SopReference(row.Identity.SopClass, row.Identity.SopInstance));
            }
            else
            {
                dead.Add(ForwardSettlement.Uncommitted(claim, "The destination took it and was not asked to commit itself to it, as the instance is no longer in the archive."));
            }
        }

        int unanswered = left.Count(claim => claim.IsUnanswered);
        if (unanswered > 0)
        {
            Log.NothingTold(services.Logger, title, unanswered, destination.Sending.CommitmentTime.TotalHours);
            ForwardMetrics.Committed(title, 0, unanswered);
        }

        if (dead.Count > 0)
        {
            await services.Queue.SettleAsync(dead, stop);
            services.Commitments.TellDead(title, dead);
            HashSet<long> ended = [.. dead.Select(settlement => settlement.Claim.Id)];
            left.RemoveAll(claim => ended.Contains(claim.Id));
        }

        return instances;
    }

    private async Task AskAsync(ApplicationEntity destination, DicomUid transaction, List<SopReference> instances, List<ForwardClaim> left, CancellationToken stop)
    {
        // Before it is asked: it may tell before it has answered.
        Task<Task> told = services.Commitments.ExpectAsync(transaction);
        try
        {
            await using CommitmentAssociation association = await CommitmentAssociation.AskAsync(destination.ToClientOptions(services.Calling), transaction, instances, services.Commitments.TakeAsync, stop);
            if (_problem.Succeeded())
            {
                Log.CommitmentIsBack(services.Logger, title);
            }

            Log.ForwardCommitmentAsked(services.Logger, title, instances.Count, transaction.Value);
            await NoteAsync([.. left.Select(claim => ForwardSettlement.WasAsked(claim, transaction, Now + destination.Sending.CommitmentTime))]);
            left.Clear();
            await association.WaitAsync(told, Options.OnAssociation, services.Time, stop);
        }
        catch (DicomNetworkException e)
        {
            await MissedAsync(destination, e.Failure == NetworkFailure.NotNegotiated ? "It does not accept Storage Commitment." : e.Message, left, stop);
        }
        catch (DimseFailureException e)
        {
            await MissedAsync(destination, $"It refused the request for storage commitment: {e.Message}", left, stop);
        }
        finally
        {
            services.Commitments.ExpectNoMore(transaction);
        }
    }

    private async ValueTask MissedAsync(ApplicationEntity destination, string reason, List<ForwardClaim> left, CancellationToken stop)
    {
        await GiveBackAsync(left);
        if (_problem.Failed(reason, destination.Sending, Now))
        {
            Log.CommitmentIsAway(services.Logger, title, reason);
        }

        int expired = await services.Queue.ExpireAsync(title, ForwardState.Committing, Now - destination.Sending.GiveUpAfter, $"The destination took it and could not be asked for too long to commit itself to it: {reason}", stop);
        ForwardMetrics.Dead(title, expired);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
