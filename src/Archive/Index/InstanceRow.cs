using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>An instance as the index knows it, without its metadata.</summary>
public sealed record InstanceRow
{
    /// <summary>The row's number in the index.</summary>
    public required long Id { get; init; }

    /// <summary>The identifiers.</summary>
    public required InstanceIdentity Identity { get; init; }

    /// <summary>The transfer syntax of the stored data set.</summary>
    public required TransferSyntax TransferSyntax { get; init; }

    /// <summary>SHA-256 of the data set's bytes as received.</summary>
    public required ReadOnlyMemory<byte> Digest { get; init; }

    /// <summary>The whole Part 10 file in the object store.</summary>
    public required ObjectLocation File { get; init; }

    /// <summary>Where the data set begins in the file; before it stand the preamble and the file meta information.</summary>
    public required long DataSetOffset { get; init; }

    /// <summary>The data set in the object store.</summary>
    public ObjectLocation DataSet => File.Slice(DataSetOffset, File.Length - DataSetOffset);

    /// <summary>Instance Number (0020,0013).</summary>
    public long? InstanceNumber { get; init; }

    /// <summary>Number of Frames (0028,0008); null when absent.</summary>
    public int? NumberOfFrames { get; init; }

    /// <summary>Rows (0028,0010).</summary>
    public int? Rows { get; init; }

    /// <summary>Columns (0028,0011).</summary>
    public int? Columns { get; init; }

    /// <summary>Bits Allocated (0028,0100).</summary>
    public int? BitsAllocated { get; init; }

    /// <summary>When it was received.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The way in (<see cref="UploadOrigin.Protocol"/>).</summary>
    public required string Protocol { get; init; }
}
