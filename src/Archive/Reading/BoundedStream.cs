using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>The next so many bytes of a stream, read from front to back. A stream that ends before them is an error.</summary>
internal sealed class BoundedStream(Stream inner, long length) : ForwardStream
{
    private long _position;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        Span<byte> part = buffer[..(int)Math.Min(buffer.Length, length - _position)];
        return part.IsEmpty ? 0 : Advance(inner.Read(part));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Memory<byte> part = buffer[..(int)Math.Min(buffer.Length, length - _position)];
        return part.IsEmpty ? 0 : Advance(await inner.ReadAsync(part, cancellationToken));
    }

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Advance(int read)
    {
        if (read == 0)
        {
            throw new EndOfStreamException("The object is shorter than the range that was asked for.");
        }

        _position += read;
        return read;
    }
}
