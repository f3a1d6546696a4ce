using System.Globalization;

namespace MedicalAi.Dicom.Media;

/// <summary>
/// Makes a medium in a folder: copies of DICOM files under names that every file system of media can have (PS3.10 section 8.2), below
/// <c>DICOM</c> by patient, study and series, and the DICOMDIR that names them. The bytes of a data set stay as they are, but those in implicit VR, big
/// endian or deflated are written anew in explicit VR little endian, which is the one uncompressed form that the profiles of PS3.11 for general media
/// allow; file meta information is made anew. Not safe for use by several threads.
/// </summary>
public sealed class MediaWriter
{
    /// <summary>The name of the directory.</summary>
    public const string DirectoryName = "DICOMDIR";

    // Eight characters are two letters and a number.
    private const int MaxNumber = 999_999;

    private readonly string _folder;
    private readonly DicomDirWriter _directory;
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>A medium in a folder, which is made if there is none.</summary>
    /// <param name="folder">The folder; nothing may be in it.</param>
    /// <param name="fileSetId">File-set ID: at most 16 capital letters, digits and underscores; can be empty.</param>
    /// <param name="inventsKeys">Whether the directory gets keys that instances lack; see <see cref="DicomDirWriter"/>.</param>
    /// <exception cref="ArgumentException">The ID is not one that a medium can have.</exception>
    /// <exception cref="IOException">The folder cannot be made, or there is something in it.</exception>
    public MediaWriter(string folder, string fileSetId = "", bool inventsKeys = false)
    {
        _folder = Path.GetFullPath(folder);
        _directory = new DicomDirWriter(fileSetId, null, inventsKeys);
        Directory.CreateDirectory(_folder);
        if (Directory.EnumerateFileSystemEntries(_folder).Any())
        {
            throw new IOException($"There is something in {folder}: a medium is made in an empty folder.");
        }
    }

    /// <summary>The number of instances on the medium.</summary>
    public int Count => _directory.Count;

    /// <summary>The keys that were made up in the directory for the instance that was added last.</summary>
    public IReadOnlyList<DicomTag> Invented => _directory.Invented;

    /// <summary>Copies an instance onto the medium.</summary>
    /// <param name="path">A DICOM file, with file meta information or without.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when it was copied; otherwise nothing was: the errors of <see cref="DicomFile.Parse"/> and of <see cref="DicomDirWriter.Add"/>.</returns>
    /// <exception cref="IOException">The file cannot be read, or the copy not be written.</exception>
    public async Task<DicomError?> AddAsync(string path, CancellationToken cancellationToken)
    {
        await using FileStream source = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
        ParseResult<DicomFile> read = await DicomFile.ReadAsync(source, DicomReadOptions.Header, cancellationToken);
        if (!read.Ok)
        {
            return read.Error;
        }

        DicomFile file = read.Value;
        bool isRewritten = IsRewritten(file.TransferSyntax);
        TransferSyntax syntax = isRewritten ? TransferSyntax.ExplicitVrLittleEndian : file.TransferSyntax;
        string[] fileId = Name(file.DataSet);
        if (_directory.Add(fileId, file.DataSet, syntax) is { } error)
        {
            return error;
        }

        string target = Path.Combine([_folder, .. fileId]);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        await using FileStream copy = new(target, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true);
        await copy.WriteAsync(Meta(file, syntax).ToPart10Header(), cancellationToken);
        source.Position = file.DataSetOffset;
        await using Stream dataSet = isRewritten ? new RewritingStream(source, file.TransferSyntax, syntax) : source;
        await dataSet.CopyToAsync(copy, cancellationToken);
        return null;
    }

    /// <summary>Writes the DICOMDIR. The medium is whole then; call it once, at the end.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        await using FileStream file = new(Path.Combine(_folder, DirectoryName), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true);
        await file.WriteAsync(_directory.ToBytes(), cancellationToken);
    }

    private static bool IsRewritten(TransferSyntax syntax) =>
        syntax == TransferSyntax.ImplicitVrLittleEndian || syntax == TransferSyntax.ExplicitVrBigEndian || syntax == TransferSyntax.DeflatedExplicitVrLittleEndian;

    // The directory has seen that there are both UIDs.
    private static FileMetaInformation Meta(DicomFile file, TransferSyntax syntax) => new()
    {
        MediaStorageSopClass = file.DataSet.GetUid(DicomTags.SOPClassUID)!.Value,
        MediaStorageSopInstance = file.DataSet.GetUid(DicomTags.SOPInstanceUID)!.Value,
        TransferSyntaxUid = syntax.Uid,
    };

    private string[] Name(DicomDataSet instance)
    {
        List<string> path = ["DICOM"];
        if (instance.GetUid(DicomTags.StudyInstanceUID) is { } study && instance.GetUid(DicomTags.SeriesInstanceUID) is { } series)
        {
            path.Add(Known("PT", path, instance.GetString(DicomTags.PatientID) ?? study.Value));
            path.Add(Known("ST", path, study.Value));
            path.Add(Known("SE", path, series.Value));
        }

        path.Add(Next("IM", path));
        return [.. path];
    }

    private string Known(string prefix, List<string> above, string identity)
    {
        string key = $"{string.Join('/', above)}/{prefix}/{identity}";
        return _names.TryGetValue(key, out string? name) ? name : _names[key] = Next(prefix, above);
    }

    private string Next(string prefix, List<string> above)
    {
        string key = $"{string.Join('/', above)}/{prefix}";
        int number = _counts.GetValueOrDefault(key) + 1;
        if (number > MaxNumber)
        {
            throw new IOException("A medium has no more names for so many files.");
        }

        _counts[key] = number;
        return string.Create(CultureInfo.InvariantCulture, $"{prefix}{number:000000}");
    }
}
