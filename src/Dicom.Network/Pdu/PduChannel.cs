using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace MedicalAi.Dicom.Network;

/// <summary>One presentation data value (PS3.8 9.3.5.1).</summary>
internal readonly record struct Pdv(byte Context, bool IsCommand, bool IsLast, ReadOnlySequence<byte> Data);

/// <summary>Reads and writes PDUs on a connection. Pull only: what is not asked for stays in the sender's window.</summary>
internal sealed class PduChannel(PipeReader input, PipeWriter output, uint maxPduLength, Action afterRead)
{
    private const int MaxCommandLength = 64 * 1024;
    private SequencePosition? _consumed;
    private ReadOnlySequence<byte> _values;

    /// <summary>How long the peer may be silent.</summary>
    public TimeSpan Timeout { get; set; }

    /// <summary>The PDU other than data that ended <see cref="ReadPdvAsync"/>.</summary>
    public Pdu? Ending { get; private set; }

    /// <summary>The next PDU; null when the peer closed the connection.</summary>
    public async ValueTask<Pdu?> ReadAsync(CancellationToken cancellationToken)
    {
        if (_consumed is { } position)
        {
            input.AdvanceTo(position);
            _consumed = null;
        }

        using CancellationTokenSource silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(Timeout);
        while (true)
        {
            ReadResult result;
            try
            {
                result = await input.ReadAsync(silence.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new DicomNetworkException("The peer was silent for too long.", 2, 0);
            }

            afterRead();
            ReadOnlySequence<byte> buffer = result.Buffer;
            PduStatus status = PduDecoder.TryDecode(ref buffer, maxPduLength, out Pdu? pdu);
            switch (status)
            {
                case PduStatus.Ok:
                    _consumed = buffer.Start;
                    return pdu;
                case PduStatus.UnrecognizedPdu:
                    throw new DicomNetworkException("A PDU of unknown type.", 2, 1);
                case PduStatus.InvalidParameter:
                    throw new DicomNetworkException("A PDU with an invalid parameter.", 2, 6);
                default:
                    input.AdvanceTo(buffer.Start, buffer.End);
                    break;
            }

            if (result.IsCompleted)
            {
                return null;
            }
        }
    }

    /// <summary>The next presentation data value; null when another PDU (<see cref="Ending"/>) or the end came instead.</summary>
    public async ValueTask<Pdv?> ReadPdvAsync(CancellationToken cancellationToken)
    {
        while (_values.IsEmpty)
        {
            Pdu? pdu = await ReadAsync(cancellationToken);
            if (pdu is not DataTransfer data)
            {
                Ending = pdu;
                return null;
            }

            _values = data.Body;
        }

        uint length = 0;
        byte context = 0, flags = 0;
        if (_values.Length >= 6)
        {
            Header(out length, out context, out flags);
        }

        if (length < 2 || length > _values.Length - 4)
        {
            throw new DicomNetworkException("A presentation data value longer than its PDU.", 2, 6);
        }

        ReadOnlySequence<byte> value = _values.Slice(6, length - 2);
        _values = _values.Slice(4 + length);
        return new Pdv(context, (flags & 1) != 0, (flags & 2) != 0, value);
    }

    /// <summary>The next command set with its presentation context; null when the association ends.</summary>
    public async ValueTask<(byte Context, DimseCommand Command)?> ReadCommandAsync(CancellationToken cancellationToken)
    {
        List<byte> bytes = [];
        byte context = 0;
        while (await ReadPdvAsync(cancellationToken) is { } pdv)
        {
            if (!pdv.IsCommand || (bytes.Count > 0 && pdv.Context != context) || bytes.Count + pdv.Data.Length > MaxCommandLength)
            {
                throw new DicomNetworkException("A command set was expected.", 2, 6);
            }

            context = pdv.Context;
            bytes.AddRange(pdv.Data.ToArray());
            if (pdv.IsLast)
            {
                return (context, DimseCommand.Decode([.. bytes]) ?? throw new DicomNetworkException("A command set that cannot be read.", 2, 6));
            }
        }

        return null;
    }

    /// <summary>Sends a PDU in one segment.</summary>
    public async ValueTask WriteAsync(Pdu pdu, CancellationToken cancellationToken) => await output.WriteAsync(PduEncoder.Encode(pdu), cancellationToken);

    /// <summary>Sends a command in one segment; the peer's least PDU length of any sense holds it.</summary>
    public async ValueTask WriteCommandAsync(byte context, DimseCommand command, CancellationToken cancellationToken) =>
        await WriteDataAsync(context, isCommand: true, last: true, command.Encode(), cancellationToken);

    /// <summary>Sends one presentation data value.</summary>
    public async ValueTask WriteDataAsync(byte context, bool isCommand, bool last, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        Memory<byte> target = output.GetMemory(12 + data.Length);
        PduEncoder.DataHeader(target.Span, context, isCommand, last, data.Length);
        data.CopyTo(target[12..]);
        output.Advance(12 + data.Length);
        await output.FlushAsync(cancellationToken);
    }

    private void Header(out uint length, out byte context, out byte flags)
    {
        Span<byte> header = stackalloc byte[6];
        _values.Slice(0, 6).CopyTo(header);
        length = BinaryPrimitives.ReadUInt32BigEndian(header);
        context = header[4];
        flags = header[5];
    }
}
