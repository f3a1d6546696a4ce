using System.Globalization;
using System.IO.Compression;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Media;
using MedicalAi.Dicom.Network;

namespace MedicalAi.Gateway;

/// <summary>
/// The DICOM files that a command line names: files as they are; folders with all that is below them and ZIP files with all that
/// is in them, of which only DICOM files are taken; for the directory of a medium (DICOMDIR) the files that it names. What was
/// unpacked is removed at the end.
/// </summary>
internal sealed class InputFiles : IDisposable
{
    // ZIP files in ZIP files are opened so deep; one can be made that holds itself.
    private const int DeepestArchive = 8;

    private readonly List<string> _files = [];
    private string? _unpacked;
    private int _passedOver;

    private InputFiles()
    {
    }

    /// <summary>The files in the order of the command line.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>How many files a DICOMDIR names that are not there, and how many ZIP files in folders cannot be unpacked; each was told on standard error.</summary>
    public int MissingCount { get; private set; }

    /// <summary>Finds the files.</summary>
    /// <param name="paths">Files and folders.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="isQuiet">Whether it is not told how many files were passed over.</param>
    /// <exception cref="CommandFailedException">A path does not exist or cannot be read, or there is no file.</exception>
    public static async Task<InputFiles> FindAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken, bool isQuiet = false)
    {
        InputFiles found = new();
        try
        {
            foreach (string path in paths)
            {
                if (Path.GetExtension(path).Equals(".zip", StringComparison.OrdinalIgnoreCase) && File.Exists(path))
                {
                    await found.UnpackAsync(path, 1, cancellationToken);
                }
                else if (Directory.Exists(path))
                {
                    await found.AddFolderAsync(path, 0, cancellationToken);
                }
                else if (File.Exists(path) && await IsDirectoryAsync(path, cancellationToken))
                {
                    await found.AddMediumAsync(path, cancellationToken);
                }
                else
                {
                    found._files.AddRange(DicomSender.FindFiles([path]));
                }
            }

            if (found._passedOver > 0 && !isQuiet)
            {
                await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{found._passedOver} files are no DICOM files and were passed over"));
            }

            return found._files.Count > 0 ? found : throw new CommandFailedException("There is no DICOM file in what was named.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            found.Dispose();
            throw new CommandFailedException(e.Message, e);
        }
        catch
        {
            found.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_unpacked is not null)
        {
            Directory.Delete(_unpacked, recursive: true);
            _unpacked = null;
        }
    }

    // In so many archives is the folder.
    private async Task AddFolderAsync(string folder, int depth, CancellationToken cancellationToken)
    {
        foreach (string file in DicomSender.FindFiles([folder]))
        {
            if (Path.GetExtension(file).Equals(".zip", StringComparison.OrdinalIgnoreCase))
            {
                await TryUnpackAsync(file, depth + 1, cancellationToken);
            }
            else if (await IsInstanceAsync(file, cancellationToken))
            {
                _files.Add(file);
            }
            else
            {
                _passedOver++;
            }
        }
    }

    private async Task AddMediumAsync(string path, CancellationToken cancellationToken)
    {
        ParseResult<DicomDirectory> directory = DicomDirectory.Parse(await File.ReadAllBytesAsync(path, cancellationToken));
        if (!directory.Ok)
        {
            throw new CommandFailedException($"{path}: {directory.Error}");
        }

        foreach (string warning in directory.Value.Warnings)
        {
            await Console.Error.WriteLineAsync($"{path}: {warning}");
        }

        MediaFolder medium = new(Path.GetDirectoryName(Path.GetFullPath(path))!);
        HashSet<string> taken = new(StringComparer.Ordinal);
        foreach (DirectoryRecord record in directory.Value.Files)
        {
            if (medium.Find(record.FileId) is not { } file)
            {
                MissingCount++;
                await Console.Error.WriteLineAsync($"{path}: the file {Printable(record.FileId)} is not on the medium");
            }
            else if (taken.Add(file))
            {
                _files.Add(file);
            }
        }
    }

    // The names come from the medium: what would steer a terminal is not written to it.
    private static string Printable(IReadOnlyList<string> fileId) =>
        string.Concat(string.Join('/', fileId).Select(character => char.IsControl(character) ? '?' : character));

    private static async Task<bool> IsDirectoryAsync(string file, CancellationToken cancellationToken)
    {
        if (Path.GetFileName(file).Equals("DICOMDIR", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        ParseResult<DicomFile> start = await DicomFile.ReadAsync(file, DicomReadOptions.Header with { StopTag = DicomTags.FileSetID }, cancellationToken);
        return start.Ok && start.Value.Meta?.MediaStorageSopClass == DicomUids.MediaStorageDirectoryStorage;
    }

    // One of many files that is no good does not keep the others from being taken.
    private async Task TryUnpackAsync(string archive, int depth, CancellationToken cancellationToken)
    {
        try
        {
            await UnpackAsync(archive, depth, cancellationToken);
        }
        catch (InvalidArchiveException e)
        {
            MissingCount++;
            await Console.Error.WriteLineAsync(e.Message);
        }
    }

    private async Task UnpackAsync(string archive, int depth, CancellationToken cancellationToken)
    {
        if (depth > DeepestArchive)
        {
            throw new InvalidArchiveException($"{archive}: ZIP files in one another are opened {DeepestArchive} deep");
        }

        _unpacked ??= Directory.CreateTempSubdirectory("gateway-unpacked-").FullName;
        string target = Directory.CreateDirectory(Path.Combine(_unpacked, Path.GetRandomFileName())).FullName;
        try
        {
            await ZipFile.ExtractToDirectoryAsync(archive, target, cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new InvalidArchiveException($"{archive}: the ZIP file cannot be unpacked: {e.Message}");
        }

        await AddFolderAsync(target, depth, cancellationToken);
    }

    // A directory of a medium is a DICOM file, but no instance. Files without a prefix are rare: they are looked at more closely.
    private static async Task<bool> IsInstanceAsync(string file, CancellationToken cancellationToken)
    {
        byte[] start = new byte[132];
        await using (FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true))
        {
            int length = await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
            if (length == start.Length && start.AsSpan(128).SequenceEqual("DICM"u8))
            {
                return !Path.GetFileName(file).Equals("DICOMDIR", StringComparison.OrdinalIgnoreCase);
            }
        }

        return (await InstanceFile.ReadAsync(file, cancellationToken)).Ok;
    }

    private sealed class InvalidArchiveException(string message) : IOException(message);
}
