namespace MedicalAi.Dicom;

/// <summary>The limits of reading a data set.</summary>
public sealed record DicomReadOptions
{
    /// <summary>Everything is kept in memory.</summary>
    public static DicomReadOptions Default { get; } = new();

    /// <summary>Only the header is kept: values over 16 KiB, binary ones over 1 KiB and pixel data of any length are left where they came from.</summary>
    public static DicomReadOptions Header { get; } = new() { MaxValueLength = 16 * 1024, MaxBulkLength = 1024, MaxTotalLength = 16 * 1024 * 1024 };

    /// <summary>
    /// The longest value in bytes that is kept in memory; of longer ones the place is kept. Where data comes in blocks, values
    /// over 1 GiB are left where they are in any case.
    /// </summary>
    public int MaxValueLength { get; init; } = int.MaxValue;

    /// <summary>
    /// The same for values of OB, OD, OF, OL, OV, OW and UN, where it is less. With any limit set, pixel data is left where it
    /// came from whatever its length, native or in fragments, so that it is always reached in the same way. Offset tables,
    /// basic and extended, are kept up to 4 MiB.
    /// </summary>
    public int MaxBulkLength { get; init; } = int.MaxValue;

    /// <summary>Whether every value stays in memory.</summary>
    internal bool KeepsEverything => MaxValueLength == int.MaxValue && MaxBulkLength == int.MaxValue && StopTag is null;

    /// <summary>Reading stops before the first element at the top level that is not below this tag.</summary>
    public DicomTag? StopTag { get; init; }

    /// <summary>The most elements, items and fragments together.</summary>
    public int MaxElements { get; init; } = 1_000_000;

    /// <summary>The most bytes of values that are kept in memory.</summary>
    public long MaxTotalLength { get; init; } = int.MaxValue;

    /// <summary>The most bytes that a deflated data set may inflate to, those not kept in memory included: a bound on time, not on memory.</summary>
    public long MaxInflatedLength { get; init; } = 16L * 1024 * 1024 * 1024;
}
