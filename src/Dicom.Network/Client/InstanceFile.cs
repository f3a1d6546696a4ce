namespace MedicalAi.Dicom.Network;

/// <summary>A DICOM file, as far as it must be known to send it.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="SopClass">SOP Class UID of its data set.</param>
/// <param name="SopInstance">SOP Instance UID of its data set.</param>
/// <param name="TransferSyntax">The transfer syntax of its data set.</param>
/// <param name="DataSetOffset">Where its data set begins.</param>
public sealed record InstanceFile(string Path, long Length, DicomUid SopClass, DicomUid SopInstance, TransferSyntax TransferSyntax, long DataSetOffset)
{
    // Up to SOP Instance UID (0008,0018).
    private static readonly DicomReadOptions s_identity = DicomReadOptions.Header with { StopTag = new DicomTag(0x0008, 0x0019) };

    /// <summary>Reads the beginning of a file.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static async ValueTask<ParseResult<InstanceFile>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
        ParseResult<DicomFile> read = await DicomFile.ReadAsync(stream, s_identity, cancellationToken);
        if (!read.Ok)
        {
            return read.Error;
        }

        DicomFile file = read.Value;
        return file.DataSet.GetUid(DicomTags.SOPClassUID) is { } sopClass && file.DataSet.GetUid(DicomTags.SOPInstanceUID) is { } sopInstance
            ? new InstanceFile(path, stream.Length, sopClass, sopInstance, file.TransferSyntax, file.DataSetOffset)
            : new DicomError(DicomErrorKind.NotDicom, "The file is no instance: its data set has no SOP Class UID or no SOP Instance UID.");
    }
}
