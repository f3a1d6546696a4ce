using System.Runtime.CompilerServices;

namespace MedicalAi.Dicom.Network;

/// <summary>What came of sending one file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Length">Its size in bytes; 0 when it could not be read.</param>
/// <param name="Status">The status that the peer answered; null when it was not asked.</param>
/// <param name="Error">Why it is not stored, in words; null when it is.</param>
public sealed record SentFile(string Path, long Length, ushort? Status, string? Error)
{
    /// <summary>Whether the peer has it.</summary>
    public bool IsStored => Error is null;
}

/// <summary>
/// Sends files by C-STORE, in their order, over as few associations as their presentation contexts need. A file that fails does
/// not stop the others; after a lost association the rest goes over a new one.
/// </summary>
public sealed class DicomSender(DicomClientOptions options)
{
    // Headers are read for so many files before they are sent, so that memory does not grow with their number.
    private const int Batch = 500;

    // So many associations in a row without one answer mean that the peer is not there.
    private const int MaxFailures = 2;

    /// <summary>The files of the given files and folders, in a fixed order; folders with all that is below them.</summary>
    /// <exception cref="FileNotFoundException">A path does not exist.</exception>
    public static IReadOnlyList<string> FindFiles(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return
        [
            .. paths.SelectMany<string, string>(path => Directory.Exists(path)
                ? FolderFiles.Find(path)
                : File.Exists(path) ? [path] : throw new FileNotFoundException($"{path} does not exist.", path)),
        ];
    }

    /// <summary>Sends files; yields what came of each as soon as it is known.</summary>
    public async IAsyncEnumerable<SentFile> SendAsync(IEnumerable<string> paths, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? unreachable = null;
        foreach (string[] batch in paths.Chunk(Batch))
        {
            List<InstanceFile> files = [];
            foreach (string path in batch)
            {
                (InstanceFile? file, string? error) = await ExamineAsync(path, cancellationToken);
                if (file is null)
                {
                    yield return new SentFile(path, 0, null, error);
                }
                else
                {
                    files.Add(file);
                }
            }

            foreach ((PresentationContext[] contexts, InstanceFile[] group) in Group(files))
            {
                Queue<InstanceFile> rest = new(group);
                for (int failures = 0; rest.Count > 0 && unreachable is null;)
                {
                    (DicomClient? client, string? refused) = await ConnectAsync(contexts, cancellationToken);
                    if (client is null)
                    {
                        unreachable = refused;
                        break;
                    }

                    await using (client)
                    {
                        bool answered = false;
                        while (rest.Count > 0 && client.IsEstablished)
                        {
                            SentFile sent = await StoreAsync(client, rest.Dequeue(), cancellationToken);
                            answered |= sent.Status is not null;
                            yield return sent;
                        }

                        failures = answered ? 0 : failures + 1;
                        unreachable = await ReleaseAsync(client, cancellationToken) || failures < MaxFailures ? null : "The peer ends every association without an answer.";
                    }
                }

                foreach (InstanceFile file in rest)
                {
                    yield return new SentFile(file.Path, file.Length, null, unreachable);
                }
            }
        }
    }

    /// <summary>The files in their order, in groups whose presentation contexts fit in one association.</summary>
    internal static IEnumerable<(PresentationContext[] Contexts, InstanceFile[] Files)> Group(IEnumerable<InstanceFile> files)
    {
        StorageContexts contexts = new();
        List<InstanceFile> group = [];
        foreach (InstanceFile file in files)
        {
            if (!contexts.TryAdd(file.SopClass, file.TransferSyntax))
            {
                yield return ([.. contexts.All], [.. group]);
                contexts = new StorageContexts();
                contexts.TryAdd(file.SopClass, file.TransferSyntax);
                group.Clear();
            }

            group.Add(file);
        }

        if (group.Count > 0)
        {
            yield return ([.. contexts.All], [.. group]);
        }
    }

    private static async ValueTask<(InstanceFile? File, string? Error)> ExamineAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            ParseResult<InstanceFile> read = await InstanceFile.ReadAsync(path, cancellationToken);
            return read.Ok ? (read.Value, null) : (null, read.Error.ToString());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, exception.Message);
        }
    }

    private static async ValueTask<SentFile> StoreAsync(DicomClient client, InstanceFile file, CancellationToken cancellationToken)
    {
        try
        {
            DimseResponse response = await client.StoreAsync(file, cancellationToken);
            string words = $"{DimseStatus.Describe(response.Status)} ({DimseStatus.Name(response.Status)})";
            return new SentFile(file.Path, file.Length, response.Status, response.IsSuccess ? null : response.ErrorComment is { } comment ? $"{words}: {comment}" : words);
        }
        catch (Exception exception) when (exception is DicomNetworkException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return new SentFile(file.Path, file.Length, null, exception.Message);
        }
    }

    private static async ValueTask<bool> ReleaseAsync(DicomClient client, CancellationToken cancellationToken)
    {
        if (!client.IsEstablished)
        {
            return false;
        }

        try
        {
            await client.ReleaseAsync(cancellationToken);
        }
        catch (DicomNetworkException)
        {
            // Every file has its answer: how the association ends changes nothing.
        }

        return true;
    }

    private async ValueTask<(DicomClient? Client, string? Error)> ConnectAsync(PresentationContext[] contexts, CancellationToken cancellationToken)
    {
        try
        {
            return (await DicomClient.ConnectAsync(options, contexts, cancellationToken), null);
        }
        catch (DicomNetworkException exception)
        {
            return (null, exception.Message);
        }
    }
}
