using System.IO.Compression;

namespace MedicalAi.Dicom;

/// <summary>Inflates bytes that are pushed in blocks (PS3.5 A.5). Output comes in blocks of bounded size.</summary>
internal sealed class PushInflater : IDisposable
{
    private readonly FeedStream _feed = new();
    private readonly DeflateStream _inflate;
    private readonly byte[] _block = new byte[32 * 1024];

    public PushInflater() => _inflate = new DeflateStream(_feed, CompressionMode.Decompress);

    /// <summary>
    /// Whether all that was fed has been used and the stream ended well. The framework's inflater does not tell its end, but it
    /// leaves what comes after it unread, and asks for more as long as it has not come to it.
    /// </summary>
    public bool IsFinished => _inflate.Read(_block) == 0 && !_feed.IsHungry;

    /// <summary>Gives the next bytes; all output of the ones before must have been taken.</summary>
    public void Feed(ReadOnlySpan<byte> bytes) => _feed.Set(bytes.ToArray());

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
        Array.Clear(_block);
    }

    /// <summary>A stream that is empty for now when all that was set was read.</summary>
    private sealed class FeedStream : Stream
    {
        private byte[] _bytes = [];
        private int _position;

        /// <summary>Whether the last read found nothing.</summary>
        public bool IsHungry { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void Set(byte[] bytes) => (_bytes, _position, IsHungry) = (bytes, 0, false);

        public override int Read(Span<byte> buffer)
        {
            int count = Math.Min(buffer.Length, _bytes.Length - _position);
            _bytes.AsSpan(_position, count).CopyTo(buffer);
            _position += count;
            IsHungry = count == 0;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
