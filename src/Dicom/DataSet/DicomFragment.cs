namespace MedicalAi.Dicom;

/// <summary>One fragment of encapsulated pixel data (PS3.5 A.4).</summary>
/// <param name="Location">Where it stands in the data set it was read from; (0, length) when it was made in memory.</param>
/// <param name="Value">Its bytes; empty when they were left where they came from.</param>
public readonly record struct DicomFragment(BulkLocation Location, ReadOnlyMemory<byte> Value)
{
    /// <summary>A fragment held in memory.</summary>
    public DicomFragment(ReadOnlyMemory<byte> value)
        : this(new BulkLocation(0, value.Length), value)
    {
    }
}
