namespace MedicalAi.Dicom.Media;

/// <summary>
/// The directory of a medium, the file DICOMDIR (PS3.10 chapter 8, PS3.3 annex F). Its records are linked by the bytes at which
/// they begin. Where these links are broken, as they are when a program has rewritten the file without counting anew, the records
/// are taken in the order of the file instead, and <see cref="Warnings"/> tells it.
/// </summary>
public sealed class DicomDirectory
{
    private DicomDirectory(string? fileSetId, IReadOnlyList<DirectoryRecord> roots, IReadOnlyList<string> warnings)
    {
        FileSetId = fileSetId;
        Roots = roots;
        Warnings = warnings;
    }

    /// <summary>File-set ID; null when there is none.</summary>
    public string? FileSetId { get; }

    /// <summary>The records of the root: mostly patients.</summary>
    public IReadOnlyList<DirectoryRecord> Roots { get; }

    /// <summary>What was wrong with the directory and was put up with; no patient data.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The records of patients (PS3.3 F.5.1), each with its studies, their series and their instances below it.</summary>
    public IEnumerable<DirectoryRecord> Patients => Records.Where(record => record.Type == "PATIENT");

    /// <summary>The records that name a file, in the order of the directory.</summary>
    public IEnumerable<DirectoryRecord> Files => Records.Where(record => record.FileId.Count > 0);

    /// <summary>All records, each before those below it.</summary>
    public IEnumerable<DirectoryRecord> Records
    {
        get
        {
            // No recursion: a hostile directory can be as deep as it is long.
            Stack<DirectoryRecord> waiting = new(Roots.Reverse());
            while (waiting.TryPop(out DirectoryRecord? record))
            {
                yield return record;
                foreach (DirectoryRecord child in record.Children.Reverse())
                {
                    waiting.Push(child);
                }
            }
        }
    }

    /// <summary>
    /// Reads a directory. Of a file that is cut short or damaged the whole records are kept, with a warning.
    /// </summary>
    /// <param name="file">The whole file.</param>
    /// <param name="options">The limits; <see cref="DicomReadOptions.MaxElements"/> bounds the number of records.</param>
    /// <returns>
    /// The directory, or <see cref="DicomErrorKind.MissingElement"/> for a file without a Directory Record Sequence, and the errors
    /// of <see cref="DicomFile.Parse"/>.
    /// </returns>
    public static ParseResult<DicomDirectory> Parse(ReadOnlyMemory<byte> file, DicomReadOptions? options = null)
    {
        ParseResult<DirectoryFile> read = DirectoryFile.Read(file, options ?? DicomReadOptions.Default);
        if (!read.Ok)
        {
            return read.Error;
        }

        List<string> warnings = [.. read.Value.Warnings];
        IReadOnlyList<DirectoryRecord> roots = DirectoryLinks.Resolve(read.Value, warnings);
        return new DicomDirectory(read.Value.DataSet.GetString(DicomTags.FileSetID), roots, warnings);
    }
}
