using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;

namespace MedicalAi.Dicom.Network;

/// <summary>Accepts associations on Kestrel's connections. One instance serves all of them.</summary>
public sealed class DicomConnectionHandler : ConnectionHandler
{
    private readonly DicomServerOptions _options;
    private readonly Negotiation _negotiation;
    private readonly ILogger _logger;
    private int _established;
    private int _pending;

    /// <summary>Makes the handler.</summary>
    public DicomConnectionHandler(DicomServerOptions options, IEnumerable<DimseService> services, ILogger<DicomConnectionHandler> logger)
    {
        _options = options;
        _negotiation = new Negotiation(options, [.. services]);
        _logger = logger;
    }

    /// <inheritdoc />
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        Action? beforeWait = _options.QuickAcknowledge ? QuickAcknowledge.For(connection.Features.Get<IConnectionSocketFeature>()?.Socket) : null;
        using PduChannel channel = new(connection.Transport.Input, connection.Transport.Output, _options.MaxPduLength, beforeWait);
        Association association = new(channel, isRequestor: false, _options.ArtimTimeout);
        using CancellationTokenSource abandon = new();

        // On stop the wait for a next command ends; an operation that runs may finish, within bounds.
        CancellationToken stop = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        await using (stop.UnsafeRegister(_ => Stop(), null))
        {
            ServedAssociation served = new(this, association, AddressOf(connection.RemoteEndPoint));
            string outcome = "failed";
            try
            {
                outcome = await served.RunAsync(abandon.Token);
            }
            finally
            {
                // Whatever happens, the slot is free again.
                if (served.IsEstablished)
                {
                    Interlocked.Decrement(ref _established);
                }

                NetworkMetrics.Ended("acceptor", served.IsEstablished, outcome);
            }

            await association.CloseAsync(stop.IsCancellationRequested ? _options.ReleaseGrace : null);
            if (channel.TimedOut)
            {
                // The peer takes nothing: what is buffered for it would keep the connection open.
                connection.Abort(new ConnectionAbortedException("The peer did not take what we sent in time."));
            }
        }

