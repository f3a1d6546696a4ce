using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace MedicalAi.Dicom.Network;

/// <summary>
/// An association that we requested, as SCU of Verification and Storage. For one caller at a time. An operation that fails or is
/// cancelled half way aborts the association; disposing without <see cref="ReleaseAsync"/> aborts it too.
/// </summary>
public sealed partial class DicomClient : IAsyncDisposable
{
    private const string Role = "requestor";
    private readonly DicomClientOptions _options;
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly PduChannel _pdus;
    private readonly Association _association;
    private readonly DimseChannel _channel;
    private ushort _messageId;
    private bool _established;
    private string? _outcome;

    private DicomClient(DicomClientOptions options, Socket socket, Stream stream)
    {
        _options = options;
        _socket = socket;
        _stream = stream;
        PipeReader input = PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024, minimumReadSize: 16 * 1024));
        PipeWriter output = PipeWriter.Create(_stream, new StreamPipeWriterOptions(minimumBufferSize: 32 * 1024));
        _pdus = new PduChannel(input, output, options.MaxPduLength, QuickAcknowledge.For(socket), stream is SslStream ? null : HasInput);
        _association = new Association(_pdus, isRequestor: true, options.AssociationTimeout);
        _channel = new DimseChannel(_association);

        // Bytes of TLS may be its own business: there, what the peer says is seen when we wait for it.
        bool HasInput()
        {
            try
            {
                return socket.Available > 0;
            }
            catch (SocketException)
            {
                // The next write says what is wrong.
                return false;
            }
        }
    }

    /// <summary>What was negotiated, in the order of the proposal.</summary>
    public IReadOnlyList<NegotiatedContext> Contexts { get; private set; } = [];

    /// <summary>How the peer's implementation names itself, or empty.</summary>
    public string PeerImplementation { get; private set; } = "";

    /// <summary>Whether operations can still be asked for.</summary>
    public bool IsEstablished => _association.State == AssociationState.Sta6;

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
        DicomClient client = new(options, socket, stream);
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

    /// <summary>C-ECHO (PS3.7 9.1.5).</summary>
    /// <exception cref="DicomNetworkException">Verification was not accepted, or the association failed.</exception>
    public async ValueTask<DimseResponse> EchoAsync(CancellationToken cancellationToken)
    {
        NegotiatedContext context = Contexts.FirstOrDefault(candidate => candidate.AbstractSyntax == DicomUids.Verification && candidate.TransferSyntax is not null)
            ?? throw new DicomNetworkException(NetworkFailure.NotNegotiated, "The peer did not accept Verification.");
        return await OperateAsync(
            async (command, token) =>
            {
                await _channel.WriteCommandAsync(context.Id, command, token);
            },
            new DimseCommand { CommandField = DimseCommand.CEchoRequest, MessageId = ++_messageId, SopClass = DicomUids.Verification },
            cancellationToken);
    }

    /// <summary>Releases the association (PS3.8 section 7.2) and closes the connection.</summary>
    /// <exception cref="DicomNetworkException">The peer did not answer the release.</exception>
    public async ValueTask ReleaseAsync(CancellationToken cancellationToken)
    {
        _pdus.Timeout = _options.AssociationTimeout;
        await GuardAsync(
            async token =>
            {
                await _association.ReleaseAsync(token);
                _outcome = "released";
                return true;
            },
            cancellationToken);
    }

    /// <summary>Aborts the association (PS3.8 section 7.3). Never fails.</summary>
    public async ValueTask AbortAsync()
    {
        if (_association.State is not (AssociationState.Sta1 or AssociationState.Sta13))
        {
            _outcome ??= "aborted";
            _pdus.Timeout = TimeSpan.FromSeconds(1);
            await _association.AbortAsync(CancellationToken.None);
        }

        await _association.CloseAsync(TimeSpan.FromSeconds(1));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_outcome is not "disposed")
        {
            await AbortAsync();
            NetworkMetrics.Ended(Role, _established, _outcome ?? "lost");
            _outcome = "disposed";
            _pdus.Dispose();
            await _stream.DisposeAsync();
            _socket.Dispose();
        }
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
            new UserInformation { MaxPduLength = _options.MaxPduLength, ImplementationClassUid = Implementation.ClassUid.Value, ImplementationVersionName = Implementation.VersionName });
        Pdu? answer = await GuardAsync(
            async token =>
            {
                _association.Opened();
                await _association.RequestAsync(request, token);
                return await _association.ReceiveAsync(stoppable: false, token);
            },
            cancellationToken);
        switch (answer)
        {
            case AssociateReject reject:
                _outcome = "rejected";
                throw new AssociationRejectedException(reject);
            case AssociateAccept accept:
                _established = true;
                NetworkMetrics.Established(Role);
                Contexts = [.. request.Contexts.Select((context, index) => Match(context, proposed[index], accept.Contexts))];
                PeerImplementation = AeTitle.Display(accept.User.ImplementationVersionName);
                if (!_pdus.LimitSent(accept.User.MaxPduLength))
                {
                    throw await _association.BreakAsync(6, $"The peer takes PDUs of at most {accept.User.MaxPduLength} bytes, in which nothing fits.", cancellationToken);
                }

                _pdus.Timeout = _options.ResponseTimeout;
                break;
            default:
                throw new DicomNetworkException(NetworkFailure.ConnectionLost, "The peer closed the connection instead of answering the association request.");
        }
    }

    private static NegotiatedContext Match(ProposedContext proposed, PresentationContext context, IReadOnlyList<ContextAnswer> answers)
    {
        ContextAnswer? answer = answers.FirstOrDefault(candidate => candidate.Id == proposed.Id);

        // A syntax that was not proposed is no agreement.
        TransferSyntax? syntax = answer is { Result: 0 } ? context.TransferSyntaxes.FirstOrDefault(candidate => candidate.Uid.Value == answer.TransferSyntax) : null;
        return new NegotiatedContext(proposed.Id, context.AbstractSyntax, syntax, syntax is null && answer is null or { Result: 0 } ? (byte)2 : answer!.Result);
    }

    // Sends a request and waits for its response.
    private async ValueTask<DimseResponse> OperateAsync(Func<DimseCommand, CancellationToken, ValueTask> send, DimseCommand request, CancellationToken cancellationToken)
    {
        if (!IsEstablished)
        {
            throw new DicomNetworkException(NetworkFailure.ConnectionLost, "The association has ended.");
        }

        return await GuardAsync(
            async token =>
            {
                await send(request, token);
                if (await _channel.ReadCommandAsync(token) is not { } message)
                {
                    await _association.AbortAsync(token);
                    throw new DicomNetworkException(NetworkFailure.ProtocolError, "The peer asked for release instead of answering.");
                }

                DimseCommand response = message.Command;
                return response.CommandField != (request.CommandField | 0x8000) || response.MessageId != request.MessageId || response.HasDataSet
                    ? throw await _association.BreakAsync(2, "A message came that is not the response to our request.", token)
                    : new DimseResponse(response.Status, response.ErrorComment, response.OffendingElements.Count > 0 ? response.OffendingElements[0] : null);
            },
            cancellationToken);
    }

    // What ends half way leaves the association in the middle of a message: it is aborted.
    private async ValueTask<T> GuardAsync<T>(Func<CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work(cancellationToken);
        }
        catch (DicomNetworkException exception)
        {
            _outcome ??= exception.Failure switch
            {
                NetworkFailure.Aborted => "aborted",
                NetworkFailure.TimedOut => "timeout",
                NetworkFailure.ProtocolError => "protocol_error",
                _ => "lost",
            };
            await AbortAsync();
            throw;
        }
        catch
        {
            await AbortAsync();
            throw;
        }
    }
}
