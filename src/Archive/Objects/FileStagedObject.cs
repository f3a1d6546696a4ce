using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace MedicalAi.Archive;

/// <summary>An object on its way into the file store: a small one in memory, a larger one in a file of the staging folder.</summary>
/// <param name="path">Where the file stands, if there is to be one.</param>
internal sealed class FileStagedObject(string path) : StagedObject
{
    /// <summary>The longest object that stays in memory, in bytes: above, writing it twice costs more than a file of its own.</summary>
    public const int MaximumInMemory = 128 * 1024;

    private const int FirstBuffer = 16 * 1024;
    private readonly List<ReadOnlyMemory<byte>> _segments = [];
    private byte[]? _buffer;
    private readonly StagedFile _name = new(path);
    private SafeFileHandle? _file;
    private bool _isDisposed;
    private long _length;
    private bool _syncFailed;

    public override long Length => _length;

    /// <summary>The file; there is none for an object in memory.</summary>
    public StagedFile File => _name;

    /// <summary>The content of an object in memory; null for one in a file.</summary>
    public ReadOnlyMemory<byte>? Content => _file is null ? new ReadOnlyMemory<byte>(_buffer, 0, (int)_length) : default(ReadOnlyMemory<byte>?);

    /// <summary>Writes to memory or to the page cache: short, so that it is done on the caller's thread.</summary>
    public override ValueTask WriteAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_file is null && _length + bytes.Length <= MaximumInMemory)
        {
            Reserve((int)(_length + bytes.Length));
            bytes.CopyTo(_buffer.AsSpan((int)_length));
        }
        else
        {
            _file ??= Spill();
            Write(_file, bytes);
        }

        _length += bytes.Length;
        return ValueTask.CompletedTask;
    }

    /// <summary>Makes the bytes of a file durable and closes it; nothing to do the second time.</summary>
    public void SyncAndClose()
    {
        if (_file is not { IsClosed: false } file)
        {
            return;
        }

        if (_syncFailed)
        {
            // The kernel tells of a failed write-back once; a second synchronisation would succeed over lost bytes.
            throw new IOException("The object could not be made durable before.");
        }

        _syncFailed = true;
        RandomAccess.FlushToDisk(file);
        _syncFailed = false;
        file.Dispose();
    }

    public override ValueTask DisposeAsync()
    {
        ReturnBuffer();
        if (_file is { } file && !_isDisposed)
        {
            _isDisposed = true;
            file.Dispose();
            _name.Release();
        }

        return ValueTask.CompletedTask;
    }

    private void Write(SafeFileHandle file, ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsSingleSegment)
        {
            RandomAccess.Write(file, bytes.FirstSpan, _length);
            return;
        }

        // What comes from a network stands in blocks of 4 KiB: one call for all of them.
        _segments.Clear();
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            _segments.Add(segment);
        }

        RandomAccess.Write(file, _segments, _length);
        _segments.Clear();
    }

    private SafeFileHandle Spill()
    {
        SafeFileHandle file = System.IO.File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        try
        {
            RandomAccess.Write(file, _buffer.AsSpan(0, (int)_length), 0);
        }
        catch
        {
            file.Dispose();
            System.IO.File.Delete(path);
            throw;
        }

        ReturnBuffer();
        return file;
    }

    private void Reserve(int length)
    {
        if (_buffer is { } present && present.Length >= length)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBuffer, length));
        _buffer.AsSpan(0, (int)_length).CopyTo(larger);
        ReturnBuffer();
        _buffer = larger;
    }

    private void ReturnBuffer()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }
}
