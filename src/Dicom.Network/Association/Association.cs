namespace MedicalAi.Dicom.Network;

/// <summary>
/// One association, of either side: the protocol machine of PS3.8 section 9.2 on a connection. Every PDU that comes or goes is an
/// event of <see cref="StateTable"/>; what may not be does not happen. One may read while another writes.
/// </summary>
internal sealed class Association(PduChannel channel, bool isRequestor, TimeSpan artim)
{
    // An abort waits so long for a PDU that is being written; then the connection is closed without one.
    private static readonly TimeSpan s_abortPatience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    // Under the gate, as reader and writers meet here.
    private AssociationState _state = AssociationState.Sta1;
    private DicomNetworkException? _failure;

    /// <summary>Where the protocol machine stands.</summary>
    public AssociationState State
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    /// <summary>Why the association failed; null as long as it has not.</summary>
    public DicomNetworkException? Failure => Volatile.Read(ref _failure);

    /// <summary>The connection.</summary>
    public PduChannel Channel => channel;

    /// <summary>The bytes a second below which a data set of the peer counts as given up; 0 for none.</summary>
    public int MinDataRate { get; init; }

    /// <summary>Takes an event that comes from neither a PDU nor a method of this type: the opening of the connection.</summary>
    public void Opened()
    {
        if (isRequestor)
        {
            Fire(AssociationEvent.AssociateRequested);
        }
        else
        {
            Fire(AssociationEvent.ConnectionOpened);
        }

        channel.Timeout = artim;
    }

    /// <summary>Sends our association request on the connection that is open now.</summary>
    public ValueTask RequestAsync(AssociateRequest request, CancellationToken cancellationToken) => SendAsync(AssociationEvent.ConnectionConfirmed, request, cancellationToken);

    /// <summary>Sends our consent.</summary>
    public ValueTask AcceptAsync(AssociateAccept accept, CancellationToken cancellationToken) => SendAsync(AssociationEvent.AcceptAnswered, accept, cancellationToken);

    /// <summary>Sends our refusal; <see cref="CloseAsync"/> follows.</summary>
    public ValueTask RejectAsync(AssociateReject reject, CancellationToken cancellationToken) => SendAsync(AssociationEvent.RejectAnswered, reject, cancellationToken);

    /// <summary>Answers a release request; <see cref="CloseAsync"/> follows.</summary>
    public ValueTask AnswerReleaseAsync(CancellationToken cancellationToken) => SendAsync(AssociationEvent.ReleaseAnswered, new ReleaseResponse(), cancellationToken);

    /// <summary>Sends the data that are in the channel's buffer; the caller has the turn to write.</summary>
    /// <exception cref="DicomNetworkException">The association has failed or ended, or the peer takes nothing.</exception>
    public async ValueTask FlushDataAsync(CancellationToken cancellationToken)
    {
        if (Failure is { } failure)
        {
            throw failure;
        }

        if (!TryFire(AssociationEvent.DataRequested))
        {
            throw new DicomNetworkException(NetworkFailure.ConnectionLost, "The association has ended.");
        }

        await TakenAsync(channel.FlushAsync(cancellationToken));
    }

    /// <summary>Keeps why the association failed, and ends every wait for the peer. The first reason stays.</summary>
    /// <returns>The reason that stands.</returns>
    public DicomNetworkException Fail(DicomNetworkException failure)
    {
        DicomNetworkException first = Interlocked.CompareExchange(ref _failure, failure, null) ?? failure;
        channel.Interrupt();
        return first;
    }

