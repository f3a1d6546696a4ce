using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>The associations on which requestors asked for commitment, until they are told or have gone. Wakes who tells them.</summary>
internal sealed class WaitingRequestors : IDisposable
{
    private readonly ConcurrentDictionary<long, (DimseAssociation Association, Task Answered)> _waiting = [];
    private readonly SemaphoreSlim _asked = new(0, 1);

    /// <summary>Remembers on which association a transaction was asked for.</summary>
    /// <param name="transaction">The transaction's number.</param>
    /// <param name="request">The request.</param>
    public void Add(long transaction, DimseRequest request)
    {
        // Those whose transactions another process has taken up, or that had ended already, nobody takes out.
        foreach ((long gone, (DimseAssociation Association, Task Answered) ended) in _waiting)
        {
            if (ended.Association.Ended.IsCompleted)
            {
                _waiting.TryRemove(gone, out _);
            }
        }

        _waiting[transaction] = (request.Association, request.Answered);
        Wake();
    }

    /// <summary>The association of a transaction; each is given once.</summary>
    /// <param name="transaction">The transaction's number.</param>
    /// <param name="association">The association.</param>
    /// <param name="answered">Ends when the request has been answered on it.</param>
    public bool TryTake(long transaction, [NotNullWhen(true)] out DimseAssociation? association, [NotNullWhen(true)] out Task? answered)
    {
        bool isKnown = _waiting.TryRemove(transaction, out (DimseAssociation Association, Task Answered) waiting);
        (association, answered) = (waiting.Association, waiting.Answered);
        return isKnown;
    }

    /// <summary>Transactions may be due.</summary>
    public void Wake()
    {
        try
        {
            if (_asked.CurrentCount == 0)
            {
                _asked.Release();
            }
        }
        catch (SemaphoreFullException)
        {
            // Another caller has just done so.
        }
    }

    /// <summary>Waits until transactions may be due.</summary>
    public Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _asked.WaitAsync(atMost, cancellationToken);

    /// <inheritdoc />
    public void Dispose() => _asked.Dispose();
}
