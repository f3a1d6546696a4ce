using System.Buffers;
using System.IO.Pipelines;

namespace MedicalAi.Dicom.Network;

/// <summary>
/// Reads and writes PDUs on a connection. Pull only: what is not asked for stays in the sender's window. One read at a time, and
/// beside it one write at a time: who writes holds <see cref="EnterWriteAsync"/>.
/// </summary>
internal sealed class PduChannel : IDisposable
{
    /// <summary>Bytes of a P-DATA-TF PDU before the value of its one presentation data value.</summary>
    public const int DataOverhead = 12;

    /// <summary>The longest P-DATA-TF that we send to a peer that sets no limit.</summary>
    public const int LongestSent = 256 * 1024;

    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly uint _maxReceived;
    private readonly int _longestSent;
    private readonly Action? _beforeWait;
    private readonly Watchdog _readWatchdog = new();
    private readonly Watchdog _writeWatchdog = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Lock _gate = new();
    private readonly Action _cancelRead;
    private readonly Action _cancelFlush;
    private SequencePosition? _consumed;
    private volatile bool _stopRequested;
    private volatile bool _interrupted;
    private volatile bool _isFlushing;

    // All under the gate, so that a read that waits follows when the peer comes to owe us something.
    private bool _isAwaited = true;
    private bool _mayStop = true;
    private bool _isWaiting;
    private bool _isWithinMessage;
    private long _deadline = long.MaxValue;

    /// <summary>Takes a connection.</summary>
    /// <param name="input">What the peer sends.</param>
    /// <param name="output">What it gets.</param>
    /// <param name="maxReceived">The longest P-DATA-TF that it may send, without the header.</param>
    /// <param name="beforeWait">Called before each wait for the peer.</param>
    /// <param name="longestSent">The longest P-DATA-TF to send to a peer that takes any: a PDU is written as one block of memory.</param>
    public PduChannel(PipeReader input, PipeWriter output, uint maxReceived, Action? beforeWait = null, int longestSent = LongestSent)
    {
        _longestSent = longestSent;
        MaxFragment = (longestSent - 6) & ~1;
        _input = input;
        _output = output;
        _maxReceived = maxReceived;
        _beforeWait = beforeWait;
        _cancelRead = input.CancelPendingRead;
        _cancelFlush = output.CancelPendingFlush;
    }

    /// <summary>How long the peer may take to send a PDU, or to take one.</summary>
    public TimeSpan Timeout { get; set; }

    /// <summary>How many bytes of a data set or command fit in one P-DATA-TF to this peer: even, at least 2.</summary>
    public int MaxFragment { get; private set; }

    /// <summary>Whether <see cref="RequestStop"/> was called.</summary>
    public bool StopRequested => _stopRequested;

    /// <summary>Takes over the peer's maximum length (PS3.8 D.1.1), where 0 means none; false when nothing fits in it.</summary>
    public bool LimitSent(uint maxLength)
    {
        // Six bytes go to the header of the presentation data value; fragments are of even length.
        MaxFragment = (int)((maxLength == 0 ? _longestSent : Math.Min(maxLength, _longestSent)) - 6) & ~1;
        return maxLength == 0 || maxLength >= 8;
    }

    /// <summary>Wakes a read that waits for the first byte of a PDU, now or later; from any thread.</summary>
    public void RequestStop()
    {
        _stopRequested = true;
        _input.CancelPendingRead();
    }

    /// <summary>Gives the connection up: a read or write that waits ends, now or later; from any thread.</summary>
    public void Interrupt()
    {
        _interrupted = true;
        _input.CancelPendingRead();
        if (_isFlushing)
        {
            _output.CancelPendingFlush();
        }
    }

    /// <summary>
    /// Says whether it is the peer's turn, so that its silence counts from now; else a read waits as long as nothing comes. A PDU that
    /// has begun is always awaited, and so is the rest of a message. From any thread.
    /// </summary>
    /// <param name="isAwaited">Whether the peer has to send something.</param>
    /// <param name="mayStop">Whether <see cref="RequestStop"/> may end a wait: no operation is under way.</param>
    public void SetAwaited(bool isAwaited, bool mayStop)
    {
        lock (_gate)
        {
            _isAwaited = isAwaited;
            _mayStop = mayStop;
            if (_isWithinMessage)
            {
                return;
            }

            _deadline = isAwaited ? NextDeadline() : long.MaxValue;
            if (_isWaiting)
            {
                _readWatchdog.Arm(_deadline, _cancelRead);
            }
        }

        if (mayStop && _stopRequested)
        {
            _input.CancelPendingRead();
        }
    }

