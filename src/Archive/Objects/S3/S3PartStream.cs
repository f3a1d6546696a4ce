using System.Security.Cryptography;

namespace MedicalAi.Archive;

/// <summary>Passes on a file that is sent in parts, and computes the entity tag that a server gives to what it received so.</summary>
internal sealed class S3PartStream(FileStream inner, int partLength) : Stream
{
#pragma warning disable CA5351 // The protocol's checksum, as of the staged object.
    private readonly IncrementalHash _part = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
    private readonly IncrementalHash _whole = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
    private int _parts;
    private long _inPart;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => throw new NotSupportedException();
    }

    /// <summary>The tag of all that was read: MD5 of the MD5s of the parts, and their number.</summary>
    public string EntityTag()
    {
        EndPart();
        return $"{Convert.ToHexStringLower(_whole.GetHashAndReset())}-{_parts}";
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int read = inner.Read(buffer);
        Add(buffer[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await inner.ReadAsync(buffer, cancellationToken);
        Add(buffer.Span[..read]);
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _part.Dispose();
            _whole.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> piece = bytes[..(int)Math.Min(bytes.Length, partLength - _inPart)];
            _part.AppendData(piece);
            _inPart += piece.Length;
            bytes = bytes[piece.Length..];
            if (_inPart == partLength)
            {
                EndPart();
            }
        }
    }

    private void EndPart()
    {
        if (_inPart > 0)
        {
            _whole.AppendData(_part.GetHashAndReset());
            _parts++;
            _inPart = 0;
        }
    }
}
