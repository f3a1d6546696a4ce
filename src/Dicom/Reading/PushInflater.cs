using System.Buffers;
using System.IO.Compression;

namespace MedicalAi.Dicom;

/// <summary>Inflates bytes that are pushed in blocks (PS3.5 A.5). Output comes in blocks of bounded size.</summary>
internal sealed class PushInflater : IDisposable
{
    private readonly FeedStream _feed = new();
    private readonly DeflateStream _inflate;
    private readonly byte[] _block = ArrayPool<byte>.Shared.Rent(32 * 1024);

    public PushInflater() => _inflate = new DeflateStream(_feed, CompressionMode.Decompress);

    /// <summary>
    /// Whether the stream came to its end. The framework's inflater does not tell it, but leaves unread what comes after, and
    /// asks for more as long as it has not come to it: so it is offered one more byte.
    /// </summary>
    public bool IsFinished
    {
        get
        {
            _feed.Set([0]);
            try
            {
                return _inflate.Read(_block) == 0 && !_feed.WasAsked;
            }
            catch (InvalidDataException)
            {
                return false;
            }
        }
    }

    /// <summary>Gives the next bytes; all output of the ones before must have been taken.</summary>
    public void Feed(ReadOnlySpan<byte> bytes) => _feed.Set(bytes);

    /// <summary>The next output, valid until the next call; empty when more input is needed.</summary>
    public ParseResult<ReadOnlyMemory<byte>> Next()
    {
        try
        {
            int count = _inflate.Read(_block);
            return (ReadOnlyMemory<byte>)_block.AsMemory(0, count);
        }
        catch (InvalidDataException)
        {
            return new DicomError(DicomErrorKind.CorruptDeflate, "The deflated data set cannot be inflated.");
        }
    }

    public void Dispose()
    {
        _inflate.Dispose();
        _feed.Dispose();
        ArrayPool<byte>.Shared.Return(_block, clearArray: true);
    }

    /// <summary>A stream that is empty for now when all that was set was read.</summary>
    private sealed class FeedStream : ForwardStream
    {
        private byte[] _bytes = [];
        private int _position;
        private int _length;

        /// <summary>Whether something was asked for since bytes were set.</summary>
        public bool WasAsked { get; private set; }

        public void Set(ReadOnlySpan<byte> bytes)
        {
            if (_bytes.Length < bytes.Length)
            {
                Return();
                _bytes = ArrayPool<byte>.Shared.Rent(bytes.Length);
            }

            bytes.CopyTo(_bytes);
            (_position, _length, WasAsked) = (0, bytes.Length, false);
        }

        public override int Read(Span<byte> buffer)
        {
            WasAsked = true;
            int count = Math.Min(buffer.Length, _length - _position);
            _bytes.AsSpan(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        protected override void Dispose(bool disposing)
        {
            Return();
            base.Dispose(disposing);
        }

        private void Return()
        {
            if (_bytes.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
                _bytes = [];
            }
        }
    }
}
