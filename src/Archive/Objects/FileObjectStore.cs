using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace MedicalAi.Archive;

/// <summary>
/// Objects as files under readable names. A large one is written in the staging folder of the same file system and made durable there; a small one
/// waits in memory. The whole batch is durable with a record of each in the journal, which holds the small ones themselves; each gets its name by a
/// link, which never overwrites, and the names and small files are made durable later, many together (<see cref="ObjectJournal"/>).
/// </summary>
public sealed class FileObjectStore : IObjectStore, IDisposable
{
    private const int ParallelSyncs = 32;
    private readonly BlockingThreads _threads = new(ParallelSyncs);
    private readonly ObjectJournal _journal;
    private readonly ILogger _logger;
    private readonly string _root;
    private readonly string _staging;
    private long _staged;
    private long _fileSyncs;

    /// <summary>A store in a folder.</summary>
    /// <param name="folder">Made by <see cref="InitializeAsync"/> when it is missing.</param>
    public FileObjectStore(string folder)
        : this(folder, NullLogger.Instance)
    {
    }

    /// <param name="folder">Made by <see cref="InitializeAsync"/> when it is missing.</param>
    /// <param name="logger">Is told of what goes wrong behind the answers.</param>
    /// <param name="quiet">How long objects may stand in the journal when nothing new comes; null for the usual time.</param>
    internal FileObjectStore(string folder, ILogger logger, TimeSpan? quiet = null)
    {
        _logger = logger;
        _root = Path.Combine(Path.GetFullPath(folder), "objects");
        _staging = Path.Combine(Path.GetFullPath(folder), "staging");
        _journal = new ObjectJournal(Path.Combine(Path.GetFullPath(folder), "journal"), PlaceAgain, SyncPlaces, logger) { Quiet = quiet ?? TimeSpan.FromSeconds(1) };
    }

    /// <summary>How many files were made durable by themselves since the start.</summary>
    internal long FileSyncs => Interlocked.Read(ref _fileSyncs);

    /// <summary>How often the journal was made durable since the start.</summary>
    internal long JournalSyncs => _journal.Syncs;

    /// <inheritdoc />
    public ValueTask InitializeAsync(CancellationToken cancellationToken)
    {
        HashSet<string> folders = [];
        PosixFiles.CreateFolder(_root, folders);
        PosixFiles.CreateFolder(_staging, folders);
        foreach (string folder in folders)
        {
            PosixFiles.SyncFolder(folder);
        }

        // Before the leftovers go, as files may be among them that the journal names.
        if (_journal.Recover() is > 0 and int placed)
        {
            Log.JournalRecovered(_logger, placed);
        }

        foreach (string leftover in Directory.EnumerateFiles(_staging))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!OwnerMark.IsOfAnotherLivingProcess(Path.GetFileName(leftover)))
            {
                File.Delete(leftover);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask CheckAsync(CancellationToken cancellationToken)
    {
        string path = StagingPath();
        PosixFiles.Write(path, [0]);
        File.Delete(path);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask<StagedObject> StageAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<StagedObject>(new FileStagedObject(StagingPath()));
    }

    /// <inheritdoc />
    public async ValueTask PublishAsync(IReadOnlyList<Publication> batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);

        cancellationToken.ThrowIfCancellationRequested();
        await SyncFilesAsync([.. batch.Select(publication => (FileStagedObject)publication.Object).Where(staged => staged.Content is null)]);
        await _threads.RunOrInlineAsync(() => Publish(batch));
    }

