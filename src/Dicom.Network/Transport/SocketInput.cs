using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Microsoft.AspNetCore.Connections;

namespace MedicalAi.Dicom.Network;

/// <summary>
/// What the peer sends, read straight from the socket into one buffer. A connection that is quiet holds no buffer and no thread.
/// </summary>
/// <param name="socket">The connection, not blocking.</param>
/// <param name="threads">Who waits for its bytes.</param>
/// <param name="beforeWait">Called before each wait for the peer.</param>
internal sealed class SocketInput(Socket socket, WaitingThreads threads, Action? beforeWait) : PipeReader, IValueTaskSource, IDisposable
{
    // It grows by what has come, never by what a peer says that will come.
    private const int SmallestBuffer = 64 * 1024;

    // A peer that sends nothing for so long, in microseconds, is quiet.
    private const int Patience = 20_000;

    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _examined;
    private int _used; // The end of what was ever written to in the buffer.
    private bool _isDrained;
    private bool _isEnded;
    private bool _isCompleted;

    private ManualResetValueTaskSourceCore<bool> _wait;
    private CancellationToken _waitToken;
    private QuietWait? _quiet;
    private int _isCancelled;

    /// <summary>The thread that gave us our last bytes; nobody but <see cref="WaitingThreads"/> looks at it.</summary>
    public WaitingThread? LastThread { get; set; }

    private int Length => _end - _start;

    private bool IsWakeWanted => Volatile.Read(ref _isCancelled) == 1 || _waitToken.IsCancellationRequested;

