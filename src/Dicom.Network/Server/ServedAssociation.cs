using Microsoft.Extensions.Logging;

namespace MedicalAi.Dicom.Network;

/// <summary>An association to us, from its request to its end.</summary>
internal sealed class ServedAssociation(DicomConnectionHandler owner, Association upper, string? address, ILogger logger) : DimseAssociation(upper, isRequestor: false, logger)
{
    private readonly ILogger _logger = logger;
    private NegotiatedAssociation _negotiated = new();

    /// <summary>Whether it was accepted, so that it takes a place among the established ones.</summary>
    public bool WasEstablished { get; private set; }

    /// <summary>Serves it; the outcome is as the metric names it.</summary>
    public async Task<string> ServeAsync(CancellationToken abandoned)
    {
        string outcome = await ServeToEndAsync(abandoned);
        if (WasEstablished)
        {
            Log.Ended(_logger, Peer.CallingAe, address, outcome, Answered);
        }

        return outcome;
    }

    private protected override ServedContext? FindServed(byte context) => _negotiated.Served[context];

    private protected override async ValueTask<DicomNetworkException> EndAsync(DicomNetworkException failure)
    {
        DicomNetworkException first = Upper.Fail(failure);
        await Upper.AbortAsync(CancellationToken.None);
        return first;
    }

    private async Task<string> ServeToEndAsync(CancellationToken abandoned)
    {
        try
        {
            return await AwaitRequestAsync() is not { } request ? Upper.Channel.StopRequested ? "stopped" : "closed"
                : await NegotiateAsync(request, abandoned) ? await ServeRequestsAsync(abandoned)
                : "rejected";
        }
        catch (DicomNetworkException exception)
        {
            Log.AssociationFailed(_logger, WasEstablished ? Peer.CallingAe : null, address, exception.Message);
            return exception.Failure switch
            {
                NetworkFailure.Aborted => "aborted",
                NetworkFailure.TimedOut => "timeout",
                NetworkFailure.ConnectionLost => "lost",
                NetworkFailure.Stopped => "stopped",
                _ => "protocol_error",
            };
        }
        catch (OperationCanceledException) when (abandoned.IsCancellationRequested)
        {
            Log.AssociationFailed(_logger, WasEstablished ? Peer.CallingAe : null, address, "The gateway stopped before the operation ended.");
            await Upper.AbortAsync(CancellationToken.None);
            return "stopped";
        }
    }

    private async ValueTask<AssociateRequest?> AwaitRequestAsync()
    {
        try
        {
            Upper.Opened();
            return (AssociateRequest?)await Upper.ReceiveAsync(stoppable: true, CancellationToken.None);
        }
        finally
        {
            owner.Pending.Leave(address);
        }
    }

    private async ValueTask<bool> NegotiateAsync(AssociateRequest request, CancellationToken abandoned)
    {
        AssociationPeer peer = new(AeTitle.Display(request.Calling), AeTitle.Display(request.Called), address, AeTitle.Display(request.User.ImplementationVersionName));
        Admission admission = default;
        AssociateReject? reject = Negotiation.Refuse(request);
        if (reject is null && !Upper.Channel.LimitSent(request.User.MaxPduLength))
        {
            // No fragment of even length fits in such PDUs.
            reject = RejectReasons.NoReason;
        }

        if (reject is null)
        {
            admission = await owner.Policy.AdmitAsync(peer, request.User.Identity, abandoned);
            reject = admission.Refusal is { } refusal ? RejectReasons.For(refusal) : null;
        }

        reject ??= Upper.Channel.StopRequested ? RejectReasons.TemporaryCongestion : owner.TryEnter(peer) ? null : RejectReasons.LocalLimit;
        if (reject is not null)
        {
            Log.Rejected(_logger, peer.CallingAe, address, peer.CalledAe, RejectReasons.Describe(reject.Result, reject.Source, reject.Reason));
            await Upper.RejectAsync(reject, CancellationToken.None);
            return false;
        }

        Peer = peer with { User = admission.User };
        WasEstablished = true;
        NetworkMetrics.Established("acceptor");
        Upper.Channel.Timeout = owner.Options.IdleTimeout;
        _negotiated = owner.Negotiation.Accept(request, Peer, request.User.Identity is { IsResponseRequested: true } ? admission.ServerResponse?.ToArray() : null);
        Contexts = _negotiated.Contexts;
        SetWindow(_negotiated.Invoked, _negotiated.Performed);
        await Upper.AcceptAsync(_negotiated.Accept, CancellationToken.None);
        Log.Accepted(_logger, Peer.CallingAe, address, Peer.CalledAe, Contexts.Count(context => context.IsAccepted), Contexts.Count);
        if (_logger.IsEnabled(LogLevel.Debug))
        {
            foreach ((ProposedContext proposed, ContextAnswer answer) in request.Contexts.Zip(_negotiated.Accept.Contexts))
            {
                Log.Negotiated(_logger, proposed.Id, Peer.CallingAe, AeTitle.Display(proposed.AbstractSyntax), answer.Result, AeTitle.Display(answer.TransferSyntax), AeTitle.Display(string.Join(' ', proposed.TransferSyntaxes)));
            }
        }

        return true;
    }

    private async ValueTask<string> ServeRequestsAsync(CancellationToken abandoned)
    {
        await RunAsync(abandoned);
        if (Upper.State != AssociationState.Sta8 && !await IsReleasedInTimeAsync())
        {
            return "stopped";
        }

        await Upper.AnswerReleaseAsync(CancellationToken.None);
        return "released";
    }

    // We are stopping: a peer that is done may still release; one that asks for more is aborted.
    private async ValueTask<bool> IsReleasedInTimeAsync()
    {
        Upper.Channel.Timeout = owner.Options.ReleaseGrace;
        try
        {
            await Upper.ReceiveAsync(stoppable: false, CancellationToken.None);
        }
        catch (DicomNetworkException exception) when (exception.Failure == NetworkFailure.TimedOut)
        {
            return false;
        }

        if (Upper.State == AssociationState.Sta8)
        {
            return true;
        }

        await Upper.AbortAsync(CancellationToken.None);
        return false;
    }
}
