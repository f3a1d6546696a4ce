using System.Buffers;

namespace MedicalAi.Dicom.Media;

/// <summary>
/// Makes the directory of a medium, the file DICOMDIR (PS3.10 chapter 8, PS3.3 annex F), for instances that are added one by
/// one. Keys are the bytes of the instances with their character sets; nothing is invented: an instance that lacks what its
/// records must have is refused. Not safe for use by several threads.
/// </summary>
public sealed class DicomDirWriter
{
    private const int ItemFrame = 16;
    private const int SequenceHeader = 12;
    private readonly string _fileSetId;
    private readonly DicomUid _sopInstance;
    private readonly Node _root = new("", new DicomDataSet());

    /// <summary>An empty directory.</summary>
    /// <param name="fileSetId">File-set ID: at most 16 capital letters, digits and underscores; can be empty.</param>
    /// <param name="sopInstance">The UID of the file-set; a new one when none is given.</param>
    /// <exception cref="ArgumentException">The ID is not one that a medium can have.</exception>
    public DicomDirWriter(string fileSetId = "", DicomUid? sopInstance = null)
    {
        ArgumentNullException.ThrowIfNull(fileSetId);
        if (fileSetId.Length > 16 || !fileSetId.All(IsFileIdCharacter))
        {
            throw new ArgumentException("A File-set ID has at most 16 capital letters, digits and underscores.", nameof(fileSetId));
        }

        _fileSetId = fileSetId;
        _sopInstance = sopInstance ?? DicomUid.NewUid();
    }

    /// <summary>Adds the records of an instance: those of its patient, study and series, where they are not there yet, and its own.</summary>
    /// <param name="fileId">Where the file is: one to eight components of one to eight capital letters, digits and underscores (PS3.10 section 8.2).</param>
    /// <param name="instance">The data set of the file; its header is enough.</param>
    /// <param name="syntax">The transfer syntax of the file.</param>
    /// <returns>
    /// Null when the records were added; otherwise nothing was: <see cref="DicomErrorKind.MissingElement"/> for a key without a
    /// value or a SOP class without a record type, <see cref="DicomErrorKind.InvalidText"/> for the name of the file,
    /// <see cref="DicomErrorKind.TooLarge"/> for a key that was left where it came from.
    /// </returns>
    public DicomError? Add(IReadOnlyList<string> fileId, DicomDataSet instance, TransferSyntax syntax)
    {
        ArgumentNullException.ThrowIfNull(fileId);
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(syntax);
        if (fileId.Count is 0 or > 8 || !fileId.All(component => component.Length is > 0 and <= 8 && component.All(IsFileIdCharacter)))
        {
            return new DicomError(DicomErrorKind.InvalidText, "A File ID has one to eight components of one to eight capital letters, digits and underscores.", 0, DicomTags.ReferencedFileID);
        }

        if (instance.GetUid(DicomTags.SOPClassUID) is not { } sopClass || instance.GetUid(DicomTags.SOPInstanceUID) is not { } sopInstance)
        {
            return new DicomError(DicomErrorKind.MissingElement, "The instance has no SOP Class or SOP Instance UID.", 0, DicomTags.SOPInstanceUID);
        }

        if (DirectoryKeys.TypeOf(instance, sopClass) is not { } type)
        {
            return new DicomError(DicomErrorKind.MissingElement, $"No directory record is known for the SOP class {sopClass}.", 0, DicomTags.SOPClassUID);
        }

        (string Type, DirectoryKey[] Keys, DicomTag Identity)[] levels =
        [
            ("PATIENT", DirectoryKeys.Patient, DicomTags.PatientID),
            ("STUDY", DirectoryKeys.Study, DicomTags.StudyInstanceUID),
            ("SERIES", DirectoryKeys.Series, DicomTags.SeriesInstanceUID),
            (type, DirectoryKeys.OfInstance(type), DicomTags.SOPInstanceUID),
        ];
        Node[] path = new Node[levels.Length];
        for (int i = 0; i < levels.Length; i++)
        {
            DicomDataSet record = new DicomDataSet()
                .SetInt(DicomTags.OffsetOfTheNextDirectoryRecord, 0L)
                .SetInt(DicomTags.RecordInUseFlag, 0xFFFFL)
                .SetInt(DicomTags.OffsetOfReferencedLowerLevelDirectoryEntity, 0L)
                .SetString(DicomTags.DirectoryRecordType, levels[i].Type);
            if (CopyKeys(instance, levels[i].Keys, record) is { } error)
            {
                return error;
            }

            path[i] = new Node(instance.GetString(levels[i].Identity) ?? "", record);
        }

        path[^1].Record
            .SetString(DicomTags.ReferencedFileID, [.. fileId])
            .SetUid(DicomTags.ReferencedSOPClassUIDInFile, sopClass)
            .SetUid(DicomTags.ReferencedSOPInstanceUIDInFile, sopInstance)
            .SetUid(DicomTags.ReferencedTransferSyntaxUIDInFile, syntax.Uid);
        Node above = _root;
        for (int i = 0; i < path.Length; i++)
        {
            above = above.FindOrAdd(path[i], isShared: i < path.Length - 1);
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

    private static DicomError? CopyKeys(DicomDataSet instance, DirectoryKey[] keys, DicomDataSet record)
    {
        if (instance.Find(DicomTags.SpecificCharacterSet) is { } characterSet)
        {
            record.Set(characterSet);
        }

        foreach (DirectoryKey key in keys)
        {
            DicomElement? element = instance.Find(key.Tag);
            bool hasValue = element is { IsEmpty: false } && (element.Items is not null || element.IsElsewhere || instance.GetStrings(key.Tag).Any(value => value.Length > 0));
            if (hasValue && HasBulk(element!))
            {
                return new DicomError(DicomErrorKind.TooLarge, "The value of a key of the directory record is not in memory.", 0, key.Tag);
            }

            if (hasValue)
            {
                record.Set(Copy(element!));
            }
            else if (key.Type == KeyType.Type1)
            {
                return new DicomError(DicomErrorKind.MissingElement, "The instance has no value for a key that its directory record must have.", 0, key.Tag);
            }
            else if (key.Type == KeyType.Type2)
            {
                record.SetEmpty(key.Tag);
            }
        }

        return null;
    }

    private static bool HasBulk(DicomElement element) => element.IsElsewhere || (element.Items?.Any(item => item.Any(HasBulk)) ?? false);

    // Items belong to one data set: those of the instance stay its own.
    private static DicomElement Copy(DicomElement element)
    {
        if (element.Items is not { } items)
        {
            return element;
        }

        DicomDataSet[] copies = new DicomDataSet[items.Count];
        for (int i = 0; i < copies.Length; i++)
        {
            copies[i] = new DicomDataSet();
            foreach (DicomElement inner in items[i])
            {
                copies[i].Set(Copy(inner));
            }
        }

        return new DicomElement(element.Tag, copies);
    }

    private sealed class Node(string identity, DicomDataSet record)
    {
        private readonly Dictionary<string, Node> _byIdentity = new(StringComparer.Ordinal);

        public DicomDataSet Record { get; } = record;

        public List<Node> Children { get; } = [];

        public long Offset { get; set; }

        private string Identity { get; } = identity;

        public Node FindOrAdd(Node child, bool isShared)
        {
            if (isShared && !_byIdentity.TryAdd(child.Identity, child))
            {
                return _byIdentity[child.Identity];
            }

            Children.Add(child);
            return child;
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
