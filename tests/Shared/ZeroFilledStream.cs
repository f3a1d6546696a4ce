namespace MedicalAi.Testing;

/// <summary>A beginning, so many zeros that are made as they are read, and an end: a large instance that needs no memory.</summary>
internal sealed class ZeroFilledStream(byte[] head, long zeros, byte[] tail) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int count;
        if (_position < head.Length)
        {
            count = Math.Min(buffer.Length, head.Length - (int)_position);
            head.AsSpan((int)_position, count).CopyTo(buffer);
        }
        else if (_position < head.Length + zeros)
        {
            count = (int)Math.Min(buffer.Length, head.Length + zeros - _position);
            buffer[..count].Clear();
        }
        else
        {
            int at = (int)(_position - head.Length - zeros);
            count = Math.Min(buffer.Length, tail.Length - at);
            tail.AsSpan(at, count).CopyTo(buffer);
        }

        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
