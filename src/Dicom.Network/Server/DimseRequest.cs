using System.Buffers;

namespace MedicalAi.Dicom.Network;

/// <summary>A request on an association, whose data set streams in as it is read: what is not read stays with the sender.</summary>
public sealed class DimseRequest
{
    private readonly DimseChannel _channel;
    private readonly byte _context;
    private bool _ended;
    private bool _isCancelled;

    internal DimseRequest(DimseChannel channel, byte context, DimseCommand command, DicomUid abstractSyntax, TransferSyntax transferSyntax, AssociationPeer peer)
    {
        _channel = channel;
        _context = context;
        _ended = !command.HasDataSet;
        Command = command;
        AbstractSyntax = abstractSyntax;
        TransferSyntax = transferSyntax;
        Peer = peer;
    }

    /// <summary>The command.</summary>
    public DimseCommand Command { get; }

    /// <summary>The SOP class of the presentation context.</summary>
    public DicomUid AbstractSyntax { get; }

    /// <summary>The transfer syntax of the presentation context.</summary>
    public TransferSyntax TransferSyntax { get; }

    /// <summary>Who asks.</summary>
    public AssociationPeer Peer { get; }

    /// <summary>The next bytes of the data set, valid until the next call; null at its end.</summary>
    /// <exception cref="DicomNetworkException">The peer broke the protocol or went away.</exception>
    public async ValueTask<ReadOnlySequence<byte>?> ReadDataSetAsync(CancellationToken cancellationToken)
    {
        if (_ended)
        {
            return null;
        }

        Pdv pdv = await _channel.ReadDataAsync(_context, cancellationToken);
        _ended = pdv.IsLast;
        return pdv.Data;
    }

    /// <summary>Sends a response that others follow, as C-FIND has one for each match. What is left of the request's data set is dropped.</summary>
    /// <param name="identifier">The data set of the response; it is encoded in <see cref="TransferSyntax"/> and must have all values in memory.</param>
    /// <param name="status">A status for which <see cref="DimseStatus.IsPending"/> holds.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentOutOfRangeException">The status is not a pending one.</exception>
    /// <exception cref="DicomNetworkException">The peer broke the protocol or went away.</exception>
    public async ValueTask SendPendingAsync(DicomDataSet identifier, ushort status, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(identifier);
        if (!DimseStatus.IsPending(status))
        {
            throw new ArgumentOutOfRangeException(nameof(status), "The status of a response that others follow is a pending one.");
        }

        await DrainAsync(cancellationToken);
        DimseCommand response = new()
        {
            CommandField = (ushort)(Command.CommandField | 0x8000),
            MessageId = Command.MessageId,
            SopClass = Command.SopClass,
            HasDataSet = true,
            Status = status,
        };
        await _channel.WriteMessageAsync(_context, response, DicomDataSetWriter.ToBytes(identifier, TransferSyntax), cancellationToken);
    }

    /// <summary>
    /// Whether the peer has asked by C-CANCEL to end this operation; the answer is then <see cref="DimseStatus.Cancel"/>. Does not wait
    /// for the peer. What is left of the request's data set is dropped.
    /// </summary>
    /// <exception cref="DicomNetworkException">The peer broke the protocol or went away.</exception>
    public async ValueTask<bool> IsCancelledAsync(CancellationToken cancellationToken)
    {
        await DrainAsync(cancellationToken);
        _isCancelled |= await _channel.IsCancelledAsync(Command.MessageId, cancellationToken);
        return _isCancelled;
    }

    internal async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        while (await ReadDataSetAsync(cancellationToken) is not null)
        {
        }
    }
}
