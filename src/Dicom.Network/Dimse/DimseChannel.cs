using System.Buffers;
using System.Buffers.Binary;

namespace MedicalAi.Dicom.Network;

/// <summary>One presentation data value (PS3.8 9.3.5.1).</summary>
internal readonly record struct Pdv(byte Context, bool IsCommand, bool IsLast, ReadOnlySequence<byte> Data);

/// <summary>DIMSE messages (PS3.7 section 6.3) on an association.</summary>
internal sealed class DimseChannel(Association association)
{
    /// <summary>The longest command set that is taken; those of the standard are a few hundred bytes.</summary>
    public const int MaxCommandLength = 16 * 1024;

    private const int PdvHeader = 6;
    private readonly byte[] _encoded = new byte[DimseCommand.MaxEncodedLength];
    private ReadOnlySequence<byte> _values;
    private (byte Context, DimseCommand Command)? _early;

    /// <summary>The association.</summary>
    public Association Association => association;

    /// <summary>
    /// The next command set with its presentation context. Null when the peer asked for release (<see cref="AssociationState.Sta8"/>)
    /// or a stop was requested.
    /// </summary>
    /// <exception cref="DicomNetworkException">The association failed.</exception>
    public async ValueTask<(byte Context, DimseCommand Command)?> ReadCommandAsync(CancellationToken cancellationToken)
    {
        if (_early is { } early)
        {
            _early = null;
            return early;
        }

        byte[]? collected = null;
        int count = 0;
        byte context = 0;
        try
        {
            while (await ReadPdvAsync(stoppable: count == 0, cancellationToken) is { } pdv)
            {
                if (!pdv.IsCommand || (count > 0 && pdv.Context != context) || count + pdv.Data.Length > MaxCommandLength)
                {
                    throw await association.BreakAsync(6, "A command set of at most 16 KiB was expected.", cancellationToken);
                }

                context = pdv.Context;
                DimseCommand? command;
                if (pdv.IsLast && count == 0 && pdv.Data.IsSingleSegment)
                {
                    command = DimseCommand.Decode(pdv.Data.FirstSpan);
                }
                else
                {
                    collected ??= ArrayPool<byte>.Shared.Rent(MaxCommandLength);
                    pdv.Data.CopyTo(collected.AsSpan(count));
                    count += (int)pdv.Data.Length;
                    if (!pdv.IsLast)
                    {
                        continue;
                    }

                    command = DimseCommand.Decode(collected.AsSpan(0, count));
                }

                return (context, command ?? throw await association.BreakAsync(6, "A command set came that cannot be read.", cancellationToken));
            }

            return count == 0 ? null : throw await AbandonedAsync(cancellationToken);
        }
        finally
        {
            if (collected is not null)
            {
                ArrayPool<byte>.Shared.Return(collected, clearArray: true);
            }
        }
    }

