namespace MedicalAi.Dicom.Media;

/// <summary>A record of a DICOMDIR (PS3.3 F.3.2.2): a patient, a study, a series, an instance or another thing on the medium.</summary>
public sealed class DirectoryRecord
{
    private readonly List<DirectoryRecord> _children = [];

    internal DirectoryRecord(DicomDataSet keys)
    {
        Keys = keys;
        Type = keys.GetString(DicomTags.DirectoryRecordType)?.ToUpperInvariant() ?? "";
        FileId = keys.GetStrings(DicomTags.ReferencedFileID) is var id && id.All(component => component.Length == 0) ? [] : id;
    }

    /// <summary>Directory Record Type: PATIENT, STUDY, SERIES, IMAGE, SR DOCUMENT…; empty when there is none.</summary>
    public string Type { get; }

    /// <summary>The record itself with its keys, such as Patient's Name or Study Instance UID.</summary>
    public DicomDataSet Keys { get; }

    /// <summary>
    /// Referenced File ID (PS3.10 section 8.2): folders from the root of the medium and the name of the file, as the record has
    /// them; empty when the record names no file. They are not to be trusted: <see cref="MediaFolder"/> finds the file.
    /// </summary>
    public IReadOnlyList<string> FileId { get; }

    /// <summary>The SOP class of the file; null when the record does not tell.</summary>
    public DicomUid? SopClass => Keys.GetUid(DicomTags.ReferencedSOPClassUIDInFile);

    /// <summary>The SOP instance in the file; null when the record does not tell.</summary>
    public DicomUid? SopInstance => Keys.GetUid(DicomTags.ReferencedSOPInstanceUIDInFile);

    /// <summary>The transfer syntax of the file; null when the record does not tell.</summary>
    public DicomUid? TransferSyntax => Keys.GetUid(DicomTags.ReferencedTransferSyntaxUIDInFile);

    /// <summary>The records of the level below: the studies of a patient, the series of a study, the instances of a series.</summary>
    public IReadOnlyList<DirectoryRecord> Children => _children;

    internal void Add(DirectoryRecord child) => _children.Add(child);
}
