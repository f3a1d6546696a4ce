using System.Buffers;

namespace MedicalAi.Dicom.Network;

/// <summary>A request on an association, whose data set streams in as it is read: what is not read stays with the sender.</summary>
public sealed class DimseRequest
{
    private readonly PduChannel _channel;
    private readonly byte _context;
    private bool _ended;

    internal DimseRequest(PduChannel channel, byte context, DimseCommand command, TransferSyntax? transferSyntax, string callingAe, string calledAe, string? remoteAddress)
    {
        _channel = channel;
        _context = context;
        _ended = !command.HasDataSet;
        Command = command;
        TransferSyntax = transferSyntax;
        CallingAe = callingAe;
        CalledAe = calledAe;
        RemoteAddress = remoteAddress;
    }

    /// <summary>The command.</summary>
    public DimseCommand Command { get; }

    /// <summary>The transfer syntax of the presentation context.</summary>
    public TransferSyntax? TransferSyntax { get; }

    /// <summary>The calling AE title.</summary>
    public string CallingAe { get; }

    /// <summary>The called AE title.</summary>
    public string CalledAe { get; }

    /// <summary>The address of the sender, without port.</summary>
    public string? RemoteAddress { get; }

    /// <summary>The next bytes of the data set, valid until the next call; null at its end.</summary>
    /// <exception cref="DicomNetworkException">The peer broke the protocol or went away.</exception>
    public async ValueTask<ReadOnlySequence<byte>?> ReadDataSetAsync(CancellationToken cancellationToken)
    {
        if (_ended)
        {
            return null;
        }

        Pdv pdv = await _channel.ReadPdvAsync(cancellationToken) ?? throw new DicomNetworkException("The peer ended the association within a data set.");
        if (pdv.IsCommand || pdv.Context != _context)
        {
            throw new DicomNetworkException("A presentation data value of another message stands within a data set.", 2, 6);
        }

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
