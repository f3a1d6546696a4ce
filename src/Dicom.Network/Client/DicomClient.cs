using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Logging.Abstractions;

namespace MedicalAi.Dicom.Network;

/// <summary>
/// An association that we requested. Operations may be asked for one after another or, where the peer agreed to a window, several at
/// once. An operation that fails or is cancelled half way aborts the association; disposing without <see cref="ReleaseAsync"/> aborts it too.
/// </summary>
public sealed class DicomClient : DimseAssociation, IAsyncDisposable
{
    private const string Role = "requestor";
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(1);
    private readonly DicomClientOptions _options;
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly PduChannel _pdus;
    private readonly ServedContext?[] _served = new ServedContext?[256];
    private Task _reading = Task.CompletedTask;
    private bool _wasEstablished;
    private string? _outcome;

    private DicomClient(DicomClientOptions options, Socket socket, Stream stream, PduChannel pdus)
        : base(new Association(pdus, isRequestor: true, options.AssociationTimeout), isRequestor: true, NullLogger.Instance)
    {
        _options = options;
        _socket = socket;
        _stream = stream;
        _pdus = pdus;
    }

    /// <summary>How the peer's implementation names itself, or empty.</summary>
    public string PeerImplementation => Peer.ImplementationVersionName;

    /// <summary>What the peer answered to our user identity (PS3.7 D.3.3.7.2); null when it answered nothing, as one does that knows no identities.</summary>
    public ReadOnlyMemory<byte>? IdentityResponse { get; private set; }

