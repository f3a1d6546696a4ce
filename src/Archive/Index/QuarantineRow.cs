using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>An instance that was kept aside, because its SOP Instance UID was taken by other content.</summary>
/// <param name="Id">The row's number.</param>
/// <param name="Identity">Its identifiers; the first with this SOP Instance UID may be of another study.</param>
/// <param name="TransferSyntax">The transfer syntax of the data set.</param>
/// <param name="Digest">SHA-256 of the data set's bytes as received.</param>
/// <param name="File">The whole Part 10 file in the object store.</param>
/// <param name="DataSetOffset">Where the data set begins in the file.</param>
/// <param name="ReceivedAt">When it was received.</param>
/// <param name="Origin">Where it came from.</param>
public sealed record QuarantineRow(
    long Id,
    InstanceIdentity Identity,
    TransferSyntax TransferSyntax,
    ReadOnlyMemory<byte> Digest,
    ObjectLocation File,
    long DataSetOffset,
    DateTimeOffset ReceivedAt,
    UploadOrigin Origin)
{
    /// <summary>The data set in the object store.</summary>
    public ObjectLocation DataSet => File.Slice(DataSetOffset, File.Length - DataSetOffset);
}
