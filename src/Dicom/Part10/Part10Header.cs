namespace MedicalAi.Dicom;

/// <summary>What stands before the data set of a file (PS3.10 section 7.1).</summary>
/// <param name="Meta">The file meta information; null when the file has none.</param>
/// <param name="TransferSyntax">The transfer syntax of the data set; found by its first element when nothing names it.</param>
/// <param name="DataSetOffset">The first byte of the data set, from the start of the file.</param>
public sealed record Part10Header(FileMetaInformation? Meta, TransferSyntax TransferSyntax, long DataSetOffset)
{
    /// <summary>The transfer syntax that the file meta information names, which the data set may belie; null when it names none.</summary>
    public DicomUid? NamedTransferSyntax { get; init; }
}
