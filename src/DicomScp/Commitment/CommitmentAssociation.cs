using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>Takes what an SCP reports of a transaction; false when it knows nothing of the transaction.</summary>
/// <param name="transaction">Transaction UID.</param>
/// <param name="told">The instances that are named, and why they are not committed; null for those that are.</param>
/// <param name="answered">Ends when the report has been answered.</param>
/// <param name="cancellationToken">Gives up.</param>
internal delegate ValueTask<bool> CommitmentReportTaker(DicomUid transaction, IReadOnlyDictionary<DicomUid, ushort?> told, Task answered, CancellationToken cancellationToken);

/// <summary>An association on which an SCP was asked for storage commitment, and on which it may tell.</summary>
internal sealed class CommitmentAssociation : IAsyncDisposable
{
    private readonly DicomClient _client;

    private CommitmentAssociation(DicomClient client) => _client = client;

    /// <summary>Asks an SCP to commit itself to the storage of instances (N-ACTION).</summary>
    /// <param name="peer">The SCP.</param>
    /// <param name="transaction">Transaction UID.</param>
    /// <param name="instances">The instances, one or more.</param>
    /// <param name="taker">Takes what it tells on this association.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DicomNetworkException">It cannot be reached, or does not know storage commitment.</exception>
    /// <exception cref="DimseFailureException">It refused the request.</exception>
    public static async Task<CommitmentAssociation> AskAsync(DicomClientOptions peer, DicomUid transaction, IReadOnlyList<SopReference> instances, CommitmentReportTaker taker, CancellationToken cancellationToken)
    {
        DicomClientOptions options = peer with { Services = [.. peer.Services, new CommitmentNotifications([taker])] };
        DicomClient client = await DicomClient.ConnectAsync(options, [CommitmentMessages.Context(AssociationRoles.Scu)], cancellationToken);
        try
        {
            NegotiatedContext context = client.Contexts[0];
            if (!context.IsAccepted)
            {
                await client.LeaveAsync(cancellationToken);
                throw new DicomNetworkException(NetworkFailure.NotNegotiated, "The peer does not know Storage Commitment.");
            }

            DimseResponse response = await CommitmentMessages.RequestAsync(client, context, transaction, instances, cancellationToken);
            if (!response.IsSuccess)
            {
                await client.LeaveAsync(cancellationToken);
                throw new DimseFailureException(response);
            }

            return new CommitmentAssociation(client);
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Keeps the association until it was told, here or elsewhere, or until the SCP ends it, and releases it.</summary>
    /// <param name="told">Ends when a report was taken; what it yields ends when that was answered.</param>
    /// <param name="atMost">How long at most.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether the SCP ended it.</returns>
    public async Task<bool> WaitAsync(Task<Task> told, TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        await Task.WhenAny(told, _client.Ended, Task.Delay(atMost, time, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        bool hasEnded = _client.Ended.IsCompleted;
        if (told.IsCompletedSuccessfully)
        {
            // Who asks for release before its answer is out breaks off.
            await (await told).WaitAsync(cancellationToken);
        }

        await _client.LeaveAsync(cancellationToken);
        return hasEnded;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
