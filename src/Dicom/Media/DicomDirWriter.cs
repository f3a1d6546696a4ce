using System.Buffers;

namespace MedicalAi.Dicom.Media;

/// <summary>
/// Makes the directory of a medium, the file DICOMDIR (PS3.10 chapter 8, PS3.3 annex F), for instances that are added one by
/// one. Keys are the bytes of the instances with their character sets. Unless it is asked for, nothing is invented: an instance that lacks what its
/// records must have is refused. Not safe for use by several threads.
/// </summary>
public sealed class DicomDirWriter
{
    private const int ItemFrame = 16;
    private const int SequenceHeader = 12;
    private readonly string _fileSetId;
    private readonly DicomUid _sopInstance;
    private readonly DirectoryRecordBuilder _records;
    private readonly Node _root = new("", new DicomDataSet());
    private readonly Dictionary<DicomUid, string> _patientOfStudy = [];
    private readonly Dictionary<DicomUid, DicomUid> _studyOfSeries = [];
    private readonly HashSet<DicomUid> _instances = [];

    /// <summary>An empty directory.</summary>
    /// <param name="fileSetId">File-set ID: at most 16 capital letters, digits and underscores; can be empty.</param>
    /// <param name="sopInstance">The UID of the file-set; a new one when none is given.</param>
    /// <param name="inventsKeys">
    /// Whether keys that a record must have and an instance has not are made up in the record: numbers in a row, <c>NONE_1</c> for an identifier, another date
    /// of the instance or 1900-01-01. UIDs are never made up. Without it, such an instance is refused.
    /// </param>
    /// <exception cref="ArgumentException">The ID is not one that a medium can have.</exception>
    public DicomDirWriter(string fileSetId = "", DicomUid? sopInstance = null, bool inventsKeys = false)
    {
        ArgumentNullException.ThrowIfNull(fileSetId);
        if (!IsFileSetId(fileSetId))
        {
            throw new ArgumentException("A File-set ID has at most 16 capital letters, digits and underscores.", nameof(fileSetId));
        }

        _fileSetId = fileSetId;
        _sopInstance = sopInstance ?? DicomUid.NewUid();
        _records = new DirectoryRecordBuilder(inventsKeys);
    }

    /// <summary>The keys that were made up for the instance that was added last.</summary>
    public IReadOnlyList<DicomTag> Invented => _records.Invented;

    /// <summary>The number of instances that were added.</summary>
    public int Count => _instances.Count;

    /// <summary>Whether a text can be the File-set ID of a medium: at most 16 capital letters, digits and underscores.</summary>
    public static bool IsFileSetId(string text) => text is { Length: <= 16 } && text.All(IsFileIdCharacter);

