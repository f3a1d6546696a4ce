using System.Data.Common;
using MedicalAi.Archive;
using MedicalAi.Dicom.Network;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomScp;

/// <summary>Carries out C-STORE sub-operations on an association, as many at once as its peer allows.</summary>
/// <param name="request">The C-MOVE or C-GET; its C-CANCEL ends the sending.</param>
/// <param name="ledger">Where outcomes are told.</param>
/// <param name="options">What each C-STORE says.</param>
/// <param name="logger">The log.</param>
internal sealed class SubOperationSender(DimseRequest request, SubOperationLedger ledger, StoreOptions options, ILogger logger)
{
    // What a peer allows may be any number; more than this gains nothing.
    private const int MaxAtOnce = 16;

    // An instance with which an association was lost is tried once more.
    private const int MaxAttempts = 2;

    // So many failed instances are named in the log; all are in the response.
    private const int MaxLogged = 10;

    private long _answered;

    /// <summary>How many sub-operations a peer has answered.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Sends until nothing is left, the peer cancels, or the association is lost.</summary>
    /// <param name="association">The association.</param>
    /// <param name="supply">The instances; those that are lost with the association go back to it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Why the association was lost; null when it was not.</returns>
    /// <exception cref="DbException">The index cannot be read.</exception>
    public async Task<DicomNetworkException?> SendAsync(DimseAssociation association, InstanceSupply supply, CancellationToken cancellationToken)
    {
        supply.SendOn(association);
        int atOnce = association.OperationsInvoked == 0 ? MaxAtOnce : Math.Min(association.OperationsInvoked, MaxAtOnce);
        Task<DicomNetworkException?>[] senders = [.. Enumerable.Range(0, atOnce).Select(_ => SendOneByOneAsync(association, supply, cancellationToken))];
        return (await Task.WhenAll(senders)).FirstOrDefault(lost => lost is not null);
    }

    /// <summary>Tells of an instance that was not sent.</summary>
    public void Fail(InstanceRow row, string reason)
    {
        ledger.Failed(row.Identity.SopInstance, reason);
        RetrieveMetrics.SubOperation(request, "failed", 0);
        if (ledger.Failures <= MaxLogged)
        {
            Log.SubOperationFailed(logger, row.Identity.SopInstance.Value, request.Peer.CallingAe, reason);
        }
    }

    private async Task<DicomNetworkException?> SendOneByOneAsync(DimseAssociation association, InstanceSupply supply, CancellationToken cancellationToken)
    {
        while (!request.IsCancelled && association.IsEstablished && await supply.TakeAsync(cancellationToken) is { } taken)
        {
            await using SuppliedInstance instance = taken;
            if (instance.DataSet is not { } dataSet)
            {
                Fail(instance.Row, instance.Problem!);
            }
            else if (await StoreAsync(association, instance.Row, dataSet, cancellationToken) is { } lost)
            {
                if (instance.Attempts + 1 < MaxAttempts)
                {
                    await supply.ReturnAsync(instance);
                }
                else
                {
                    Fail(instance.Row, lost.Message);
                }

                return lost;
            }
        }

        return null;
    }

    /// <summary>Sends an instance; the failure when the association was lost.</summary>
    private async ValueTask<DicomNetworkException?> StoreAsync(DimseAssociation association, InstanceRow row, Stream dataSet, CancellationToken cancellationToken)
    {
        try
        {
            InstanceIdentity identity = row.Identity;
            DimseResponse response = await association.StoreAsync(identity.SopClass, identity.SopInstance, row.TransferSyntax, dataSet, options with { Length = row.DataSet.Length }, cancellationToken);
            Interlocked.Increment(ref _answered);
            if (response.IsSuccess)
            {
                bool isWarning = DimseStatus.IsWarning(response.Status);
                ledger.Completed(isWarning);
                RetrieveMetrics.SubOperation(request, isWarning ? "warning" : "completed", row.DataSet.Length);
            }
            else
            {
                Fail(row, $"The peer answered {DimseStatus.Describe(response.Status)}");
            }

            return null;
        }
        catch (DicomNetworkException e) when (e.Failure == NetworkFailure.NotNegotiated)
        {
            Fail(row, e.Message);
            return null;
        }
        catch (DicomNetworkException e)
        {
            return e;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            // In the middle of a message, which cost the association; the instance is not tried again.
            Fail(row, "Its object cannot be read from the store");
            return null;
        }
    }
}
