using System.Buffers;
using System.IO.Compression;

namespace MedicalAi.Dicom;

/// <summary>
/// A data set in another transfer syntax than the one in which a stream holds it, written as it is read: memory does not grow with its
/// length. Elements stay in their order, and pixel data is not transcoded. Read asynchronously, from front to back.
/// </summary>
public sealed class RewritingStream : ForwardStream
{
    private const int BlockSize = 32 * 1024;
    private readonly Stream _source;
    private readonly DataSetRewriter _rewriter;
    private readonly MemoryStream? _deflated;
    private readonly DeflateStream? _deflater;
    private readonly bool _ownsSource;
    private byte[] _block = ArrayPool<byte>.Shared.Rent(BlockSize);
    private int _begin;
    private int _end;
    private long _written;
    private bool _isAtEnd;
    private bool _isDisposed;

    /// <summary>Begins to rewrite.</summary>
    /// <param name="source">The data set, without file meta information, from the stream's position to its end; it stays open.</param>
    /// <param name="from">Its transfer syntax.</param>
    /// <param name="to">The transfer syntax that is wanted.</param>
    /// <exception cref="NotSupportedException">The one cannot be written as the other.</exception>
    public RewritingStream(Stream source, TransferSyntax from, TransferSyntax to)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!CanRewrite(from, to))
        {
            throw new NotSupportedException($"{from.Name} is not written as {to.Name} without transcoding.");
        }

        _ownsSource = from.IsDeflated;
        _source = from.IsDeflated ? new DeflateStream(source, CompressionMode.Decompress, leaveOpen: true) : source;
        _rewriter = new DataSetRewriter(from, to);
        if (to.IsDeflated)
        {
            _deflated = new MemoryStream();
            _deflater = new DeflateStream(_deflated, CompressionLevel.Optimal, leaveOpen: true);
        }
    }

    /// <summary>Whether a data set can be written in another syntax without touching its pixel data: both are native, or it is the same.</summary>
    public static bool CanRewrite(TransferSyntax from, TransferSyntax to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        return from == to || (from.IsNative && to.IsNative);
    }

    /// <inheritdoc />
    /// <exception cref="InvalidDataException">The data set cannot be read.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            if (Take(buffer.Span) is var count and > 0)
            {
                _written += count;
                return count;
            }

            if (_isAtEnd)
            {
                return TakePadding(buffer.Span);
            }

            await AdvanceAsync(cancellationToken);
        }

        return 0;
    }

    /// <inheritdoc />
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("The stream is read asynchronously.");

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            _rewriter.Dispose();
            _deflater?.Dispose();
            _deflated?.Dispose();
            if (_ownsSource)
            {
                _source.Dispose();
            }

            // Cleared, for it held a patient's data.
            ArrayPool<byte>.Shared.Return(_block, clearArray: true);
        }

        base.Dispose(disposing);
    }

    private int Take(Span<byte> target) => _deflated is null ? _rewriter.Take(target) : _deflated.Read(target);

    // A deflated data set may end odd (PS3.5 A.5); what is not deflated never does.
    private int TakePadding(Span<byte> target)
    {
        if (_written % 2 == 0)
        {
            return 0;
        }

        target[0] = 0;
        _written++;
        return 1;
    }

    private async ValueTask AdvanceAsync(CancellationToken cancellationToken)
    {
        if (_begin > 0)
        {
            _block.AsSpan(_begin.._end).CopyTo(_block);
            (_begin, _end) = (0, _end - _begin);
        }
        else if (_end == _block.Length)
        {
            Grow(); // An offset table, which is handed out whole.
        }

        int count = await _source.ReadAsync(_block.AsMemory(_end), cancellationToken);
        _end += count;
        _isAtEnd = count == 0;
        _begin += _rewriter.Append(_block.AsSpan(_begin.._end), _isAtEnd);
        if (_rewriter.Error is { } error)
        {
            throw new InvalidDataException($"The data set cannot be read: {error}");
        }

        if (_deflater is not null)
        {
            Deflate();
        }
    }

    private void Deflate()
    {
        _deflated!.SetLength(0);
        Span<byte> part = stackalloc byte[1024];
        bool isEmpty = true;
        for (int count; (count = _rewriter.Take(part)) > 0; isEmpty = false)
        {
            _deflater!.Write(part[..count]);
        }

        if (_isAtEnd)
        {
            _deflater!.Dispose();
        }

        if (_isAtEnd && isEmpty && _written == 0 && _deflated.Length == 0)
        {
            // The framework's deflater writes nothing at all for nothing: this is its empty block.
            _deflated.Write([0x03, 0x00]);
        }

        _deflated.Position = 0;
    }

    private void Grow()
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(_block.Length * 2);
        _block.AsSpan(0, _end).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_block, clearArray: true);
        _block = larger;
    }
}
