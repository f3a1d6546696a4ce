namespace MedicalAi.Dicom;

/// <summary>Where a value stands that was left where it came from.</summary>
/// <param name="Offset">The first byte of the value, from the start of the data set (not of the file).</param>
/// <param name="Length">The length of the value in bytes.</param>
public readonly record struct BulkLocation(long Offset, long Length);
