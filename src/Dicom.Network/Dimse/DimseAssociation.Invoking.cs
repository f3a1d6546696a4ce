using System.Buffers;

namespace MedicalAi.Dicom.Network;

/// <content>Operations that we invoke.</content>
public abstract partial class DimseAssociation
{
    // Identifiers and attribute lists are a few hundred bytes, but for the instances that failed of a large retrieve; what is longer is no answer to us.
    private const int MaxResponseLength = 16 * 1024 * 1024;

    // What is stored or told is answered by a status. Any peer may ask for a C-GET, so that its answers to it must not fill the memory.
    private const int MaxStatusLength = 64 * 1024;

    // Under the gate, by message ID.
    private readonly Dictionary<ushort, InvokedOperation> _invoked = [];
    private SemaphoreSlim _invokeWindow = new(1);
    private ushort _messageId;
    private bool _hasEnded;

    /// <summary>Invokes an operation that has one response, of the normalized services for example.</summary>
    /// <param name="context">An accepted context of <see cref="Contexts"/>.</param>
    /// <param name="command">The command; its message ID and data set type are set here.</param>
    /// <param name="dataSet">The data set of the request; null when it has none.</param>
    /// <param name="cancellationToken">Gives up, and the association with it.</param>
    /// <exception cref="DicomNetworkException">The association failed, or has ended.</exception>
    public ValueTask<DimseResponse> InvokeAsync(NegotiatedContext context, DimseCommand command, DicomDataSet? dataSet, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(command);
        ReadOnlyMemory<byte> bytes = dataSet is null ? default : DicomDataSetWriter.ToBytes(dataSet, RequireSyntax(context));
        return InvokeWithAsync(context, command with { HasDataSet = dataSet is not null }, (id, request, token) => Messages.SendAsync(id, request, bytes, token), cancellationToken);
    }

    /// <summary>An accepted context of a SOP class in which we have a role.</summary>
    /// <exception cref="DicomNetworkException">There is none; the association goes on.</exception>
    internal NegotiatedContext RequireContext(DicomUid sopClass, AssociationRoles role = AssociationRoles.Scu) =>
        Contexts.FirstOrDefault(candidate => candidate.AbstractSyntax == sopClass && candidate.IsAccepted && candidate.Roles.HasFlag(role))
        ?? throw new DicomNetworkException(NetworkFailure.NotNegotiated, $"The peer did not accept {UidRegistry.Find(sopClass)?.Name ?? sopClass.Value}.");

    private async ValueTask<DimseResponse> InvokeWithAsync(NegotiatedContext context, DimseCommand command, Func<byte, DimseCommand, CancellationToken, ValueTask> send, CancellationToken cancellationToken)
    {
        try
        {
            InvokedOperation operation = await BeginAsync(context, command, send, cancellationToken);
            return Read(context, await operation.NextAsync(cancellationToken));
        }
        catch (DicomNetworkException exception)
        {
            throw await EndAsync(exception);
        }
        catch
        {
            // What ends half way leaves the association in the middle of a message.
            await EndAsync(new DicomNetworkException(NetworkFailure.ConnectionLost, "We gave the association up."));
            throw;
        }
    }

    // Sends a request; its responses come to the operation.
    private async ValueTask<InvokedOperation> BeginAsync(NegotiatedContext context, DimseCommand command, Func<byte, DimseCommand, CancellationToken, ValueTask> send, CancellationToken cancellationToken)
    {
        RequireSyntax(context);
        await _invokeWindow.WaitAsync(cancellationToken);
        InvokedOperation operation = new(context, command.CommandField);
        lock (_gate)
        {
            if (_hasEnded || !IsEstablished)
            {
                // Whoever waits for the window after us learns it too.
                _invokeWindow.Release();
                throw Upper.Failure ?? new DicomNetworkException(NetworkFailure.ConnectionLost, "The association has ended.");
            }

            do
            {
                _messageId++;
            }
            while (_messageId == 0 || _invoked.ContainsKey(_messageId));

            operation.MessageId = _messageId;
            _invoked.Add(_messageId, operation);
        }

        await send(context.Id, command with { MessageId = operation.MessageId }, cancellationToken);
        lock (_gate)
        {
            // Its silence counts from now.
            Await();
        }

        return operation;
    }