    /// <inheritdoc />
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfCompleted();
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        }

        if (TryTake(out ReadResult result))
        {
            return ValueTask.FromResult(result);
        }

        if (!_isDrained)
        {
            Receive();
            if (TryTake(out result))
            {
                return ValueTask.FromResult(result);
            }
        }

        return WaitAsync(cancellationToken);
    }

    /// <inheritdoc />
    public override bool TryRead(out ReadResult result)
    {
        ThrowIfCompleted();
        if (_examined == _end && !_isEnded)
        {
            Receive();
        }

        return TryTake(out result);
    }

    /// <inheritdoc />
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc />
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _start = consumed.GetInteger();
        _examined = Math.Max(examined.GetInteger(), _start);
        if (_start == _end)
        {
            _start = _end = _examined = 0;
        }
    }

    /// <inheritdoc />
    public override void CancelPendingRead()
    {
        Interlocked.Exchange(ref _isCancelled, 1);
        Wake();
    }

    /// <inheritdoc />
    public override void Complete(Exception? exception = null)
    {
        _isCompleted = true;
        _start = _end = _examined = 0;
        ReturnBuffer();
    }

    /// <inheritdoc />
    public void Dispose() => _quiet?.Dispose();

    /// <summary>Waits on this thread, and goes on on it when there is something to read; a peer that is quiet is waited for elsewhere.</summary>
    public void WaitHere()
    {
        beforeWait?.Invoke();
        bool isReady;
        try
        {
            isReady = socket.Poll(Patience, SelectMode.SelectRead);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            isReady = true; // Reading says what is wrong.
        }

        if (isReady || IsWakeWanted)
        {
            _wait.SetResult(true);
        }
        else
        {
            WaitQuietly();
        }
    }

    /// <summary>Waits without a thread.</summary>
    public void WaitQuietly()
    {
        beforeWait?.Invoke();
        if (Length == 0)
        {
            ReturnBuffer();
        }

        if (_quiet is null)
        {
            Volatile.Write(ref _quiet, new QuietWait(this));
        }

        _quiet.Begin(socket);
        if (IsWakeWanted)
        {
            _quiet.End();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static self => ((SocketInput)self!).Wake(), this);
        while (true)
        {
            _waitToken = cancellationToken;
            _wait.Reset();
            threads.Wait(this);
            await new ValueTask(this, _wait.Version);
            cancellationToken.ThrowIfCancellationRequested();
            if (Volatile.Read(ref _isCancelled) == 0)
            {
                Receive();
            }

            if (TryTake(out ReadResult result))
            {
                return result;
            }
        }
    }

    // What was looked at already is not worth a result.
    private bool TryTake(out ReadResult result)
    {
        bool isCancelled = Interlocked.Exchange(ref _isCancelled, 0) == 1;
        if (_examined < _end || _isEnded || isCancelled)
        {
            result = new ReadResult(new ReadOnlySequence<byte>(_buffer, _start, Length), isCancelled, _isEnded);
            return true;
        }

        result = default;
        return false;
    }

    // Takes what there is, without waiting.
    private void Receive()
    {
        MakeRoom();
        Span<byte> room = _buffer.AsSpan(_end);
        int count;
        SocketError error;
        try
        {
            count = socket.Receive(room, SocketFlags.None, out error);
        }
        catch (ObjectDisposedException exception)
        {
            throw new ConnectionAbortedException("The connection was closed on our side.", exception);
        }

        switch (error)
        {
            case SocketError.Success:
                _end += count;
                _used = Math.Max(_used, _end);
                _isEnded = count == 0;

                // Less than there was room for: there is no more.
                _isDrained = count < room.Length;
                break;
            case SocketError.WouldBlock:
                _isDrained = true;
                break;
            default:
                throw new ConnectionResetException("The connection broke.", new SocketException((int)error));
        }
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length)
        {
            return;
        }

        if (_start >= _buffer.Length / 4 && _start > 0)
        {
            _buffer.AsSpan(_start, Length).CopyTo(_buffer);
        }
        else
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(SmallestBuffer, _buffer.Length * 2));
            int length = Length;
            _buffer.AsSpan(_start, length).CopyTo(larger);
            ReturnBuffer();
            _buffer = larger;
            _used = length;
        }

        (_start, _end, _examined) = (0, Length, _examined - _start);
    }

    // Cleared, for it held a patient's data.
    private void ReturnBuffer()
    {
        if (_buffer.Length > 0)
        {
            _buffer.AsSpan(0, _used).Clear();
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            _used = 0;
        }
    }

    // A thread that waits looks by itself before long.
    private void Wake() => Volatile.Read(ref _quiet)?.End();

    private void ThrowIfCompleted()
    {
        if (_isCompleted)
        {
            throw new InvalidOperationException("Reading was ended.");
        }
    }

    void IValueTaskSource.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _wait.OnCompleted(continuation, state, token, flags);

    /// <summary>
    /// A read of no bytes, which ends when there are some. It cannot be called back: who is woken before leaves it where it is, to be
    /// used by the next wait.
    /// </summary>
    private sealed class QuietWait(SocketInput owner) : SocketAsyncEventArgs(true), IThreadPoolWorkItem
    {
        private const int None = 0;
        private const int Waited = 1;
        private const int Left = 2;
        private int _state;

        public void Begin(Socket socket)
        {
            if (Interlocked.CompareExchange(ref _state, Waited, Left) == Left)
            {
                return;
            }

            Interlocked.Exchange(ref _state, Waited);
            bool isPending;
            try
            {
                isPending = socket.ReceiveAsync(this);
            }
            catch (ObjectDisposedException)
            {
                isPending = false; // Reading says so.
            }

            if (!isPending)
            {
                OnCompleted(this);
            }
        }

        /// <summary>Ends the wait, if there is one, before there are bytes.</summary>
        public void End()
        {
            if (Interlocked.CompareExchange(ref _state, Left, Waited) == Waited)
            {
                // Elsewhere: what waits would run on here, within the locks of who calls.
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }
        }

        void IThreadPoolWorkItem.Execute() => owner._wait.SetResult(true);

        protected override void OnCompleted(SocketAsyncEventArgs e)
        {
            if (Interlocked.Exchange(ref _state, None) == Waited)
            {
                owner._wait.SetResult(true);
            }
        }
    }
}
