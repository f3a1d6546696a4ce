using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace MedicalAi.Archive;

/// <summary>A file in the staging folder.</summary>
internal sealed class FileStagedObject(string path, SafeFileHandle handle) : StagedObject
{
    private readonly List<ReadOnlyMemory<byte>> _segments = [];
    private long _length;
    private bool _syncFailed;

    public override long Length => _length;

    public string Path => path;

    /// <summary>Writes to the page cache: short, so that it is done on the caller's thread.</summary>
    public override ValueTask WriteAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (bytes.IsSingleSegment)
        {
            RandomAccess.Write(handle, bytes.FirstSpan, _length);
        }
        else
        {
            // What comes from a network stands in blocks of 4 KiB: one call for all of them.
            _segments.Clear();
            foreach (ReadOnlyMemory<byte> segment in bytes)
            {
                _segments.Add(segment);
            }

            RandomAccess.Write(handle, _segments, _length);
            _segments.Clear();
        }

        _length += bytes.Length;
        return ValueTask.CompletedTask;
    }

    /// <summary>Makes the bytes durable and closes the file; nothing to do the second time.</summary>
    public void SyncAndClose()
    {
        if (handle.IsClosed)
        {
            return;
        }

        if (_syncFailed)
        {
            // The kernel tells of a failed write-back once; a second synchronisation would succeed over lost bytes.
            throw new IOException("The object could not be made durable before.");
        }

        _syncFailed = true;
        RandomAccess.FlushToDisk(handle);
        _syncFailed = false;
        handle.Dispose();
    }

    public override ValueTask DisposeAsync()
    {
        try
        {
            handle.Dispose();
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A disk that fails here keeps the file until the next start; what was published stands under its own name.
        }

        return ValueTask.CompletedTask;
    }
}