        void Stop()
        {
            channel.RequestStop();
            abandon.CancelAfter(_options.DrainTimeout);
        }
    }

    // A peer of IPv4 at a socket of IPv6 is told by its own address.
    internal static string? AddressOf(EndPoint? remote) => remote is IPEndPoint { Address: { } address } ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : null;

    private static bool TryEnter(ref int count, int limit)
    {
        if (Interlocked.Increment(ref count) <= limit)
        {
            return true;
        }

        Interlocked.Decrement(ref count);
        return false;
    }

    /// <summary>One association, from its request to its end.</summary>
    private sealed class ServedAssociation(DicomConnectionHandler owner, Association association, string? address)
    {
        private readonly ILogger _logger = owner._logger;
        private AssociationPeer? _peer;
        private long _requests;

        public bool IsEstablished { get; private set; }

        // The outcome, as the metric names it.
        public async Task<string> RunAsync(CancellationToken abandoned)
        {
            string outcome = await ServeAsync(abandoned);
            if (IsEstablished)
            {
                Log.Ended(_logger, _peer!.CallingAe, address, outcome, _requests);
            }

            return outcome;
        }

        private async Task<string> ServeAsync(CancellationToken abandoned)
        {
            try
            {
                if (!TryEnter(ref owner._pending, owner._options.MaxPendingConnections))
                {
                    Log.TooManyPending(_logger, address);
                    return "refused";
                }

                if (await AwaitRequestAsync() is not { } request)
                {
                    return association.Channel.StopRequested ? "stopped" : "closed";
                }

                return await NegotiateAsync(request) is { } contexts ? await ServeRequestsAsync(contexts, abandoned) : "rejected";
            }
            catch (DicomNetworkException exception)
            {
                Log.AssociationFailed(_logger, _peer?.CallingAe, address, exception.Message);
                return exception.Failure switch
                {
                    NetworkFailure.Aborted => "aborted",
                    NetworkFailure.TimedOut => "timeout",
                    NetworkFailure.ConnectionLost => "lost",
                    _ => "protocol_error",
                };
            }
            catch (OperationCanceledException) when (abandoned.IsCancellationRequested)
            {
                Log.AssociationFailed(_logger, _peer?.CallingAe, address, "The gateway stopped before the operation ended.");
                await association.AbortAsync(CancellationToken.None);
                return "stopped";
            }
        }

        private async ValueTask<AssociateRequest?> AwaitRequestAsync()
        {
            try
            {
                association.Opened();
                return (AssociateRequest?)await association.ReceiveAsync(stoppable: true, CancellationToken.None);
            }
            finally
            {
                Interlocked.Decrement(ref owner._pending);
            }
        }

        private async ValueTask<AcceptedContext?[]?> NegotiateAsync(AssociateRequest request)
        {
            AssociationPeer peer = new(AeTitle.Display(request.Calling), AeTitle.Display(request.Called), address, AeTitle.Display(request.User.ImplementationVersionName));
            AssociateReject? reject = owner._negotiation.Refuse(request);
            if (reject is null && !association.Channel.LimitSent(request.User.MaxPduLength))
            {
                // No fragment of even length fits in such PDUs.
                reject = RejectReasons.NoReason;
            }

            reject ??= association.Channel.StopRequested ? RejectReasons.TemporaryCongestion : TryEnter(ref owner._established, owner._options.MaxAssociations) ? null : RejectReasons.LocalLimit;
            if (reject is not null)
            {
                Log.Rejected(_logger, peer.CallingAe, address, peer.CalledAe, RejectReasons.Describe(reject.Result, reject.Source, reject.Reason));
                await association.RejectAsync(reject, CancellationToken.None);
                return null;
            }

            _peer = peer;
            IsEstablished = true;
            NetworkMetrics.Established("acceptor");
            association.Channel.Timeout = owner._options.IdleTimeout;
            (AssociateAccept accept, AcceptedContext?[] contexts) = owner._negotiation.Accept(request);
            await association.AcceptAsync(accept, CancellationToken.None);
            Log.Accepted(_logger, peer.CallingAe, address, peer.CalledAe, contexts.Count(context => context is not null), request.Contexts.Count);
            if (_logger.IsEnabled(LogLevel.Debug))
            {
                foreach ((ProposedContext proposed, ContextAnswer answer) in request.Contexts.Zip(accept.Contexts))
                {
                    Log.Negotiated(_logger, proposed.Id, peer.CallingAe, AeTitle.Display(proposed.AbstractSyntax), answer.Result, AeTitle.Display(answer.TransferSyntax), AeTitle.Display(string.Join(' ', proposed.TransferSyntaxes)));
                }
            }

            return contexts;
        }

        private async ValueTask<string> ServeRequestsAsync(AcceptedContext?[] contexts, CancellationToken abandoned)
        {
            DimseChannel channel = new(association);
            while (!association.Channel.StopRequested && await channel.ReadCommandAsync(abandoned) is { } message)
            {
                if (contexts[message.Context] is not { } context)
                {
                    throw await association.BreakAsync(6, "A message came in a presentation context that was not accepted.", CancellationToken.None);
                }

                if (message.Command.CommandField == DimseCommand.CCancelRequest)
                {
                    // It was for an operation that has ended: there is no answer to it (PS3.7 9.3.2.3).
                    continue;
                }

                if (message.Command.IsResponse)
                {
                    throw await association.BreakAsync(2, "A response came although nothing was asked.", CancellationToken.None);
                }

                await AnswerAsync(channel, message.Context, new DimseRequest(channel, message.Context, message.Command, context.AbstractSyntax, context.TransferSyntax, _peer!), context.Service, abandoned);
            }

            return association.State == AssociationState.Sta8 || await IsReleasedInTimeAsync() ? await ReleaseAsync() : "stopped";
        }

        private async ValueTask AnswerAsync(DimseChannel channel, byte contextId, DimseRequest request, DimseService service, CancellationToken abandoned)
        {
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            DimseResponse response = await HandleAsync(service, request, abandoned);
            await request.DrainAsync(abandoned);
            DimseCommand command = request.Command;
            await channel.WriteCommandAsync(
                contextId,
                new DimseCommand
                {
                    CommandField = (ushort)(command.CommandField | 0x8000),
                    MessageId = command.MessageId,
                    SopClass = command.SopClass,
                    SopInstance = command.SopInstance,
                    Status = response.Status,
                    ErrorComment = response.ErrorComment,
                    OffendingElements = response.OffendingElement is { } offending ? [offending] : [],
                },
                CancellationToken.None);
            _requests++;
            NetworkMetrics.Answered(command.CommandField, response.Status, start);
            if (response.Status is not (DimseStatus.Success or DimseStatus.Cancel))
            {
                Log.Refused(_logger, command.CommandField, _peer!.CallingAe, command.SopInstance?.Value, response.Status, response.ErrorComment);
            }
        }

        private async ValueTask<DimseResponse> HandleAsync(DimseService service, DimseRequest request, CancellationToken abandoned)
        {
            try
            {
                return await service.HandleAsync(request, abandoned);
            }
#pragma warning disable CA1031 // Whatever a service throws must become an answer on the wire, never the end of the server.
            catch (Exception exception) when (exception is not DicomNetworkException && !abandoned.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Log.ServiceFailed(_logger, exception, request.Command.CommandField, _peer!.CallingAe);
                return new DimseResponse(DimseStatus.ProcessingFailure, "Processing failure");
            }
        }

        // We are stopping: a peer that is done may still release; one that asks for more is aborted.
        private async ValueTask<bool> IsReleasedInTimeAsync()
        {
            association.Channel.Timeout = owner._options.ReleaseGrace;
            try
            {
                await association.ReceiveAsync(stoppable: false, CancellationToken.None);
            }
            catch (DicomNetworkException exception) when (exception.Failure == NetworkFailure.TimedOut)
            {
                return false;
            }

            if (association.State == AssociationState.Sta8)
            {
                return true;
            }

            await association.AbortAsync(CancellationToken.None);
            return false;
        }

        private async ValueTask<string> ReleaseAsync()
        {
            await association.AnswerReleaseAsync(CancellationToken.None);
            return "released";
        }
    }
}
