namespace MedicalAi.Dicom;

/// <summary>Why bytes could not be understood.</summary>
/// <param name="Kind">The cause.</param>
/// <param name="Message">What was wrong, in words that carry no patient data.</param>
/// <param name="Offset">Where, in bytes from the start of what was read.</param>
/// <param name="Tag">The data element concerned, when one is known.</param>
public sealed record DicomError(DicomErrorKind Kind, string Message, long Offset = 0, DicomTag? Tag = null)
{
    /// <inheritdoc />
    public override string ToString() => Tag is { } tag ? $"{Message} (element {tag}, byte {Offset})" : $"{Message} (byte {Offset})";
}
