namespace MedicalAi.Dicom;

/// <summary>The limits of reading a data set.</summary>
public sealed record DicomReadOptions
{
    /// <summary>Everything is kept in memory.</summary>
    public static DicomReadOptions Default { get; } = new();

    /// <summary>Only the header is kept: values over 16 KiB and all fragments are left where they came from.</summary>
    public static DicomReadOptions Header { get; } = new() { MaxValueLength = 16 * 1024, MaxTotalLength = 16 * 1024 * 1024 };

    /// <summary>The longest value in bytes that is kept in memory; of longer ones the place is kept.</summary>
    public int MaxValueLength { get; init; } = int.MaxValue;

    /// <summary>Reading stops before the first element at the top level that is not below this tag.</summary>
    public DicomTag? StopTag { get; init; }

    /// <summary>The most elements, items and fragments together.</summary>
    public int MaxElements { get; init; } = 1_000_000;

    /// <summary>The most bytes of values that are kept in memory, and the most bytes that a deflated data set given as a whole may grow to.</summary>
    public long MaxTotalLength { get; init; } = int.MaxValue;
}
