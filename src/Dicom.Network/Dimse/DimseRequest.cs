using System.Buffers;

namespace MedicalAi.Dicom.Network;

/// <summary>A request of a peer, whose data set streams in as it is read: what is not read stays with the sender.</summary>
public sealed class DimseRequest
{
    private readonly TaskCompletionSource? _dataSetEnded;
    private TaskCompletionSource? _answered;
    private bool _isLast;
    private volatile bool _isCancelled;

    internal DimseRequest(DimseAssociation association, ServedContext context, DimseCommand command, bool isAwaitedByReader)
    {
        Association = association;
        Context = context;
        Command = command;
        _isLast = !command.HasDataSet;
        _dataSetEnded = isAwaitedByReader && command.HasDataSet ? new(TaskCreationOptions.RunContinuationsAsynchronously) : null;
    }

    /// <summary>
    /// The association on which it came. Before something is invoked on it the data set of this request must have been read: what the
    /// peer answers stands behind it.
    /// </summary>
    public DimseAssociation Association { get; }

    /// <summary>The command.</summary>
    public DimseCommand Command { get; }

    /// <summary>The SOP class of the presentation context.</summary>
    public DicomUid AbstractSyntax => Context.Negotiated.AbstractSyntax;

    /// <summary>The transfer syntax of the presentation context.</summary>
    public TransferSyntax TransferSyntax => Context.Negotiated.TransferSyntax!;

    /// <summary>What was agreed to for the SOP class by extended negotiation (PS3.7 D.3.3.5); empty when nothing was.</summary>
    public ReadOnlyMemory<byte> ExtendedNegotiation => Context.Negotiated.ExtendedNegotiation;

    /// <summary>Our roles in the SOP class: without <see cref="AssociationRoles.Scp"/> the peer may only notify us of something.</summary>
    public AssociationRoles Roles => Context.Negotiated.Roles;

    /// <summary>
    /// Ends when the last response has been handed to the connection, or the association has failed: before that nothing that follows from
    /// the operation may be told to the peer. To be asked for while the request is handled.
    /// </summary>
    public Task Answered => (_answered ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Who asks.</summary>
    public AssociationPeer Peer => Association.Peer;

    /// <summary>Whether the peer wants the operation to end: by C-CANCEL, which is then answered with <see cref="DimseStatus.Cancel"/>, or by a release request.</summary>
    public bool IsCancelled => _isCancelled;

    internal ServedContext Context { get; }

    /// <summary>Ends when the data set has been read, or will not be read: then the next message can be read beside the operation.</summary>
    internal Task DataSetEnded => _dataSetEnded?.Task ?? Task.CompletedTask;

    /// <summary>The next bytes of the data set, valid until the next call; null at its end.</summary>
    /// <exception cref="DicomNetworkException">The peer broke the protocol or went away.</exception>
    public async ValueTask<ReadOnlySequence<byte>?> ReadDataSetAsync(CancellationToken cancellationToken)
    {
        if (_isLast)
        {
            // Only now: until this call the last part was in use.
            _dataSetEnded?.TrySetResult();
            return null;
        }

        try
        {
            Pdv pdv = await Association.Messages.ReadDataAsync(Context.Negotiated.Id, cancellationToken);
            _isLast = pdv.IsLast;
            return pdv.Data;
        }
        catch
        {
            _isLast = true;
            _dataSetEnded?.TrySetResult();
            throw;
        }
    }

    /// <summary>Reads a data set that is small by its nature, as identifiers are.</summary>
    /// <param name="maximumLength">The most bytes that are taken.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The data set; an error when it cannot be read to its end, or is longer (<see cref="DicomErrorKind.TooLarge"/>).</returns>
    /// <exception cref="DicomNetworkException">The peer broke the protocol or went away.</exception>
    public async ValueTask<ParseResult<DicomDataSet>> ReadDataSetAsync(int maximumLength, CancellationToken cancellationToken)
    {
        ArrayBufferWriter<byte> bytes = new();
        while (await ReadDataSetAsync(cancellationToken) is { } part)
        {
            if (bytes.WrittenCount + part.Length > maximumLength)
            {
                return new DicomError(DicomErrorKind.TooLarge, $"The data set is longer than {maximumLength} bytes.");
            }

            foreach (ReadOnlyMemory<byte> segment in part)
            {
                bytes.Write(segment.Span);
            }
        }

        return DicomDataSet.Parse(bytes.WrittenMemory, TransferSyntax);
    }

    /// <summary>Sends a response that others follow, as C-FIND has one for each match. What is left of the request's data set is dropped.</summary>
    /// <param name="identifier">The data set of the response, encoded in <see cref="TransferSyntax"/>; it must have all values in memory.</param>
    /// <param name="status">A status for which <see cref="DimseStatus.IsPending"/> holds.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentOutOfRangeException">The status is not a pending one.</exception>
    /// <exception cref="DicomNetworkException">The peer broke the protocol or went away.</exception>
    public ValueTask SendPendingAsync(DicomDataSet identifier, ushort status, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(identifier);
        return SendPendingAsync(new DimseResponse(status) { DataSet = identifier }, cancellationToken);
    }

    /// <summary>Sends a response that others follow, as C-MOVE and C-GET tell how far they are.</summary>
    /// <inheritdoc cref="SendPendingAsync(DicomDataSet, ushort, CancellationToken)"/>
    public async ValueTask SendPendingAsync(DimseResponse response, CancellationToken cancellationToken)
    {
        if (!DimseStatus.IsPending(response.Status))
        {
            throw new ArgumentOutOfRangeException(nameof(response), "The status of a response that others follow is a pending one.");
        }

        await DrainAsync(cancellationToken);
        await SendAsync(response, cancellationToken);
    }

    internal void Cancel() => _isCancelled = true;

    internal void End()
    {
        // Who gave up before the data set was read must not keep the others from reading.
        _dataSetEnded?.TrySetResult();
        _answered?.TrySetResult();
    }

    internal ValueTask SendAsync(DimseResponse response, CancellationToken cancellationToken)
    {
        DimseCommand command = new()
        {
            CommandField = (ushort)(Command.CommandField | 0x8000),
            MessageId = Command.MessageId,
            SopClass = Command.SopClass,
            SopInstance = response.SopInstance ?? Command.SopInstance,
            HasDataSet = response.DataSet is not null,
            Status = response.Status,
            ErrorComment = response.ErrorComment,
            ErrorId = response.ErrorId,
            OffendingElements = response.OffendingElement is { } offending ? [offending] : [],
            SubOperations = response.SubOperations,
            EventType = Command.EventType,
            ActionType = Command.ActionType,
        };
        ReadOnlyMemory<byte> dataSet = response.DataSet is { } answer ? DicomDataSetWriter.ToBytes(answer, TransferSyntax) : default;
        return Association.Messages.SendAsync(Context.Negotiated.Id, command, dataSet, cancellationToken);
    }

    internal async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        while (await ReadDataSetAsync(cancellationToken) is not null)
        {
        }
    }
}