    /// <summary>
    /// The next PDU that concerns the user. Null when the peer closed the connection before it asked for anything, or, if
    /// <paramref name="stoppable"/>, when a stop was requested while nothing had come.
    /// </summary>
    /// <exception cref="DicomNetworkException">The peer aborted, was silent for too long, broke the protocol, or is gone. It has been told.</exception>
    public async ValueTask<Pdu?> ReceiveAsync(bool stoppable, CancellationToken cancellationToken)
    {
        while (true)
        {
            PduRead read;
            try
            {
                read = await channel.ReadAsync(stoppable, cancellationToken);
            }
            catch (Exception exception) when (IsConnectionLoss(exception))
            {
                throw LostTo(NetworkFailure.ConnectionLost, "The connection broke.", exception);
            }

            switch (read.Status)
            {
                case PduReadStatus.Stopped:
                    return null;
                case PduReadStatus.Interrupted:
                    throw Failure ?? new DicomNetworkException(NetworkFailure.ConnectionLost, "We gave the association up.");
                case PduReadStatus.TimedOut when State == AssociationState.Sta2:
                    Fire(AssociationEvent.ArtimExpired);
                    throw new DicomNetworkException(NetworkFailure.TimedOut, "No association request came in time.");
                case PduReadStatus.TimedOut:
                    await AbortAsync(cancellationToken);
                    throw new DicomNetworkException(NetworkFailure.TimedOut, "The peer was silent for too long.");
                default:
                    break;
            }

            AssociationState before = State;
            if (!TryFire(EventOf(read), out AssociationAction action))
            {
                // A writer has found the connection lost meanwhile; why may stand in what still came.
                throw read.Pdu is AbortPdu last ? new AssociationAbortedException(last) : Failure ?? new DicomNetworkException(NetworkFailure.ConnectionLost, "The connection broke.");
            }

            switch (action)
            {
                case AssociationAction.AA1 or AssociationAction.AA7 or AssociationAction.AA8:
                    byte reason = read.Status switch { PduReadStatus.UnrecognizedPdu => 1, PduReadStatus.InvalidParameter => 6, _ => 2 };
                    await TellAsync(before == AssociationState.Sta2 ? new AbortPdu(0, 0) : new AbortPdu(2, reason), cancellationToken);
                    throw new DicomNetworkException(NetworkFailure.ProtocolError, reason switch
                    {
                        1 => "A PDU of unknown type came.",
                        6 => "A PDU with an invalid parameter came.",
                        _ => $"A PDU came that is not expected in {before}: {read.Pdu?.GetType().Name}.",
                    });
                case AssociationAction.AA2 or AssociationAction.AA3 when read.Pdu is AbortPdu abort:
                    throw new AssociationAbortedException(abort);
                case AssociationAction.AA4:
                    throw new DicomNetworkException(NetworkFailure.ConnectionLost, "The peer closed the connection within the association.");
                case AssociationAction.AA5 or AssociationAction.AR5:
                    return null;
                case AssociationAction.AA6 or AssociationAction.AR6:
                    // After our release request there is nobody left for data.
                    break;
                default:
                    return read.Pdu;
            }
        }
    }

    /// <summary>Asks for release; <see cref="ReceiveAsync"/> and <see cref="FinishReleaseAsync"/> follow. Data that still come are dropped.</summary>
    public ValueTask RequestReleaseAsync(CancellationToken cancellationToken) => SendAsync(AssociationEvent.ReleaseRequested, new ReleaseRequest(), cancellationToken);

