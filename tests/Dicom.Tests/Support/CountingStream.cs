namespace MedicalAi.Dicom.Tests;

/// <summary>Takes everything, keeps nothing, and counts.</summary>
internal sealed class CountingStream : Stream
{
    /// <summary>The bytes that were written.</summary>
    public long Count { get; private set; }

    /// <summary>The most bytes that were written at once: what the writer held back.</summary>
    public int LargestWrite { get; private set; }

    /// <inheritdoc />
    public override bool CanRead => false;

    /// <inheritdoc />
    public override bool CanSeek => false;

    /// <inheritdoc />
    public override bool CanWrite => true;

    /// <inheritdoc />
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc />
    public override void Flush()
    {
    }

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc />
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Count += buffer.Length;
        LargestWrite = Math.Max(LargestWrite, buffer.Length);
    }
}