    private async ValueTask TakeResponseAsync(byte contextId, DimseCommand command, CancellationToken cancellationToken)
    {
        InvokedOperation? operation;
        bool isLast = !DimseStatus.IsPending(command.Status);
        lock (_gate)
        {
            _invoked.TryGetValue(command.MessageId, out operation);
        }

        if (operation is null || command.CommandField != (operation.CommandField | 0x8000) || contextId != operation.Context.Id)
        {
            throw await Upper.BreakAsync(2, "A message came that is not the response to our request.", CancellationToken.None);
        }

        ReadOnlyMemory<byte> dataSet = command.HasDataSet ? await ReadResponseDataAsync(operation, cancellationToken) : default;
        if (isLast)
        {
            lock (_gate)
            {
                _invoked.Remove(command.MessageId);
                Await();
            }

            _invokeWindow.Release();
        }

        await operation.AddAsync(new ReceivedResponse(command, dataSet), cancellationToken);
        if (isLast)
        {
            operation.End();
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadResponseDataAsync(InvokedOperation operation, CancellationToken cancellationToken)
    {
        int most = operation.CommandField is DimseCommand.CStoreRequest or DimseCommand.CEchoRequest or DimseCommand.NEventReportRequest ? MaxStatusLength : MaxResponseLength;
        ArrayBufferWriter<byte> bytes = new();
        bool isLast = false;
        while (!isLast)
        {
            Pdv part = await Messages.ReadDataAsync(operation.Context.Id, cancellationToken);
            isLast = part.IsLast;
            if (bytes.WrittenCount + part.Data.Length > most)
            {
                throw await Upper.BreakAsync(6, $"The data set of a response is longer than {most / 1024} KiB.", CancellationToken.None);
            }

            foreach (ReadOnlyMemory<byte> segment in part.Data)
            {
                bytes.Write(segment.Span);
            }
        }

        return bytes.WrittenMemory;
    }

    // The association has ended: whoever waits for an answer learns why.
    private void EndInvoked()
    {
        InvokedOperation[] waiting;
        lock (_gate)
        {
            _hasEnded = true;
            waiting = [.. _invoked.Values];
            _invoked.Clear();
        }

        DicomNetworkException failure = Upper.Failure ?? new DicomNetworkException(NetworkFailure.ConnectionLost, "The peer ended the association instead of answering.");
        foreach (InvokedOperation operation in waiting)
        {
            operation.End(failure);
        }

        _invokeWindow.Release();
        _ended.TrySetResult();
    }

    /// <summary>Ends the association because an operation failed, and gives the failure that is told.</summary>
    private protected abstract ValueTask<DicomNetworkException> EndAsync(DicomNetworkException failure);

    private static TransferSyntax RequireSyntax(NegotiatedContext context) =>
        context.TransferSyntax ?? throw new DicomNetworkException(NetworkFailure.NotNegotiated, $"The peer did not accept {UidRegistry.Find(context.AbstractSyntax)?.Name ?? context.AbstractSyntax.Value}.");

    private static DimseResponse Read(NegotiatedContext context, ReceivedResponse response)
    {
        DimseCommand command = response.Command;
        return new DimseResponse(command.Status, command.ErrorComment, command.OffendingElements.Count > 0 ? command.OffendingElements[0] : null)
        {
            // One that cannot be read is passed over: the status stands.
            DataSet = response.DataSet.IsEmpty ? null : DicomDataSet.Parse(response.DataSet, context.TransferSyntax!) is { Ok: true } parsed ? parsed.Value : null,
            ErrorId = command.ErrorId,
            SubOperations = command.SubOperations,
            SopInstance = command.SopInstance,
        };
    }
}
