using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;

namespace MedicalAi.Dicom.Network;

/// <summary>Accepts associations on Kestrel's connections. One instance serves all of them.</summary>
public sealed class DicomConnectionHandler(DicomServerOptions options, IEnumerable<DimseService> services, ILogger<DicomConnectionHandler> logger) : ConnectionHandler
{
    private const string ApplicationContext = "1.2.840.10008.3.1.1.1";
    private readonly DimseService[] _services = [.. services];
    private int _associations;

    /// <inheritdoc />
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        Socket? socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket;
        PduChannel channel = new(connection.Transport.Input, connection.Transport.Output, options.MaxPduLength, () => AcknowledgeAtOnce(socket)) { Timeout = options.ArtimTimeout };
        CancellationToken closed = connection.ConnectionClosed;
        int open = Interlocked.Increment(ref _associations);
        try
        {
            await ServeAsync(channel, open, (connection.RemoteEndPoint as IPEndPoint)?.Address.ToString(), closed);
        }
        catch (DicomNetworkException exception)
        {
            Log.AssociationFailed(logger, exception.Message);
            await AbortAsync(channel, exception.Abort, closed);
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException or ConnectionResetException or OperationCanceledException)
        {
            Log.ConnectionLost(logger);
        }
        finally
        {
            Interlocked.Decrement(ref _associations);
        }
    }

    private async Task ServeAsync(PduChannel channel, int open, string? address, CancellationToken cancellationToken)
    {
        Pdu? first = await channel.ReadAsync(cancellationToken);
        if (first is null or AbortPdu)
        {
            return;
        }

        if (first is not AssociateRequest request)
        {
            throw new DicomNetworkException("An association request was expected.", 2, 2);
        }

        if (Reject(request, open) is { } reject)
        {
            Log.Rejected(logger, request.Calling, request.Called, reject.Result, reject.Source, reject.Reason);
            await channel.WriteAsync(reject, cancellationToken);
            return;
        }

        Dictionary<byte, (DimseService Service, TransferSyntax? Syntax)> contexts = [];
        List<ContextAnswer> answers = [.. request.Contexts.Select(context => Answer(context, contexts))];
        await channel.WriteAsync(new AssociateAccept(request.Called, request.Calling, ApplicationContext, answers, Ours(request.User)), cancellationToken);
        Log.Accepted(logger, request.Calling, request.Called, contexts.Count, request.Contexts.Count);
        channel.Timeout = options.IdleTimeout;
        while (await channel.ReadCommandAsync(cancellationToken) is { } message)
        {
            if (!contexts.TryGetValue(message.Context, out (DimseService Service, TransferSyntax? Syntax) context))
            {
                throw new DicomNetworkException("A presentation context that was not accepted.", 2, 6);
            }

            if (message.Command.IsResponse || message.Command.CommandField == DimseCommand.CCancelRequest)
            {
                continue;
            }

            DimseRequest dimse = new(channel, message.Context, message.Command, context.Syntax, request.Calling, request.Called, address);
            DimseResponse response = await HandleAsync(context.Service, dimse, cancellationToken);
            await dimse.DrainAsync(cancellationToken);
            await channel.WriteCommandAsync(
                message.Context,
                new DimseCommand
                {
                    CommandField = (ushort)(message.Command.CommandField | 0x8000),
                    MessageId = message.Command.MessageId,
                    SopClass = message.Command.SopClass,
                    SopInstance = message.Command.SopInstance,
                    Status = response.Status,
                    ErrorComment = response.ErrorComment,
                },
                cancellationToken);
        }

        if (channel.Ending is ReleaseRequest)
        {
            await channel.WriteAsync(new ReleaseResponse(), cancellationToken);
        }
        else if (channel.Ending is not (null or AbortPdu))
        {
            throw new DicomNetworkException("A PDU that is not expected now.", 2, 2);
        }
    }

    private async ValueTask<DimseResponse> HandleAsync(DimseService service, DimseRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await service.HandleAsync(request, cancellationToken);
        }
#pragma warning disable CA1031 // Whatever a service throws must become an answer on the wire, never the end of the server.
        catch (Exception exception) when (exception is not (DicomNetworkException or OperationCanceledException or IOException or ConnectionResetException or ConnectionAbortedException))
#pragma warning restore CA1031
        {
            Log.ServiceFailed(logger, exception, request.Command.CommandField);
            return new DimseResponse(0x0110, "Processing failure");
        }
    }

    private AssociateReject? Reject(AssociateRequest request, int open)
    {
        // Result, source and reason by PS3.8 table 9-21.
        if ((request.ProtocolVersion & 1) == 0)
        {
            return new AssociateReject(1, 2, 2);
        }

        if (open > options.MaxAssociations)
        {
            return new AssociateReject(2, 3, 2);
        }

        if (request.ApplicationContext != ApplicationContext)
        {
            return new AssociateReject(1, 1, 2);
        }

        if (!options.AcceptAnyCalledAeTitle && request.Called != options.AeTitle.Value)
        {
            return new AssociateReject(1, 1, 7);
        }

        return options.KnownCallers is { } known && !known.Any(title => title.Value == request.Calling) ? new AssociateReject(1, 1, 3) : null;
    }

    private ContextAnswer Answer(ProposedContext proposed, Dictionary<byte, (DimseService Service, TransferSyntax? Syntax)> contexts)
    {
        DicomUid sopClass = new(proposed.AbstractSyntax);
        string fallback = proposed.TransferSyntaxes.Count > 0 ? proposed.TransferSyntaxes[0] : "1.2.840.10008.1.2";
        if (Array.Find(_services, service => service.Supports(sopClass)) is not { } found)
        {
            return new ContextAnswer(proposed.Id, 3, fallback);
        }

        if (proposed.TransferSyntaxes.FirstOrDefault(syntax => found.Supports(sopClass, new DicomUid(syntax))) is not { } chosen)
        {
            return new ContextAnswer(proposed.Id, 4, fallback);
        }

        contexts[proposed.Id] = (found, TransferSyntax.Find(new DicomUid(chosen)));
        return new ContextAnswer(proposed.Id, 0, chosen);
    }

    // One operation at a time: the window is answered 1/1. We are SCP only, so a role as SCP of the peer is not granted.
    private UserInformation Ours(UserInformation theirs) => new()
    {
        MaxPduLength = options.MaxPduLength,
        ImplementationClassUid = Implementation.ClassUid.Value,
        ImplementationVersionName = Implementation.VersionName,
        AsyncOperationsWindow = theirs.AsyncOperationsWindow is null ? null : ((ushort)1, (ushort)1),
        Roles = [.. theirs.Roles.Select(role => role with { Scp = false })],
    };

    private static async ValueTask AbortAsync(PduChannel channel, AbortPdu? abort, CancellationToken cancellationToken)
    {
        try
        {
            await channel.WriteAsync(abort ?? new AbortPdu(2, 0), cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException or ConnectionAbortedException or ConnectionResetException)
        {
            // The connection is gone: there is nobody to tell.
        }
    }

    // Linux forgets TCP_QUICKACK (option 12 of IPPROTO_TCP) after a while, so it is set again after each read.
    private static void AcknowledgeAtOnce(Socket? socket)
    {
        if (socket is null || !OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            socket.SetRawSocketOption(6, 12, [1, 0, 0, 0]);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Only a matter of speed.
        }
    }
}
