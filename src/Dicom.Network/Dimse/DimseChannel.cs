using System.Buffers;
using System.Buffers.Binary;

namespace MedicalAi.Dicom.Network;

/// <summary>One presentation data value (PS3.8 9.3.5.1).</summary>
internal readonly record struct Pdv(byte Context, bool IsCommand, bool IsLast, ReadOnlySequence<byte> Data);

/// <summary>
/// DIMSE messages (PS3.7 section 6.3) on an association. One may read while others send; a message is sent whole before the next one.
/// </summary>
internal sealed class DimseChannel(Association association) : IDisposable
{
    /// <summary>The longest command set that is taken; those of the standard are a few hundred bytes.</summary>
    public const int MaxCommandLength = 16 * 1024;

    private const int PdvHeader = 6;
    private readonly SemaphoreSlim _sending = new(1, 1);

    // Of the message that is being sent.
    private readonly byte[] _encoded = new byte[DimseCommand.MaxEncodedLength];
    private ReadOnlySequence<byte> _values;

    // Of the data set that is being read: how long we waited for it, in milliseconds, and its bytes.
    private long _waited;
    private long _received;

    /// <summary>
    /// The next command set with its presentation context. Null when something else than data ended the wait: the peer asked for release
    /// (<see cref="AssociationState.Sta8"/>) or answered ours, or a stop was requested.
    /// </summary>
    /// <exception cref="DicomNetworkException">The association failed.</exception>
    public async ValueTask<(byte Context, DimseCommand Command)?> ReadCommandAsync(CancellationToken cancellationToken)
    {
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

                (_waited, _received) = (0, 0);
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

    /// <summary>The next part of the data set of a message, valid until the next read.</summary>
    /// <exception cref="DicomNetworkException">The association failed.</exception>
    public async ValueTask<Pdv> ReadDataAsync(byte context, CancellationToken cancellationToken)
    {
        long start = Watchdog.Now;
        Pdv pdv = await ReadPdvAsync(stoppable: false, cancellationToken) ?? throw await AbandonedAsync(cancellationToken);
        _waited += Watchdog.Now - start;
        _received += pdv.Data.Length;
        if (_waited > association.Channel.Timeout.TotalMilliseconds && _received * 1000 / _waited < association.MinDataRate)
        {
            await association.AbortAsync(cancellationToken);
            throw new DicomNetworkException(NetworkFailure.TimedOut, $"A data set came with less than {association.MinDataRate} bytes a second.");
        }

        return pdv.IsCommand || pdv.Context != context
            ? throw await association.BreakAsync(6, "A presentation data value of another message came within a data set.", cancellationToken)
            : pdv;
    }

    /// <summary>Sends a message whose data set, if there is one, is in memory: in one segment where the peer's maximum length allows it.</summary>
    /// <exception cref="DicomNetworkException">The association failed.</exception>
    public async ValueTask SendAsync(byte context, DimseCommand command, ReadOnlyMemory<byte> dataSet, CancellationToken cancellationToken)
    {
        PduChannel channel = association.Channel;
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await channel.EnterWriteAsync(cancellationToken);
            try
            {
                BufferCommand(context, command);
                if (command.HasDataSet)
                {
                    channel.Buffer(context, isCommand: false, dataSet.Span);
                }

                await association.FlushDataAsync(cancellationToken);
            }
            finally
            {
                channel.ExitWrite();
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Sends a message with a data set as it is read, with a zero byte after an odd end; memory is one fragment.</summary>
    /// <exception cref="DicomNetworkException">The association failed.</exception>
    public async ValueTask SendAsync(byte context, DimseCommand command, Stream dataSet, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await SendPartsAsync(context, command, dataSet, cancellationToken);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _sending.Dispose();

    private void BufferCommand(byte context, DimseCommand command) =>
        association.Channel.Buffer(context, isCommand: true, _encoded.AsSpan(0, command.Encode(_encoded)));

    private async ValueTask SendPartsAsync(byte context, DimseCommand command, Stream dataSet, CancellationToken cancellationToken)
    {
        PduChannel channel = association.Channel;
        int room = channel.MaxFragment;

        // One byte is read ahead, to know which fragment is the last.
        byte ahead = 0;
        bool isFirst = true, last = false;
        while (!last)
        {
            await channel.EnterWriteAsync(cancellationToken);
            try
            {
                if (isFirst)
                {
                    // The command goes with the first bytes of its data set.
                    BufferCommand(context, command);
                }

                Memory<byte> memory = channel.GetMemory(PduChannel.DataOverhead + room + 1);
                Memory<byte> body = memory.Slice(PduChannel.DataOverhead, room + 1);
                int count = 0;
                if (!isFirst)
                {
                    body.Span[0] = ahead;
                    count = 1;
                }

                isFirst = false;
                count += await dataSet.ReadAtLeastAsync(body[count..], room + 1 - count, throwOnEndOfStream: false, cancellationToken);
                last = count <= room;
                if (!last)
                {
                    ahead = body.Span[room];
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
            }
            finally
            {
                channel.ExitWrite();
            }
        }
    }

    // Null when something other than data ended the wait: a release or a requested stop.
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