    /// <summary>Adds the records of an instance: those of its patient, study and series, where they are not there yet, and its own.</summary>
    /// <param name="fileId">Where the file is: one to eight components of one to eight capital letters, digits and underscores (PS3.10 section 8.2).</param>
    /// <param name="instance">The data set of the file; its header is enough.</param>
    /// <param name="syntax">The transfer syntax of the file.</param>
    /// <returns>
    /// Null when the records were added; otherwise nothing was: <see cref="DicomErrorKind.MissingElement"/> for a key without a
    /// value or a SOP class without a record type, <see cref="DicomErrorKind.InvalidText"/> for the name of the file,
    /// <see cref="DicomErrorKind.TooLarge"/> for a key that was left where it came from, <see cref="DicomErrorKind.Inconsistent"/> for an instance
    /// that was added before, and for a study of another patient or a series of another study than before (PS3.3 F.5.2, F.5.3).
    /// </returns>
    public DicomError? Add(IReadOnlyList<string> fileId, DicomDataSet instance, TransferSyntax syntax)
    {
        ArgumentNullException.ThrowIfNull(fileId);
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(syntax);
        _records.Invented.Clear();
        if (fileId.Count is 0 or > 8 || !fileId.All(component => component.Length is > 0 and <= 8 && component.All(IsFileIdCharacter)))
        {
            return new DicomError(DicomErrorKind.InvalidText, "A File ID has one to eight components of one to eight capital letters, digits and underscores.", 0, DicomTags.ReferencedFileID);
        }

        if (instance.GetUid(DicomTags.SOPClassUID) is not { } sopClass || instance.GetUid(DicomTags.SOPInstanceUID) is not { } sopInstance)
        {
            return new DicomError(DicomErrorKind.MissingElement, "The instance has no SOP Class or SOP Instance UID.", 0, DicomTags.SOPInstanceUID);
        }

        if (_instances.Contains(sopInstance))
        {
            return new DicomError(DicomErrorKind.Inconsistent, "The instance is in the directory already.", 0, DicomTags.SOPInstanceUID);
        }

        if (DirectoryRecordTypes.Find(instance, sopClass) is not { } type)
        {
            return new DicomError(DicomErrorKind.MissingElement, $"No directory record is known for the SOP class {sopClass}.", 0, DicomTags.SOPClassUID);
        }

        List<(string Type, DirectoryKey[] Keys, string Identity)> levels = [];
        if (!DirectoryRecordTypes.IsOfRoot(type))
        {
            if (Place(instance, levels) is { } misplaced)
            {
                return misplaced;
            }
        }

        levels.Add((type, DirectoryKeys.OfInstance(type), sopInstance.Value));
        Node? above = _root;
        List<Node> path = [];
        foreach ((string level, DirectoryKey[] keys, string identity) in levels)
        {
            above = above?.Find(identity);
            if (above is null)
            {
                ParseResult<DicomDataSet> record = _records.Build(level, keys, instance);
                if (!record.Ok)
                {
                    return record.Error;
                }

                path.Add(new Node(identity, record.Value));
            }
            else
            {
                path.Add(above);
            }
        }

        path[^1].Record
            .SetString(DicomTags.ReferencedFileID, [.. fileId])
            .SetUid(DicomTags.ReferencedSOPClassUIDInFile, sopClass)
            .SetUid(DicomTags.ReferencedSOPInstanceUIDInFile, sopInstance)
            .SetUid(DicomTags.ReferencedTransferSyntaxUIDInFile, syntax.Uid);
        Node parent = _root;
        foreach (Node node in path)
        {
            parent.AddOnce(node);
            parent = node;
        }

        _instances.Add(sopInstance);
        if (path.Count > 1)
        {
            _patientOfStudy[instance.GetUid(DicomTags.StudyInstanceUID)!.Value] = levels[0].Identity;
            _studyOfSeries[instance.GetUid(DicomTags.SeriesInstanceUID)!.Value] = instance.GetUid(DicomTags.StudyInstanceUID)!.Value;
        }

        return null;
    }

    /// <summary>The whole file, in explicit VR little endian as the standard asks (PS3.10 section 8.6).</summary>
    public byte[] ToBytes()
    {
        FileMetaInformation meta = new()
        {
            MediaStorageSopClass = DicomUids.MediaStorageDirectoryStorage,
            MediaStorageSopInstance = _sopInstance,
            TransferSyntaxUid = TransferSyntax.ExplicitVrLittleEndian.Uid,
        };
        ArrayBufferWriter<byte> file = new();
        file.Write(meta.ToPart10Header());
        DicomDataSet directory = new DicomDataSet()
            .SetString(DicomTags.FileSetID, _fileSetId)
            .SetInt(DicomTags.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity, 0L)
            .SetInt(DicomTags.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity, 0L)
            .SetInt(DicomTags.FileSetConsistencyFlag, 0L);

        // Links have a fixed length, so that records can be placed before they are linked.
        List<Node> nodes = [];
        _root.AppendBelow(nodes);
        long offset = file.WrittenCount + Length(directory) + SequenceHeader;
        foreach (Node node in nodes)
        {
            node.Offset = offset;
            offset += Length(node.Record) + ItemFrame;
        }

        Link(_root);
        foreach (Node node in nodes)
        {
            node.Record.SetInt(DicomTags.OffsetOfReferencedLowerLevelDirectoryEntity, node.Children.Count > 0 ? node.Children[0].Offset : 0L);
            Link(node);
        }

        if (nodes.Count > 0)
        {
            directory.SetInt(DicomTags.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity, _root.Children[0].Offset);
            directory.SetInt(DicomTags.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity, _root.Children[^1].Offset);
        }

        directory.SetSequence(DicomTags.DirectoryRecordSequence, [.. nodes.Select(node => node.Record)]);
        DicomDataSetWriter.Write(directory, TransferSyntax.ExplicitVrLittleEndian, file);
        return file.WrittenSpan.ToArray();
    }