    /// <summary>The next PDU. The bytes of a P-DATA-TF are valid until the next read.</summary>
    /// <param name="stoppable">Whether this is between two messages: <see cref="RequestStop"/> ends the wait, unless an operation is under way.</param>
    /// <param name="cancellationToken">Ends the wait with an exception.</param>
    public async ValueTask<PduRead> ReadAsync(bool stoppable, CancellationToken cancellationToken)
    {
        ReleaseConsumed();
        lock (_gate)
        {
            _isWithinMessage = !stoppable;
            _deadline = _isAwaited || _isWithinMessage ? NextDeadline() : long.MaxValue;
        }

        if (stoppable && _stopRequested)
        {
            // The request may have been used up by an earlier read: look only at what is there.
            _input.CancelPendingRead();
        }

        while (true)
        {
            if (_interrupted)
            {
                return new PduRead(PduReadStatus.Interrupted);
            }

            ValueTask<ReadResult> read = _input.ReadAsync(cancellationToken);
            ReadResult result;
            if (read.IsCompletedSuccessfully)
            {
                result = read.Result;
            }
            else
            {
                _beforeWait?.Invoke();
                BeginWait();
                bool expired = false;
                try
                {
                    result = await read;
                }
                finally
                {
                    expired = EndWait();
                }

                if (expired)
                {
                    _input.AdvanceTo(result.Buffer.Start);
                    return new PduRead(PduReadStatus.TimedOut);
                }
            }

            ReadOnlySequence<byte> buffer = result.Buffer;
            PduStatus status = PduDecoder.TryDecode(ref buffer, _maxReceived, out Pdu? pdu);
            if (status == PduStatus.Ok)
            {
                _consumed = buffer.Start;
                return new PduRead(PduReadStatus.Ok, pdu);
            }

            bool empty = buffer.IsEmpty;
            _input.AdvanceTo(buffer.Start, buffer.End);
            if (status != PduStatus.NeedMore)
            {
                return new PduRead(status == PduStatus.UnrecognizedPdu ? PduReadStatus.UnrecognizedPdu : PduReadStatus.InvalidParameter);
            }

            if (result.IsCompleted)
            {
                return new PduRead(PduReadStatus.Closed);
            }

            (bool mayStop, long deadline) = AfterPart(empty);
            if (stoppable && _stopRequested && empty && mayStop)
            {
                return new PduRead(PduReadStatus.Stopped);
            }

            if (Watchdog.Now >= deadline)
            {
                return new PduRead(PduReadStatus.TimedOut);
            }
        }
    }

    /// <summary>
    /// Reads and drops until the peer closes the connection (<see cref="PduReadStatus.Closed"/>), aborts and waits for us to close it
    /// (<see cref="PduReadStatus.Ok"/>), or does neither in time (<see cref="PduReadStatus.TimedOut"/>). So the last PDU that we sent arrives:
    /// closing on bytes that were not read would reset the connection and take it away from the peer.
    /// </summary>
    public async ValueTask<PduReadStatus> DrainAsync(TimeSpan timeout)
    {
        ReleaseConsumed();
        long deadline = Watchdog.Now + (long)timeout.TotalMilliseconds;
        long left = 0;
        while (true)
        {
            _readWatchdog.Arm(deadline, _cancelRead);
            ReadResult result;
            bool expired;
            try
            {
                result = await _input.ReadAsync(CancellationToken.None);
            }
            finally
            {
                expired = _readWatchdog.Disarm();
            }

            ReadOnlySequence<byte> rest = result.Buffer;
            bool isAborted = PduDecoder.SkipToAbort(ref rest, ref left);
            _input.AdvanceTo(rest.Start, result.Buffer.End);
            if (result.IsCompleted)
            {
                return PduReadStatus.Closed;
            }

            if (isAborted)
            {
                return PduReadStatus.Ok;
            }

            if (expired || Watchdog.Now >= deadline)
            {
                return PduReadStatus.TimedOut;
            }
        }
    }

