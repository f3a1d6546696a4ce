using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace MedicalAi.Archive;

/// <summary>
/// Objects as files under readable names. An object is written in the staging folder of the same file system, made durable there,
/// and gets its name by a link, which never overwrites. Then each folder concerned is made durable, once for the batch.
/// </summary>
public sealed class FileObjectStore : IObjectStore, IDisposable
{
    private const int ParallelSyncs = 32;
    private readonly BlockingThreads _threads = new(ParallelSyncs);
    private readonly string _root;
    private readonly string _staging;
    private readonly HashSet<string> _unsynced = [];
    private long _staged;
    private long _fileSyncs;
    private long _folderSyncs;

    /// <summary>A store in a folder.</summary>
    /// <param name="folder">Made by <see cref="InitializeAsync"/> when it is missing.</param>
    public FileObjectStore(string folder)
    {
        _root = Path.Combine(Path.GetFullPath(folder), "objects");
        _staging = Path.Combine(Path.GetFullPath(folder), "staging");
    }

    /// <summary>How many files were made durable since the start.</summary>
    internal long FileSyncs => Interlocked.Read(ref _fileSyncs);

    /// <summary>How many folders were made durable since the start.</summary>
    internal long FolderSyncs => Interlocked.Read(ref _folderSyncs);

    /// <inheritdoc />
    public ValueTask InitializeAsync(CancellationToken cancellationToken)
    {
        HashSet<string> folders = [];
        PosixFiles.CreateFolder(_root, folders);
        PosixFiles.CreateFolder(_staging, folders);
        SyncFolders(folders);
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
    public ValueTask<StagedObject> StageAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string path = Path.Combine(_staging, OwnerMark.Name($"{Interlocked.Increment(ref _staged)}.part"));
        SafeFileHandle handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        return ValueTask.FromResult<StagedObject>(new FileStagedObject(path, handle));
    }

    /// <inheritdoc />
    public async ValueTask PublishAsync(IReadOnlyList<Publication> batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);

        cancellationToken.ThrowIfCancellationRequested();
        await SyncFilesAsync(batch);
        HashSet<string> folders = [];
        lock (_unsynced)
        {
            folders.UnionWith(_unsynced);
            _unsynced.Clear();
        }

        try
        {
            foreach ((StagedObject staged, ObjectKey key) in batch)
            {
                string path = PathOf(key);
                string folder = Path.GetDirectoryName(path)!;
                PosixFiles.CreateFolder(folder, folders);
                folders.Add(folder);
                if (!PosixFiles.TryLink(((FileStagedObject)staged).Path, path) && new FileInfo(path).Length != staged.Length)
                {
                    throw new IOException("An object of another length stands under the same key.");
                }
            }

            SyncFolders(folders);
        }
        catch
        {
            // A folder that this batch has made is there for the next one, which must make its name durable nevertheless.
            lock (_unsynced)
            {
                _unsynced.UnionWith(folders);
            }

            throw;
        }
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
    public ValueTask<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        string path = PathOf(key);
        bool exists = File.Exists(path);
        if (exists)
        {
            File.Delete(path);
        }

        return ValueTask.FromResult(exists);
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

    /// <summary>Ends its threads.</summary>
    public void Dispose() => _threads.Dispose();

    private string PathOf(ObjectKey key) => key.IsValid
        ? Path.Combine(_root, key.Value.Replace('/', Path.DirectorySeparatorChar))
        : throw new ArgumentException("The key is not valid.", nameof(key));

    /// <summary>Makes the files durable, many at a time: file systems take synchronisations that wait together in one journal commit.</summary>
    private Task SyncFilesAsync(IReadOnlyList<Publication> batch)
    {
        int next = -1;
        return _threads.RunAsync(batch.Count, () =>
        {
            for (int i = Interlocked.Increment(ref next); i < batch.Count; i = Interlocked.Increment(ref next))
            {
                ((FileStagedObject)batch[i].Object).SyncAndClose();
                Interlocked.Increment(ref _fileSyncs);
            }
        });
    }

    private void SyncFolders(HashSet<string> folders)
    {
        foreach (string folder in folders)
        {
            PosixFiles.SyncFolder(folder);
            Interlocked.Increment(ref _folderSyncs);
        }
    }
}
