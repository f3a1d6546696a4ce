using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace MedicalAi.Archive;

/// <summary>
/// A file beside the index that holds an object until it has been sent: the name under which it goes to the server is known only at
/// its end, and so it can be sent again. It is never synchronised, and gone before the kernel writes it out as a rule.
/// </summary>
internal sealed class S3StagedObject(string path, SafeFileHandle handle) : StagedObject
{
#pragma warning disable CA5351 // The protocol's checksum of what is sent, not a protection; the archive's own digests are SHA-256.
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
    private long _length;
    private byte[]? _md5;

    public override long Length => _length;

    /// <summary>The MD5 of all bytes; nothing can be written after it was asked for.</summary>
    public byte[] Md5 => _md5 ??= _hash.GetHashAndReset();

    /// <summary>The bytes from front to back; for one reader of several.</summary>
    public FileStream OpenRead() => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);

    public override ValueTask WriteAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_md5 is not null, this);
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            RandomAccess.Write(handle, segment.Span, _length);
            _hash.AppendData(segment.Span);
            _length += segment.Length;
        }

        return ValueTask.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        _hash.Dispose();
        try
        {
            handle.Dispose();
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A disk that fails here keeps the file until the next start.
        }

        return ValueTask.CompletedTask;
    }
}