    /// <summary>Waits for the turn to write PDUs; <see cref="ExitWrite"/> ends it.</summary>
    public ValueTask EnterWriteAsync(CancellationToken cancellationToken) => new(_writing.WaitAsync(cancellationToken));

    /// <summary>Waits for the turn to write, but not longer than so; whether it came.</summary>
    public Task<bool> TryEnterWriteAsync(TimeSpan atMost) => _writing.WaitAsync(atMost);

    /// <summary>Ends the turn to write.</summary>
    public void ExitWrite() => _writing.Release();

    /// <summary>Sends a PDU other than P-DATA-TF in one segment; false as <see cref="FlushAsync"/> says.</summary>
    public ValueTask<bool> WriteAsync(Pdu pdu, CancellationToken cancellationToken)
    {
        _output.Write(PduEncoder.Encode(pdu));
        return FlushAsync(cancellationToken);
    }

    /// <summary>Puts a command or a whole small data set into the send buffer, split as the peer's maximum length asks.</summary>
    public void Buffer(byte context, bool isCommand, ReadOnlySpan<byte> data)
    {
        do
        {
            ReadOnlySpan<byte> fragment = data[..Math.Min(data.Length, MaxFragment)];
            data = data[fragment.Length..];
            Span<byte> target = _output.GetSpan(DataOverhead + fragment.Length);
            PduEncoder.DataHeader(target, context, isCommand, data.IsEmpty, fragment.Length);
            fragment.CopyTo(target[DataOverhead..]);
            _output.Advance(DataOverhead + fragment.Length);
        }
        while (!data.IsEmpty);
    }

    /// <summary>Room in the send buffer; used up by <see cref="Advance"/>.</summary>
    public Memory<byte> GetMemory(int size) => _output.GetMemory(size);

    /// <summary>Takes bytes of the last <see cref="GetMemory"/> as to be sent.</summary>
    public void Advance(int count) => _output.Advance(count);

    /// <summary>Sends what is buffered; false when the peer does not take it in time (<see cref="TimedOut"/>) or after <see cref="Interrupt"/>.</summary>
    public async ValueTask<bool> FlushAsync(CancellationToken cancellationToken)
    {
        bool wasInterrupted = _interrupted;
        ValueTask<FlushResult> flush = _output.FlushAsync(cancellationToken);
        if (flush.IsCompletedSuccessfully)
        {
            return !flush.Result.IsCanceled;
        }

        bool isCanceled;
        _isFlushing = true;
        _writeWatchdog.Arm(NextDeadline(), _cancelFlush);
        if (_interrupted && !wasInterrupted)
        {
            // Given up before it could be seen that something is flushed. What is written after that, an A-ABORT, is to go out.
            _output.CancelPendingFlush();
        }

        try
        {
            isCanceled = (await flush).IsCanceled;
        }
        finally
        {
            _isFlushing = false;
            if (_writeWatchdog.Disarm())
            {
                TimedOut = true;
            }
        }

        return !isCanceled && !TimedOut;
    }

    /// <summary>Whether a write was given up.</summary>
    public bool TimedOut { get; private set; }

    /// <inheritdoc />
    public void Dispose()
    {
        _readWatchdog.Dispose();
        _writeWatchdog.Dispose();
        _writing.Dispose();
    }

    private long NextDeadline() => Watchdog.Now + (long)Timeout.TotalMilliseconds;

    private void BeginWait()
    {
        lock (_gate)
        {
            _isWaiting = true;
            _readWatchdog.Arm(_deadline, _cancelRead);
        }
    }

    private bool EndWait()
    {
        lock (_gate)
        {
            _isWaiting = false;
            return _readWatchdog.Disarm();
        }
    }

    // A PDU of which a part has come must come whole in time, whoever's turn it is.
    private (bool MayStop, long Deadline) AfterPart(bool isEmpty)
    {
        lock (_gate)
        {
            if (!isEmpty && _deadline == long.MaxValue)
            {
                _deadline = NextDeadline();
            }

            return (_mayStop, _deadline);
        }
    }

    private void ReleaseConsumed()
    {
        if (_consumed is { } position)
        {
            _input.AdvanceTo(position);
            _consumed = null;
        }
    }
}
