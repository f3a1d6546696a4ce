using MedicalAi.Archive;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomScp;

/// <summary>
/// Keeps the claims of a sender until what came of them is noted: renews their leases, notes answers together, as a barrier of the
/// database costs more than a small instance, and at the end gives back what was not tried. Safe for use by several threads.
/// </summary>
internal sealed class ClaimLedger : IAsyncDisposable
{
    private static readonly TimeSpan s_note = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);
    private readonly string _destination;
    private readonly IForwardQueue _queue;
    private readonly TimeSpan _lease;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<long, ForwardClaim> _held;
    private readonly HashSet<long> _untried;
    private readonly Task _keeping;
    private List<ForwardSettlement> _answers = [];

    /// <summary>Begins to keep claims.</summary>
    public ClaimLedger(string destination, IReadOnlyList<ForwardClaim> claims, SenderServices services)
    {
        _destination = destination;
        _queue = services.Queue;
        _lease = services.Lease;
        _time = services.Time;
        _logger = services.Logger;
        _held = claims.ToDictionary(claim => claim.Id);
        _untried = [.. claims.Select(claim => claim.Id)];
        _keeping = KeepAsync(_ended.Token);
    }

    /// <summary>Takes what came of a claim; it is noted soon.</summary>
    public void Settle(ForwardSettlement settlement)
    {
        lock (_lock)
        {
            _untried.Remove(settlement.Claim.Id);
            _answers.Add(settlement);
        }
    }

    /// <summary>Notes all, and gives back what was not tried.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _keeping;
        lock (_lock)
        {
            _answers.AddRange(_untried.Select(id => ForwardSettlement.Released(_held[id])));
        }

        using CancellationTokenSource farewell = new(s_farewell, _time);
        await NoteAsync(farewell.Token);
        _ended.Dispose();
    }

    private async Task KeepAsync(CancellationToken ended)
    {
        DateTimeOffset renewAt = _time.GetUtcNow() + (_lease / 3);
        while (!ended.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(s_note, _time, ended);
                await NoteAsync(ended);
                if (_time.GetUtcNow() >= renewAt)
                {
                    renewAt = _time.GetUtcNow() + (_lease / 3);
                    ForwardClaim[] held;
                    lock (_lock)
                    {
                        held = [.. _held.Values];
                    }

                    await _queue.RenewAsync(held, _lease, ended);
                }
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The index is away: it is tried again; if that lasts, another sender takes them when the leases have ended.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.NotingFailed(_logger, _destination, e);
            }
        }
    }

    private async Task NoteAsync(CancellationToken cancellationToken)
    {
        List<ForwardSettlement> answers;
        lock (_lock)
        {
            (answers, _answers) = (_answers, []);
        }

        if (answers.Count == 0)
        {
            return;
        }

        try
        {
            await _queue.SettleAsync(answers, cancellationToken);
        }
        catch
        {
            lock (_lock)
            {
                _answers.InsertRange(0, answers);
            }

            throw;
        }

        lock (_lock)
        {
            foreach (ForwardSettlement answer in answers)
            {
                _held.Remove(answer.Claim.Id);
            }
        }
    }
}
