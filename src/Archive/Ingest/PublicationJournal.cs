using System.Text;
using Microsoft.Win32.SafeHandles;

namespace MedicalAi.Archive;

/// <summary>
/// Names the objects of the commits under way, so that a start after a crash finds those that were published and not entered in the
/// index, without listing the store. Two small writes a batch and no barrier: what a power cut takes of it, verification finds. Safe
/// for use by several threads.
/// </summary>
internal sealed class PublicationJournal : IDisposable
{
    private const int MaximumLeft = 10_000;
    private const long MaximumLength = 256 * 1024;
    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly Dictionary<ObjectKey, int> _open = [];
    private readonly HashSet<ObjectKey> _left = [];
    private SafeFileHandle? _file;
    private long _length;

    /// <param name="folder">Where the journals of all processes of this data folder stand.</param>
    public PublicationJournal(string folder) => _folder = folder;

    /// <summary>Notes the keys about to be published.</summary>
    /// <exception cref="IOException">The disk is full or failed.</exception>
    public void Begin(IReadOnlyCollection<ObjectKey> keys)
    {
        lock (_lock)
        {
            if (_file is null)
            {
                Directory.CreateDirectory(_folder);
                _file = File.OpenHandle(Path.Combine(_folder, OwnerMark.Name("publishing")), FileMode.Create, FileAccess.Write, FileShare.Read);
            }

            Append(keys);
            foreach (ObjectKey key in keys)
            {
                _open[key] = _open.GetValueOrDefault(key) + 1;
            }
        }
    }

    /// <summary>Notes that they are in the index, or that the attempt has failed, so that what of them was published is nobody's.</summary>
    public void End(IReadOnlyCollection<ObjectKey> keys, bool isEntered)
    {
        lock (_lock)
        {
            foreach (ObjectKey key in keys)
            {
                int count = _open.GetValueOrDefault(key);
                if (count <= 1)
                {
                    _open.Remove(key);
                }
                else
                {
                    _open[key] = count - 1;
                }

                if (isEntered)
                {
                    _left.Remove(key);
                }
                else if (_left.Count < MaximumLeft)
                {
                    _left.Add(key);
                }
            }

            try
            {
                if (_file is not null && ((_open.Count == 0 && _left.Count == 0) || (_length > MaximumLength && _open.Count < 1000)))
                {
                    Rewrite();
                }
            }
            catch (IOException)
            {
                // Keys that are referenced stand there too long: a start after a crash leaves them alone.
            }
        }
    }

    /// <summary>Removes the objects that processes which have ended published and did not enter; the number of them.</summary>
    public async ValueTask<int> RecoverAsync(IObjectStore store, IStudyIndex index, CancellationToken cancellationToken)
    {
        int removed = 0;
        if (!Directory.Exists(_folder))
        {
            return removed;
        }

        foreach (string path in Directory.EnumerateFiles(_folder))
        {
            if (OwnerMark.IsOfAnotherLivingProcess(Path.GetFileName(path)))
            {
                continue;
            }

            foreach (string line in await File.ReadAllLinesAsync(path, cancellationToken))
            {
                ObjectKey key = new(line);
                if (key.IsValid && !await index.IsReferencedAsync(key, cancellationToken))
                {
                    removed += await store.DeleteAsync(key, cancellationToken) ? 1 : 0;
                    removed += await store.RemoveUnfinishedAsync(key.Value, DateTimeOffset.MaxValue, cancellationToken);
                }
            }

            File.Delete(path);
        }

        return removed;
    }

    /// <inheritdoc />
    public void Dispose() => _file?.Dispose();

    private void Append(IEnumerable<ObjectKey> keys)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(string.Concat(keys.Select(key => key.Value + '\n')));
        RandomAccess.Write(_file!, bytes, _length);
        _length += bytes.Length;
    }

    private void Rewrite()
    {
        _length = 0;
        Append(_open.Keys.Concat(_left));
        RandomAccess.SetLength(_file!, _length);
    }
}