    private static bool IsFileIdCharacter(char character) => char.IsAsciiLetterUpper(character) || char.IsAsciiDigit(character) || character == '_';

    private static int Length(DicomDataSet dataSet) => DicomDataSetWriter.ToBytes(dataSet, TransferSyntax.ExplicitVrLittleEndian).Length;

    private static void Link(Node parent)
    {
        for (int i = 0; i < parent.Children.Count; i++)
        {
            parent.Children[i].Record.SetInt(DicomTags.OffsetOfTheNextDirectoryRecord, i + 1 < parent.Children.Count ? parent.Children[i + 1].Offset : 0L);
        }
    }

    /// <summary>The levels above an instance.</summary>
    private DicomError? Place(DicomDataSet instance, List<(string Type, DirectoryKey[] Keys, string Identity)> levels)
    {
        if (instance.GetUid(DicomTags.StudyInstanceUID) is not { } study)
        {
            return new DicomError(DicomErrorKind.MissingElement, "The instance has no Study Instance UID.", 0, DicomTags.StudyInstanceUID);
        }

        if (instance.GetUid(DicomTags.SeriesInstanceUID) is not { } series)
        {
            return new DicomError(DicomErrorKind.MissingElement, "The instance has no Series Instance UID.", 0, DicomTags.SeriesInstanceUID);
        }

        // A patient without an identifier is one for each study.
        string patient = instance.GetString(DicomTags.PatientID) is { } id ? "id " + id : "study " + study;
        if (_patientOfStudy.TryGetValue(study, out string? known) && known != patient)
        {
            return new DicomError(DicomErrorKind.Inconsistent, "The study is one of another patient already.", 0, DicomTags.PatientID);
        }

        if (_studyOfSeries.TryGetValue(series, out DicomUid above) && above != study)
        {
            return new DicomError(DicomErrorKind.Inconsistent, "The series is one of another study already.", 0, DicomTags.StudyInstanceUID);
        }

        levels.Add(("PATIENT", DirectoryKeys.Patient, patient));
        levels.Add(("STUDY", DirectoryKeys.Study, study.Value));
        levels.Add(("SERIES", DirectoryKeys.Series, series.Value));
        return null;
    }

    private sealed class Node(string identity, DicomDataSet record)
    {
        private readonly Dictionary<string, Node> _byIdentity = new(StringComparer.Ordinal);

        public DicomDataSet Record { get; } = record;

        public List<Node> Children { get; } = [];

        public long Offset { get; set; }

        private string Identity { get; } = identity;

        public Node? Find(string child) => _byIdentity.GetValueOrDefault(child);

        public void AddOnce(Node child)
        {
            if (_byIdentity.TryAdd(child.Identity, child))
            {
                Children.Add(child);
            }
        }

        public void AppendBelow(List<Node> nodes)
        {
            foreach (Node child in Children)
            {
                nodes.Add(child);
                child.AppendBelow(nodes);
            }
        }
    }
}
