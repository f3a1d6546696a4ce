using System.Buffers;

namespace MedicalAi.Dicom;

/// <summary>A DICOM file (PS3.10 chapter 7) in memory.</summary>
public sealed class DicomFile
{
    private DicomFile(Part10Header header, DicomDataSet dataSet)
    {
        Header = header;
        DataSet = dataSet;
    }

    /// <summary>How the file begins.</summary>
    public Part10Header Header { get; }

    /// <summary>The file meta information; null when the file has none.</summary>
    public FileMetaInformation? Meta => Header.Meta;

    /// <summary>The transfer syntax of the data set.</summary>
    public TransferSyntax TransferSyntax => Header.TransferSyntax;

    /// <summary>Where the data set begins in the file.</summary>
    public long DataSetOffset => Header.DataSetOffset;

    /// <summary>The data set.</summary>
    public DicomDataSet DataSet { get; }

    /// <summary>Reads a file from memory; values point into <paramref name="bytes"/>.</summary>
    public static ParseResult<DicomFile> Parse(ReadOnlyMemory<byte> bytes, DicomReadOptions? options = null)
    {
        ParseResult<Part10Header?> header = FileMetaInformation.TryRead(new ReadOnlySequence<byte>(bytes), isFinal: true);
        if (!header.Ok)
        {
            return header.Error;
        }

        Part10Header found = header.Value!;
        ParseResult<DicomDataSet> dataSet = DicomDataSet.Parse(bytes[(int)found.DataSetOffset..], found.TransferSyntax, options);
        return dataSet.Ok ? new DicomFile(found, dataSet.Value) : dataSet.Error;
    }

    /// <summary>Reads a file from disk. With a limit on the length of values, memory is bounded whatever the size of the file.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task<ParseResult<DicomFile>> ReadAsync(string path, DicomReadOptions? options, CancellationToken cancellationToken)
    {
        await using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
        return await ReadAsync(stream, options, cancellationToken);
    }

    /// <summary>Reads a file from a stream, to the stop tag or the end.</summary>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static async Task<ParseResult<DicomFile>> ReadAsync(Stream stream, DicomReadOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        byte[] block = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            return await ReadAsync(stream, block, options ?? DicomReadOptions.Default, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block, clearArray: true);
        }
    }

    /// <summary>A whole file of a data set: preamble, meta information of ours, and the data set.</summary>
    /// <exception cref="ArgumentException">The data set lacks its SOP Class or SOP Instance UID.</exception>
    public static byte[] ToBytes(DicomDataSet dataSet, TransferSyntax syntax, string? sourceAe = null)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        ArgumentNullException.ThrowIfNull(syntax);
        FileMetaInformation meta = new()
        {
            MediaStorageSopClass = dataSet.GetUid(DicomTags.SOPClassUID) ?? throw new ArgumentException("The data set has no SOP Class UID.", nameof(dataSet)),
            MediaStorageSopInstance = dataSet.GetUid(DicomTags.SOPInstanceUID) ?? throw new ArgumentException("The data set has no SOP Instance UID.", nameof(dataSet)),
            TransferSyntaxUid = syntax.Uid,
            SourceAe = sourceAe,
        };
        ArrayBufferWriter<byte> file = new();
        file.Write(meta.ToPart10Header());
        DicomDataSetWriter.Write(dataSet, syntax, file);
        return file.WrittenSpan.ToArray();
    }

    private static async Task<ParseResult<DicomFile>> ReadAsync(Stream stream, byte[] block, DicomReadOptions options, CancellationToken cancellationToken)
    {
        ArrayBufferWriter<byte> start = new();
        Part10Header? header = null;
        while (header is null)
        {
            int count = await stream.ReadAsync(block, cancellationToken);
            start.Write(block.AsSpan(0, count));
            ParseResult<Part10Header?> read = FileMetaInformation.TryRead(new ReadOnlySequence<byte>(start.WrittenMemory), isFinal: count == 0);
            if (!read.Ok)
            {
                return read.Error;
            }

            header = read.Value;
        }

        using DicomStreamParser parser = new(header.TransferSyntax, options);
        DicomError? error = parser.Append(start.WrittenSpan[(int)header.DataSetOffset..]);
        start.Clear();
        while (error is null && !parser.Stopped && await stream.ReadAsync(block, cancellationToken) is var count and > 0)
        {
            error = parser.Append(block.AsSpan(0, count));
        }

        ParseResult<DicomDataSet> dataSet = parser.Complete();
        return dataSet.Ok ? new DicomFile(header, dataSet.Value) : dataSet.Error;
    }
}