    /// <inheritdoc />
    public ValueTask<Stream> OpenReadAsync(ObjectLocation location, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string path = PathOf(location.Key);
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1, FileOptions.SequentialScan);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new FileNotFoundException("The object is not in the store.", e);
        }

        if (location.Offset + location.Length > stream.Length)
        {
            stream.Dispose();
            throw new EndOfStreamException("The object is shorter than the range that was asked for.");
        }

        stream.Position = location.Offset;
        return ValueTask.FromResult<Stream>(new BoundedStream(stream, location.Length));
    }

    /// <inheritdoc />
    public ValueTask<ObjectInfo?> FindAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        FileInfo file = new(PathOf(key));
        return ValueTask.FromResult<ObjectInfo?>(file.Exists ? new ObjectInfo(key, file.Length, file.LastWriteTimeUtc) : null);
    }

    /// <inheritdoc />
    public async ValueTask<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        string path = PathOf(key);
        if (!File.Exists(path))
        {
            return false;
        }

        await _threads.RunOrInlineAsync(() =>
        {
            _journal.Forget(key);
            File.Delete(path);
        });
        return true;
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        string folder = prefix.Length == 0 ? _root : PathOf(new ObjectKey(prefix));
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            cancellationToken.ThrowIfCancellationRequested();
            ObjectKey key = new(Path.GetRelativePath(_root, file.FullName).Replace(Path.DirectorySeparatorChar, '/'));
            yield return new ObjectInfo(key, file.Length, file.LastWriteTimeUtc);
        }

        await ValueTask.CompletedTask;
    }

    /// <summary>Makes all durable in its place, and ends the threads.</summary>
    public void Dispose()
    {
        _journal.Dispose();
        _threads.Dispose();
    }

    private string PathOf(ObjectKey key) => key.IsValid
        ? Path.Combine(_root, key.Value.Replace('/', Path.DirectorySeparatorChar))
        : throw new ArgumentException("The key is not valid.", nameof(key));

    private string StagingPath() => Path.Combine(_staging, OwnerMark.Name($"{Interlocked.Increment(ref _staged)}.part"));

    /// <summary>Makes large objects durable, many at a time: file systems take synchronisations that wait together in one commit of theirs.</summary>
    private Task SyncFilesAsync(FileStagedObject[] files)
    {
        int next = -1;
        return files.Length == 0 ? Task.CompletedTask : _threads.RunAsync(files.Length, () =>
        {
            for (int i = Interlocked.Increment(ref next); i < files.Length; i = Interlocked.Increment(ref next))
            {
                files[i].SyncAndClose();
                Interlocked.Increment(ref _fileSyncs);
            }
        });
    }

    private void Publish(IReadOnlyList<Publication> batch)
    {
        JournalEntry[] entries = [.. batch.Select(publication => EntryOf((FileStagedObject)publication.Object, publication.Key))];
        JournalSegment[] segments = _journal.Append(entries);
        try
        {
            foreach ((StagedObject staged, ObjectKey key) in batch)
            {
                Place((FileStagedObject)staged, PathOf(key));
            }
        }
        finally
        {
            foreach (JournalSegment segment in segments)
            {
                _journal.Placed(segment);
            }
        }
    }

    private static JournalEntry EntryOf(FileStagedObject staged, ObjectKey key) => staged.Content is { } content
        ? new JournalEntry(JournalRecordKind.Content, key, content, content.Length, null)
        : new JournalEntry(JournalRecordKind.StagedFile, key, Encoding.UTF8.GetBytes(Path.GetFileName(staged.File.Path)), staged.Length, staged.File);

    private void Place(FileStagedObject staged, string path)
    {
        if (staged.Content is not { } content)
        {
            Link(staged.File.Path, path, staged.Length);
            return;
        }

        // Written beside and given its name then, so that nobody sees a part of it.
        string part = StagingPath();
        PosixFiles.Write(part, content.Span);
        try
        {
            Link(part, path, staged.Length);
        }
        finally
        {
            File.Delete(part);
        }
    }

    private static void Link(string source, string path, long length)
    {
        bool isNew;
        try
        {
            isNew = PosixFiles.TryLink(source, path);
        }
        catch (DirectoryNotFoundException)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            isNew = PosixFiles.TryLink(source, path);
        }

        if (!isNew && new FileInfo(path).Length != length)
        {
            throw new IOException("An object of another length stands under the same key.");
        }
    }

    /// <summary>Puts an object of the journal in its place, over what a crash has left there.</summary>
    private void PlaceAgain(JournalRecord record, ReadOnlyMemory<byte> payload)
    {
        string path = PathOf(record.Key);
        string source = StagingPath();
        if (record.Kind == JournalRecordKind.Content)
        {
            PosixFiles.Write(source, payload.Span);
        }
        else if (Path.Combine(_staging, Path.GetFileName(Encoding.UTF8.GetString(payload.Span))) is var staged && File.Exists(staged))
        {
            source = staged;
        }
        else
        {
            return; // It has its name; the staged one went after that.
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Move(source, path, overwrite: true);
    }

    private void SyncPlaces(IReadOnlyCollection<ObjectKey> keys)
    {
        if (PosixFiles.TrySyncFileSystem(_root))
        {
            return;
        }

        HashSet<string> folders = [];
        foreach (ObjectKey key in keys)
        {
            string path = PathOf(key);
            if (File.Exists(path))
            {
                using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
                RandomAccess.FlushToDisk(file);
            }

            for (string folder = Path.GetDirectoryName(path)!; folder.Length >= _root.Length && Directory.Exists(folder) && folders.Add(folder); folder = Path.GetDirectoryName(folder)!)
            {
                PosixFiles.SyncFolder(folder);
            }
        }
    }
}