    /// <summary>
    /// Whether a C-CANCEL for the message has come (PS3.7 9.3.2.3); does not wait for one. Another command that has come is kept for
    /// the next <see cref="ReadCommandAsync"/>, and what follows it is not looked at.
    /// </summary>
    /// <exception cref="DicomNetworkException">The association failed, or the peer asked for release within the operation.</exception>
    public async ValueTask<bool> IsCancelledAsync(ushort messageId, CancellationToken cancellationToken)
    {
        while (_early is null && (!_values.IsEmpty || association.Channel.HasPdu()))
        {
            (byte Context, DimseCommand Command) message = await ReadCommandAsync(cancellationToken) ?? throw await AbandonedAsync(cancellationToken);
            if (message.Command.CommandField != DimseCommand.CCancelRequest)
            {
                _early = message;
            }
            else if (message.Command.MessageId == messageId)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The next part of the data set of a message, valid until the next read.</summary>
    /// <exception cref="DicomNetworkException">The association failed.</exception>
    public async ValueTask<Pdv> ReadDataAsync(byte context, CancellationToken cancellationToken)
    {
        Pdv pdv = await ReadPdvAsync(stoppable: false, cancellationToken) ?? throw await AbandonedAsync(cancellationToken);
        return pdv.IsCommand || pdv.Context != context
            ? throw await association.BreakAsync(6, "A presentation data value of another message came within a data set.", cancellationToken)
            : pdv;
    }

    /// <summary>Sends a command, in one segment where the peer's maximum length allows it.</summary>
    public ValueTask WriteCommandAsync(byte context, DimseCommand command, CancellationToken cancellationToken)
    {
        BufferCommand(context, command);
        return association.FlushDataAsync(cancellationToken);
    }

    /// <summary>Sends a command with a small data set.</summary>
    public ValueTask WriteMessageAsync(byte context, DimseCommand command, ReadOnlyMemory<byte> dataSet, CancellationToken cancellationToken)
    {
        BufferCommand(context, command);
        association.Channel.Buffer(context, isCommand: false, dataSet.Span);
        return association.FlushDataAsync(cancellationToken);
    }

    /// <summary>Puts a command into the send buffer, to go with the first bytes of its data set.</summary>
    public void BufferCommand(byte context, DimseCommand command) => association.Channel.Buffer(context, isCommand: true, _encoded.AsSpan(0, command.Encode(_encoded)));

    /// <summary>Sends a data set as it is read, with a zero byte after an odd end; memory is one fragment.</summary>
    public async ValueTask<long> WriteDataSetAsync(byte context, Stream dataSet, CancellationToken cancellationToken)
    {
        PduChannel channel = association.Channel;
        int room = channel.MaxFragment;
        long sent = 0;

        // One byte is read ahead, to know which fragment is the last.
        byte ahead = 0;
        bool hasAhead = false, last = false;
        while (!last)
        {
            Memory<byte> memory = channel.GetMemory(PduChannel.DataOverhead + room + 1);
            Memory<byte> body = memory.Slice(PduChannel.DataOverhead, room + 1);
            int count = 0;
            if (hasAhead)
            {
                body.Span[0] = ahead;
                count = 1;
            }

            count += await dataSet.ReadAtLeastAsync(body[count..], room + 1 - count, throwOnEndOfStream: false, cancellationToken);
            last = count <= room;
            if (!last)
            {
                ahead = body.Span[room];
                hasAhead = true;
                count = room;
            }
            else if ((count & 1) != 0)
            {
                // Fragments are of even length; room is even, so the byte fits.
                body.Span[count++] = 0;
            }

            PduEncoder.DataHeader(memory.Span, context, command: false, last, count);
            channel.Advance(PduChannel.DataOverhead + count);
            await association.FlushDataAsync(cancellationToken);
            sent += count;

            // A peer that speaks before we end has aborted, or answers early: what it says is kept for the read that follows.
            if (!last && _values.IsEmpty && channel.HasInput)
            {
                if (await association.ReceiveAsync(stoppable: false, cancellationToken) is not DataTransfer early)
                {
                    throw await AbandonedAsync(cancellationToken);
                }

                _values = early.Body;
            }
        }

        return sent;
    }

    // Null when something other than data ended the wait: a release request or a requested stop.
    private async ValueTask<Pdv?> ReadPdvAsync(bool stoppable, CancellationToken cancellationToken)
    {
        while (_values.IsEmpty)
        {
            if (await association.ReceiveAsync(stoppable, cancellationToken) is not DataTransfer data)
            {
                return null;
            }

            _values = data.Body;
        }

        return TakePdv() ?? throw await association.BreakAsync(6, "A presentation data value came that is shorter or longer than its PDU allows.", cancellationToken);
    }

    private Pdv? TakePdv()
    {
        Span<byte> header = stackalloc byte[PdvHeader];
        if (_values.Length < PdvHeader)
        {
            return null;
        }

        _values.Slice(0, PdvHeader).CopyTo(header);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(header);
        if (length < 2 || length > _values.Length - 4)
        {
            return null;
        }

        ReadOnlySequence<byte> value = _values.Slice(PdvHeader, length - 2);
        _values = _values.Slice(4 + length);
        return new Pdv(header[4], (header[5] & 1) != 0, (header[5] & 2) != 0, value);
    }

    private async ValueTask<DicomNetworkException> AbandonedAsync(CancellationToken cancellationToken)
    {
        await association.AbortAsync(cancellationToken);
        return new DicomNetworkException(NetworkFailure.ProtocolError, "The peer asked for release within a message.");
    }
}