    /// <summary>Opens a connection and requests an association.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="contexts">The presentation contexts to propose, 1 to 128.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">None or more than 128 contexts.</exception>
    /// <exception cref="DicomNetworkException">It could not be established: <see cref="DicomNetworkException.Failure"/> says why.</exception>
    /// <exception cref="AssociationRejectedException">The peer rejected it.</exception>
    public static async Task<DicomClient> ConnectAsync(DicomClientOptions options, IEnumerable<PresentationContext> contexts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        PresentationContext[] proposed = [.. contexts];
        if (proposed.Length is 0 or > PresentationContext.Maximum)
        {
            throw new ArgumentException($"An association has 1 to {PresentationContext.Maximum} presentation contexts, not {proposed.Length}.", nameof(contexts));
        }

        (Socket socket, Stream stream) = await OpenAsync(options, cancellationToken);
        PipeReader input = PipeReader.Create(stream, new StreamPipeReaderOptions(ClearedMemory.Instance, bufferSize: 64 * 1024, minimumReadSize: 16 * 1024));
        PipeWriter output = PipeWriter.Create(stream, new StreamPipeWriterOptions(ClearedMemory.Instance, minimumBufferSize: 32 * 1024));
        DicomClient client = new(options, socket, stream, new PduChannel(input, output, options.MaxPduLength, QuickAcknowledge.For(socket)));
        try
        {
            await client.AssociateAsync(proposed, cancellationToken);
            return client;
        }
        catch (DicomNetworkException exception) when (exception.Failure == NetworkFailure.ConnectionLost && options.Tls is not null)
        {
            // In TLS 1.3 a requestor is done before the acceptor has looked at its certificate.
            await client.DisposeAsync();
            throw new DicomNetworkException(NetworkFailure.ConnectionLost, "The peer closed the connection after the handshake of TLS: it may want a certificate, or another one, of ours.", exception);
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Releases the association (PS3.8 section 7.2) and closes the connection. Operations that are under way fail.</summary>
    /// <exception cref="DicomNetworkException">The peer did not answer the release, or the association had failed.</exception>
    public async ValueTask ReleaseAsync(CancellationToken cancellationToken)
    {
        _pdus.Timeout = _options.AssociationTimeout;
        try
        {
            if (Upper.Failure is { } failure)
            {
                throw failure;
            }

            if (Upper.State == AssociationState.Sta6)
            {
                await Upper.RequestReleaseAsync(cancellationToken);
                _pdus.SetAwaited(isAwaited: true, mayStop: false);
            }

            await _reading.WaitAsync(cancellationToken);
            await Upper.FinishReleaseAsync(cancellationToken);
            _outcome = "released";
        }
        catch (DicomNetworkException exception)
        {
            throw await EndAsync(exception);
        }
        catch
        {
            await AbortAsync();
            throw;
        }
    }

    /// <summary>Aborts the association (PS3.8 section 7.3). Never fails.</summary>
    public async ValueTask AbortAsync()
    {
        if (Upper.State is not (AssociationState.Sta1 or AssociationState.Sta13))
        {
            _outcome ??= "aborted";
            _pdus.Timeout = s_lastWords;
            await Upper.AbortAsync(CancellationToken.None);
        }

        Upper.Fail(new DicomNetworkException(NetworkFailure.ConnectionLost, "We ended the association."));
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Upper.CloseAsync(s_lastWords);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_outcome is not "disposed")
        {
            await AbortAsync();
            NetworkMetrics.Ended(Role, _wasEstablished, _outcome ?? "lost");
            _outcome = "disposed";
            _pdus.Dispose();
            await _stream.DisposeAsync();
            _socket.Dispose();
        }
    }

    private protected override ServedContext? FindServed(byte context) => _served[context];

    // A peer that closes while we send may have said why before: whoever reads has heard it, or is about to.
    private protected override async ValueTask<DicomNetworkException> EndAsync(DicomNetworkException failure)
    {
        if (failure.Failure == NetworkFailure.ConnectionLost && Upper.Failure is null && Upper.State == AssociationState.Sta1)
        {
            await Task.WhenAny(_reading, Task.Delay(s_lastWords, CancellationToken.None));
        }

        DicomNetworkException first = Upper.Fail(failure);
        _outcome ??= first.Failure switch
        {
            NetworkFailure.Aborted => "aborted",
            NetworkFailure.TimedOut => "timeout",
            NetworkFailure.ProtocolError => "protocol_error",
            _ => "lost",
        };
        await AbortAsync();
        return first;
    }

    private static async ValueTask<(Socket Socket, Stream Stream)> OpenAsync(DicomClientOptions options, CancellationToken cancellationToken)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.ConnectTimeout);
        try
        {
            await socket.ConnectAsync(options.Host, options.Port, limit.Token);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (options.Tls is { } tls)
            {
                SslStream secured = new(stream);
                stream = secured;
                await secured.AuthenticateAsClientAsync(tls.ForRequestor(options.Host), limit.Token);
            }

            return (socket, stream);
        }
        catch (Exception exception)
        {
            if (stream is not null)
            {
                await stream.DisposeAsync();
            }

            socket.Dispose();
            string peer = $"{options.Host}:{options.Port}";
            string? message = exception switch
            {
                SocketException => $"{peer} cannot be reached: {exception.Message}.",
                AuthenticationException => $"There is no TLS with {peer}: {(exception.InnerException ?? exception).Message.TrimEnd('.')}.",
                IOException => $"There is no TLS with {peer}: it closed the connection in the handshake.",
                OperationCanceledException when !cancellationToken.IsCancellationRequested => $"{peer} did not answer within {options.ConnectTimeout.TotalSeconds:0} s.",
                _ => null,
            };
            if (message is null)
            {
                throw;
            }

            throw new DicomNetworkException(NetworkFailure.ConnectFailed, message, exception);
        }
    }

    private async Task AssociateAsync(PresentationContext[] proposed, CancellationToken cancellationToken)
    {
        AssociateRequest request = new(
            1,
            _options.CalledAe.Value,
            _options.CallingAe.Value,
            Negotiation.ApplicationContext,
            [.. proposed.Select((context, index) => new ProposedContext((byte)((index * 2) + 1), context.AbstractSyntax.Value, [.. context.TransferSyntaxes.Select(syntax => syntax.Uid.Value)]))],
            Propose(proposed));
        Pdu? answer;
        try
        {
            Upper.Opened();
            await Upper.RequestAsync(request, cancellationToken);
            answer = await Upper.ReceiveAsync(stoppable: false, cancellationToken);
        }
        catch (DicomNetworkException exception)
        {
            throw await EndAsync(exception);
        }

        switch (answer)
        {
            case AssociateReject reject:
                _outcome = "rejected";
                throw new AssociationRejectedException(reject);
            case AssociateAccept accept:
                await EstablishAsync(request, proposed, accept, cancellationToken);
                break;
            default:
                throw new DicomNetworkException(NetworkFailure.ConnectionLost, "The peer closed the connection instead of answering the association request.");
        }
    }

    private UserInformation Propose(PresentationContext[] proposed) => new()
    {
        MaxPduLength = _options.MaxPduLength,
        ImplementationClassUid = Implementation.ClassUid.Value,
        ImplementationVersionName = Implementation.VersionName,
        AsyncOperationsWindow = (_options.MaxOperationsInvoked, _options.MaxOperationsPerformed) is var window && window != (1, 1) ? window : null,
        Roles =
        [
            .. from context in proposed
               group context.Roles by context.AbstractSyntax.Value into one
               let roles = one.Aggregate((left, right) => left | right)
               where roles != AssociationRoles.Scu
               select new RoleSelection(one.Key, roles.HasFlag(AssociationRoles.Scu), roles.HasFlag(AssociationRoles.Scp)),
        ],
        Extended = [.. _options.ExtendedNegotiation.Select(one => new ExtendedNegotiation(one.Key.Value, [.. one.Value]))],
        Identity = _options.Identity,
    };

    private async ValueTask EstablishAsync(AssociateRequest request, PresentationContext[] proposed, AssociateAccept accept, CancellationToken cancellationToken)
    {
        _wasEstablished = true;
        NetworkMetrics.Established(Role);
        Peer = new AssociationPeer(_options.CallingAe.Value, _options.CalledAe.Value, DicomConnectionHandler.AddressOf(_socket.RemoteEndPoint), AeTitle.Display(accept.User.ImplementationVersionName));
        Contexts = [.. request.Contexts.Select((context, index) => Match(context, proposed[index], accept))];
        foreach (NegotiatedContext context in Contexts)
        {
            DimseService? service = _options.Services.FirstOrDefault(candidate => candidate.Supports(context.AbstractSyntax));
            bool performs = context.IsAccepted && (context.Roles.HasFlag(AssociationRoles.Scp) || service?.PerformsNotifications(context.AbstractSyntax) == true);
            _served[context.Id] = performs && service is not null ? new ServedContext(context, service) : null;
        }

        IdentityResponse = accept.User.IdentityResponse is { } response ? response : default(ReadOnlyMemory<byte>?);
        if (!_pdus.LimitSent(accept.User.MaxPduLength))
        {
            throw await EndAsync(await Upper.BreakAsync(6, $"The peer takes PDUs of at most {accept.User.MaxPduLength} bytes, in which nothing fits.", cancellationToken));
        }

        // No answer is one operation at a time (PS3.7 D.3.3.3); what was not asked for is not granted.
        if (request.User.AsyncOperationsWindow is { } asked && accept.User.AsyncOperationsWindow is { } granted)
        {
            SetWindow(Least(asked.Invoked, granted.Invoked), Least(asked.Performed, granted.Performed));
        }

        _pdus.Timeout = _options.ResponseTimeout;
        _pdus.SetAwaited(isAwaited: false, mayStop: true);
        _reading = RunAndAnswerAsync();

        static ushort Least(ushort asked, ushort granted) => asked == 0 ? granted : granted == 0 ? asked : Math.Min(asked, granted);
    }

    // A peer may ask for release too; one that still owes an answer breaks off.
    private async Task RunAndAnswerAsync()
    {
        await RunAsync(CancellationToken.None);
        if (Upper.State == AssociationState.Sta8)
        {
            await Upper.AnswerReleaseAsync(CancellationToken.None);
        }
    }

    private static NegotiatedContext Match(ProposedContext proposed, PresentationContext context, AssociateAccept accept)
    {
        ContextAnswer? answer = accept.Contexts.FirstOrDefault(candidate => candidate.Id == proposed.Id);

        // A syntax that was not proposed is no agreement.
        TransferSyntax? syntax = answer is { Result: 0 } ? context.TransferSyntaxes.FirstOrDefault(candidate => candidate.Uid.Value == answer.TransferSyntax) : null;

        // A peer that does not answer a proposal of roles leaves us the SCU (PS3.7 D.3.3.4).
        AssociationRoles granted = accept.User.Roles.FirstOrDefault(candidate => candidate.SopClass == proposed.AbstractSyntax) is { SopClass: not null } role
            ? (role.Scu ? AssociationRoles.Scu : AssociationRoles.None) | (role.Scp ? AssociationRoles.Scp : AssociationRoles.None)
            : AssociationRoles.Scu;
        return new NegotiatedContext(proposed.Id, context.AbstractSyntax, syntax, syntax is null && answer is null or { Result: 0 } ? (byte)2 : answer!.Result)
        {
            Roles = granted,
            ExtendedNegotiation = accept.User.Extended.FirstOrDefault(candidate => candidate.SopClass == proposed.AbstractSyntax)?.Information,
        };
    }
}
