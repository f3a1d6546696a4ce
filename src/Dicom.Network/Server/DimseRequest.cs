using System.Buffers;

namespace MedicalAi.Dicom.Network;

/// <summary>A request on an association, whose data set streams in as it is read: what is not read stays with the sender.</summary>
public sealed class DimseRequest
{
    private readonly DimseChannel _channel;
    private readonly byte _context;
    private bool _ended;

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

    internal async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        while (await ReadDataSetAsync(cancellationToken) is not null)
        {
        }
    }
}
