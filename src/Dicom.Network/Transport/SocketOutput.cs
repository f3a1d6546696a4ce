using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace MedicalAi.Dicom.Network;

/// <summary>What the peer gets, written straight to the socket. Between flushes no buffer is held.</summary>
/// <param name="socket">The connection, not blocking.</param>
internal sealed class SocketOutput(Socket socket) : PipeWriter
{
    private const int SmallestBuffer = 4096;

    private byte[] _buffer = [];
    private int _sent;
    private int _end;
    private int _isCancelled;
    private CancellationTokenSource? _slowFlush;

    /// <inheritdoc />
    public override bool CanGetUnflushedBytes => true;

    /// <inheritdoc />
    public override long UnflushedBytes => _end - _sent;

    /// <inheritdoc />
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_end);
    }

    /// <inheritdoc />
    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(Math.Max(sizeHint, 1));
        return _buffer.AsSpan(_end);
    }

    /// <inheritdoc />
    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)(_buffer.Length - _end));
        _end += bytes;
    }

    /// <inheritdoc />
    public override void CancelPendingFlush()
    {
        Interlocked.Exchange(ref _isCancelled, 1);
        if (Volatile.Read(ref _slowFlush) is { } slow)
        {
            // Elsewhere: what waits for the flush would run on here, within the locks of who calls.
            ThreadPool.UnsafeQueueUserWorkItem(Cancel, slow, preferLocal: false);
        }
    }

    /// <inheritdoc />
    public override void Complete(Exception? exception = null)
    {
        _end = 0;
        ReturnBuffer(0);
    }

    /// <inheritdoc />
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        while (_sent < _end)
        {
            int count;
            SocketError error;
            try
            {
                count = socket.Send(_buffer.AsSpan(_sent, _end - _sent), SocketFlags.None, out error);
            }
            catch (ObjectDisposedException exception)
            {
                return ValueTask.FromException<FlushResult>(new ConnectionAbortedException("The connection was closed on our side.", exception));
            }

            if (error == SocketError.WouldBlock)
            {
                return FlushSlowlyAsync(cancellationToken);
            }

            if (error != SocketError.Success)
            {
                return ValueTask.FromException<FlushResult>(new ConnectionResetException("The connection broke.", new SocketException((int)error)));
            }

            _sent += count;
        }

        return ValueTask.FromResult(Flushed());
    }

    // The peer does not take it as fast as it comes.
    private async ValueTask<FlushResult> FlushSlowlyAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource slow = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Interlocked.Exchange(ref _slowFlush, slow);
        try
        {
            if (Volatile.Read(ref _isCancelled) == 1)
            {
                await slow.CancelAsync();
            }

            while (_sent < _end)
            {
                _sent += await socket.SendAsync(_buffer.AsMemory(_sent, _end - _sent), SocketFlags.None, slow.Token);
            }

            return Flushed();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Interlocked.Exchange(ref _isCancelled, 0);
            return new FlushResult(isCanceled: true, isCompleted: false);
        }
        catch (SocketException exception)
        {
            throw new ConnectionResetException("The connection broke.", exception);
        }
        catch (ObjectDisposedException exception)
        {
            throw new ConnectionAbortedException("The connection was closed on our side.", exception);
        }
        finally
        {
            Interlocked.Exchange(ref _slowFlush, null);
        }
    }

    private static void Cancel(CancellationTokenSource flush)
    {
        try
        {
            flush.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself.
        }
    }

    private FlushResult Flushed()
    {
        ReturnBuffer(_end);
        return new FlushResult(isCanceled: Interlocked.Exchange(ref _isCancelled, 0) == 1, isCompleted: false);
    }

    private void MakeRoom(int wanted)
    {
        if (_buffer.Length - _end >= wanted)
        {
            return;
        }

        int length = _end - _sent;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(SmallestBuffer, Math.Max(length + wanted, _buffer.Length * 2)));
        _buffer.AsSpan(_sent, length).CopyTo(larger);
        ReturnBuffer(_end);
        (_buffer, _sent, _end) = (larger, 0, length);
    }

    // Cleared, for it held a patient's data.
    private void ReturnBuffer(int used)
    {
        if (_buffer.Length > 0)
        {
            _buffer.AsSpan(0, used).Clear();
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        (_buffer, _sent, _end) = ([], 0, 0);
    }
}