    /// <summary>Waits, after <see cref="RequestReleaseAsync"/>, for the end of the release, through a collision too.</summary>
    public async ValueTask FinishReleaseAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            switch (State)
            {
                case AssociationState.Sta1 or AssociationState.Sta13:
                    return;
                case AssociationState.Sta9:
                    await AnswerReleaseAsync(cancellationToken);
                    break;
                case AssociationState.Sta12:
                    await AnswerReleaseAsync(cancellationToken);
                    return;
                default:
                    await ReceiveAsync(stoppable: false, cancellationToken);
                    break;
            }
        }
    }

    /// <summary>Sends an A-ABORT of the service user, where one can be sent; <see cref="CloseAsync"/> follows.</summary>
    public async ValueTask AbortAsync(CancellationToken cancellationToken)
    {
        if (TryFire(AssociationEvent.AbortRequested, out AssociationAction action) && action == AssociationAction.AA1)
        {
            await TellAsync(new AbortPdu(0, 0), cancellationToken);
        }
    }

    /// <summary>Aborts because of content that the state machine does not see, and gives the exception to throw.</summary>
    /// <param name="reason">The reason of PS3.8 table 9-26: 2 unexpected PDU, 5 unexpected parameter, 6 invalid parameter value.</param>
    /// <param name="message">What was wrong.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<DicomNetworkException> BreakAsync(byte reason, string message, CancellationToken cancellationToken)
    {
        if (Fire(AssociationEvent.InvalidReceived) is AssociationAction.AA1 or AssociationAction.AA7 or AssociationAction.AA8)
        {
            await TellAsync(new AbortPdu(2, reason), cancellationToken);
        }

        return new DicomNetworkException(NetworkFailure.ProtocolError, message);
    }

    /// <summary>After our last PDU: waits, no longer than ARTIM, for the peer to close the connection, or to abort.</summary>
    public async ValueTask CloseAsync(TimeSpan? atMost = null)
    {
        if (State != AssociationState.Sta13 || channel.TimedOut)
        {
            return;
        }

        try
        {
            TimeSpan wait = atMost is { } limit && limit < artim ? limit : artim;
            Fire(await channel.DrainAsync(wait) switch
            {
                PduReadStatus.Closed => AssociationEvent.ConnectionClosed,
                PduReadStatus.Ok => AssociationEvent.AbortReceived,
                _ => AssociationEvent.ArtimExpired,
            });
        }
        catch (Exception exception) when (IsConnectionLoss(exception))
        {
            Fire(AssociationEvent.ConnectionClosed);
        }
    }

    /// <summary>Whether an exception of a pipe or socket tells that the connection is gone.</summary>
    public static bool IsConnectionLoss(Exception exception) =>
        exception is IOException or System.Net.Sockets.SocketException or ObjectDisposedException or Microsoft.AspNetCore.Connections.ConnectionAbortedException;

    private static AssociationEvent EventOf(PduRead read) => read.Pdu switch
    {
        AssociateAccept => AssociationEvent.AcceptReceived,
        AssociateReject => AssociationEvent.RejectReceived,
        AssociateRequest => AssociationEvent.RequestReceived,
        DataTransfer => AssociationEvent.DataReceived,
        ReleaseRequest => AssociationEvent.ReleaseRequestReceived,
        ReleaseResponse => AssociationEvent.ReleaseResponseReceived,
        AbortPdu => AssociationEvent.AbortReceived,
        _ => read.Status == PduReadStatus.Closed ? AssociationEvent.ConnectionClosed : AssociationEvent.InvalidReceived,
    };

    private AssociationAction Fire(AssociationEvent occurred) =>
        TryFire(occurred, out AssociationAction action) ? action : throw new InvalidOperationException($"{occurred} cannot happen in {State}.");

    private bool TryFire(AssociationEvent occurred) => TryFire(occurred, out _);

    private bool TryFire(AssociationEvent occurred, out AssociationAction action)
    {
        lock (_gate)
        {
            action = StateTable.Action(occurred, _state);
            if (action == AssociationAction.None)
            {
                return false;
            }

            _state = StateTable.Next(action, _state, isRequestor);
            return true;
        }
    }

    private async ValueTask SendAsync(AssociationEvent occurred, Pdu pdu, CancellationToken cancellationToken)
    {
        await channel.EnterWriteAsync(cancellationToken);
        try
        {
            Fire(occurred);
            await TakenAsync(channel.WriteAsync(pdu, cancellationToken));
        }
        finally
        {
            channel.ExitWrite();
        }
    }

    private async ValueTask TakenAsync(ValueTask<bool> write)
    {
        try
        {
            if (await write)
            {
                return;
            }
        }
        catch (Exception exception) when (IsConnectionLoss(exception))
        {
            throw LostTo(NetworkFailure.ConnectionLost, "The connection broke.", exception);
        }

        throw channel.TimedOut
            ? LostTo(NetworkFailure.TimedOut, "The peer did not take what we sent in time.")
            : Failure ?? new DicomNetworkException(NetworkFailure.ConnectionLost, "We gave the association up.");
    }

    // The peer may be gone already, or take nothing: then there is nobody to tell.
    private async ValueTask TellAsync(AbortPdu abort, CancellationToken cancellationToken)
    {
        if (!await channel.TryEnterWriteAsync(s_abortPatience))
        {
            return;
        }

        try
        {
            await channel.WriteAsync(abort, cancellationToken);
        }
        catch (Exception exception) when (IsConnectionLoss(exception))
        {
            TryFire(AssociationEvent.ConnectionClosed);
        }
        finally
        {
            channel.ExitWrite();
        }
    }

    private DicomNetworkException LostTo(NetworkFailure failure, string message, Exception? cause = null)
    {
        // Evt17 leads to Sta1 from everywhere.
        lock (_gate)
        {
            _state = AssociationState.Sta1;
        }

        return new DicomNetworkException(failure, message, cause);
    }
}
