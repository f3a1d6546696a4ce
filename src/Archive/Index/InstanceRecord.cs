using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>Everything that the index takes of one instance.</summary>
public sealed record InstanceRecord
{
    /// <summary>The identifiers.</summary>
    public required InstanceIdentity Identity { get; init; }

    /// <summary>The transfer syntax of the stored data set.</summary>
    public required TransferSyntax TransferSyntax { get; init; }

    /// <summary>SHA-256 of the data set's bytes as received.</summary>
    public required ReadOnlyMemory<byte> Digest { get; init; }

    /// <summary>SHA-256 of the file's own header and of <see cref="Digest"/>: files of one key are the same byte for byte.</summary>
    public required ReadOnlyMemory<byte> FileDigest { get; init; }

    /// <summary>The whole Part 10 file in the object store; its key is set by the group commit.</summary>
    public required ObjectLocation File { get; init; }

    /// <summary>Where the data set begins in the file.</summary>
    public required long DataSetOffset { get; init; }

    /// <summary>The attributes that are columns, one value each as text; multiple values are joined by <c>\</c>.</summary>
    public required InstanceColumns Columns { get; init; }

    /// <summary>DICOM JSON of the study's attributes, UTF-8.</summary>
    public required ReadOnlyMemory<byte> StudyAttributes { get; init; }

    /// <summary>DICOM JSON of the series' attributes, UTF-8.</summary>
    public required ReadOnlyMemory<byte> SeriesAttributes { get; init; }

    /// <summary>DICOM JSON of the instance, compressed (raw deflate).</summary>
    public required ReadOnlyMemory<byte> Metadata { get; init; }

    /// <summary>The bulk map.</summary>
    public required ReadOnlyMemory<byte> Bulk { get; init; }

    /// <summary>When it was received.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Where it came from.</summary>
    public required UploadOrigin Origin { get; init; }
}
