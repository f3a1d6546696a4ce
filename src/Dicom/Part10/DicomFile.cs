using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace MedicalAi.Dicom;

/// <summary>A DICOM file (PS3.10 chapter 7) in memory.</summary>
public sealed class DicomFile
{
    private const int BlockLength = 64 * 1024;
    private const long LongestWhole = 1 << 30;

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

    /// <summary>
    /// Reads a file from disk, to the stop tag or the end. With a limit on the length of values, memory is bounded whatever the size of
    /// the file. The first 64 KiB, which hold most headers, are read by the caller as opening the file is; what follows is waited for.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task<ParseResult<DicomFile>> ReadAsync(string path, DicomReadOptions? options, CancellationToken cancellationToken)
    {
        options ??= DicomReadOptions.Default;
        using SafeFileHandle handle = File.OpenHandle(path);
        if (LengthOf(handle) is not { } length)
        {
            await using FileStream stream = new(handle, FileAccess.Read, bufferSize: 0);
            return await ReadAsync(stream, options, cancellationToken);
        }

        if (options.KeepsEverything && length > BlockLength && length <= Math.Min(options.MaxTotalLength, LongestWhole))
        {
            return await ReadWholeAsync(handle, (int)length, options, cancellationToken);
        }

        long position = 0;
        bool isFirst = true;
        return await ReadAsync(ReadBlockAsync, options, cancellationToken);

        async ValueTask<int> ReadBlockAsync(Memory<byte> block)
        {
            int count = isFirst ? RandomAccess.Read(handle, block.Span, position) : await RandomAccess.ReadAsync(handle, block, position, cancellationToken);
            position += count;

            // Less than asked for: the next read finds the end, for which nobody has to wait.
            isFirst = count < block.Length;
            return count;
        }
    }

    /// <summary>Reads a file from a stream, to the stop tag or the end.</summary>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static async Task<ParseResult<DicomFile>> ReadAsync(Stream stream, DicomReadOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return await ReadAsync(block => stream.ReadAsync(block, cancellationToken), options ?? DicomReadOptions.Default, cancellationToken);
    }

    /// <summary>A whole file of a data set: preamble, meta information of ours, and the data set.</summary>
    /// <exception cref="ArgumentException">The data set lacks its SOP Class or SOP Instance UID.</exception>
    public static byte[] ToBytes(DicomDataSet dataSet, TransferSyntax syntax, string? sourceAe = null)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        ArgumentNullException.ThrowIfNull(syntax);
        FileMetaInformation meta = MetaOf(dataSet, syntax, sourceAe);
        ArrayBufferWriter<byte> file = new();
        file.Write(meta.ToPart10Header());
        DicomDataSetWriter.Write(dataSet, syntax, file);
        return file.WrittenSpan.ToArray();
    }

    /// <summary>Writes a whole file of a data set some values of which were left in the file that it was read from: preamble, meta information of ours, and the data set.</summary>
    /// <param name="dataSet">The data set.</param>
    /// <param name="syntax">The transfer syntax, the one in which it was read; none that is deflated.</param>
    /// <param name="source">Where values were left; it can be positioned.</param>
    /// <param name="origin">Where in it the data set began: <see cref="DataSetOffset"/>.</param>
    /// <param name="output">Where the file is written.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">The data set lacks its SOP Class or SOP Instance UID.</exception>
    /// <exception cref="NotSupportedException">A value is named by a URI, or the transfer syntax is deflated.</exception>
    /// <exception cref="IOException">The source cannot be read or ends early, or the output cannot be written.</exception>
    public static async Task WriteAsync(DicomDataSet dataSet, TransferSyntax syntax, Stream source, long origin, Stream output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        ArgumentNullException.ThrowIfNull(syntax);
        ArgumentNullException.ThrowIfNull(output);
        await output.WriteAsync(MetaOf(dataSet, syntax, null).ToPart10Header(), cancellationToken);
        await DicomDataSetWriter.WriteAsync(dataSet, syntax, source, origin, output, cancellationToken);
    }

    private static FileMetaInformation MetaOf(DicomDataSet dataSet, TransferSyntax syntax, string? sourceAe) => new()
    {
        MediaStorageSopClass = dataSet.GetUid(DicomTags.SOPClassUID) ?? throw new ArgumentException("The data set has no SOP Class UID.", nameof(dataSet)),
        MediaStorageSopInstance = dataSet.GetUid(DicomTags.SOPInstanceUID) ?? throw new ArgumentException("The data set has no SOP Instance UID.", nameof(dataSet)),
        TransferSyntaxUid = syntax.Uid,
        SourceAe = sourceAe,
    };

    // All of it stays in memory anyway: then its values are left where they are.
    private static async Task<ParseResult<DicomFile>> ReadWholeAsync(SafeFileHandle handle, int length, DicomReadOptions options, CancellationToken cancellationToken)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(length);
        int filled = 0;
        while (filled < length && await RandomAccess.ReadAsync(handle, bytes.AsMemory(filled), filled, cancellationToken) is var count and > 0)
        {
            filled += count;
        }

        return Parse(bytes.AsMemory(0, filled), options);
    }

    // A pipe, for example, has none.
    private static long? LengthOf(SafeFileHandle handle)
    {
        try
        {
            return RandomAccess.GetLength(handle);
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    private static async Task<ParseResult<DicomFile>> ReadAsync(Func<Memory<byte>, ValueTask<int>> readAsync, DicomReadOptions options, CancellationToken cancellationToken)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockLength);
        int filled = 0, used = 0;
        try
        {
            Part10Header? header = null;
            for (int tried = 0; header is null;)
            {
                if (filled == block.Length)
                {
                    block = Grow(block);
                }

                int count = await readAsync(block.AsMemory(filled));
                filled += count;
                used = filled;
                if (count > 0 && filled < 2L * tried)
                {
                    continue; // The header is read from its beginning each time: not for every byte of a slow stream.
                }

                tried = filled;
                ParseResult<Part10Header?> read = FileMetaInformation.TryRead(new ReadOnlySequence<byte>(block, 0, filled), isFinal: count == 0);
                if (!read.Ok)
                {
                    return read.Error;
                }

                header = read.Value;
            }

            using DicomStreamParser parser = new(header.TransferSyntax, options);
            DicomError? error = parser.Append(block.AsSpan((int)header.DataSetOffset, filled - (int)header.DataSetOffset));
            while (error is null && !parser.Stopped && await readAsync(block) is var count and > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                used = Math.Max(used, count);
                error = parser.Append(block.AsSpan(0, count));
            }

            ParseResult<DicomDataSet> dataSet = parser.Complete();
            return dataSet.Ok ? new DicomFile(header, dataSet.Value) : dataSet.Error;
        }
        finally
        {
            Return(block, used);
        }
    }

    private static byte[] Grow(byte[] block)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(block.Length * 2);
        block.CopyTo(larger, 0);
        Return(block, block.Length);
        return larger;
    }

    // Cleared, for it held a patient's data.
    private static void Return(byte[] block, int used)
    {
        block.AsSpan(0, used).Clear();
        ArrayPool<byte>.Shared.Return(block);
    }
}
