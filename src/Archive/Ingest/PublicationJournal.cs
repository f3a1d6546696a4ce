using System.Text;
using Microsoft.Win32.SafeHandles;

namespace MedicalAi.Archive;

/// <summary>
/// Names the objects of the commit under way, so that a start after a crash finds those that were published and not entered in the
/// index, without listing the store. Two small writes a batch and no barrier: what a power cut takes of it, verification finds.
/// </summary>
internal sealed class PublicationJournal : IDisposable
{
    private readonly string _folder;
    private SafeFileHandle? _file;

    /// <param name="folder">Where the journals of all processes of this data folder stand.</param>
    public PublicationJournal(string folder) => _folder = folder;

    /// <summary>Notes the keys about to be published.</summary>
    /// <exception cref="IOException">The disk is full or failed.</exception>
    public void Begin(IReadOnlyCollection<ObjectKey> keys)
    {
        if (_file is null)
        {
            Directory.CreateDirectory(_folder);
            _file = File.OpenHandle(Path.Combine(_folder, OwnerMark.Name("publishing")), FileMode.Create, FileAccess.Write, FileShare.Read);
        }

        byte[] bytes = Encoding.ASCII.GetBytes(string.Join('\n', keys));
        RandomAccess.SetLength(_file, 0);
        RandomAccess.Write(_file, bytes, 0);
    }

    /// <summary>Notes that all of them are in the index.</summary>
    public void End()
    {
        try
        {
            if (_file is not null)
            {
                RandomAccess.SetLength(_file, 0);
            }
        }
        catch (IOException)
        {
            // The batch is committed: its keys are referenced, and a start after a crash leaves them alone.
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
}
