using System.Buffers;
using System.IO.Pipelines;
using MedicalAi.Dicom;
using Microsoft.Extensions.Logging;

namespace MedicalAi.Archive;

/// <summary>
/// The one door into the archive: everything that becomes an instance passes through it and gets the same checks, durability and
/// index. Safe for use by several threads.
/// </summary>
public sealed class IngestService
{
    // A preamble and file meta information of ordinary files is under 1 KiB.
    private const int MaximumFileHeader = 256 * 1024;

    internal IngestService(IObjectStore store, GroupCommitter committer, TimeProvider time, ILogger<IngestService> logger)
    {
        Store = store;
        Committer = committer;
        Time = time;
        Logger = logger;
    }

    /// <summary>What of an instance is held in memory while it comes in: its header, up to 16 MiB of values.</summary>
    internal static DicomReadOptions HeaderOptions { get; } = DicomReadOptions.Header with { MaxElements = 500_000 };

    internal IObjectStore Store { get; }

    internal GroupCommitter Committer { get; }

    internal TimeProvider Time { get; }

    internal ILogger Logger { get; }

    /// <summary>Begins an instance whose data set follows without file meta information, as in a C-STORE request.</summary>
    /// <param name="origin">Where it comes from.</param>
    /// <param name="syntax">The transfer syntax of the data set, as negotiated.</param>
    /// <param name="expected">What was announced.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask<InstanceUpload> BeginAsync(UploadOrigin origin, TransferSyntax syntax, InstanceExpectation expected, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(origin);
        ArgumentNullException.ThrowIfNull(syntax);
        ArgumentNullException.ThrowIfNull(expected);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(new InstanceUpload(this, origin, syntax, expected, []));
    }

    /// <summary>
    /// Takes a Part 10 file (PS3.10 chapter 7): its preamble and file meta information are replaced by ours, its data set is kept
    /// exactly as sent. Reads to the end of the stream whatever the outcome.
    /// </summary>
    /// <param name="source">The file; not disposed.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <param name="expected">What was announced.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<IngestResult> IngestPart10Async(Stream source, UploadOrigin origin, InstanceExpectation expected, CancellationToken cancellationToken)
    {
        PipeReader reader = PipeReader.Create(source, new StreamPipeReaderOptions(bufferSize: 64 * 1024, leaveOpen: true));
        try
        {
            return await IngestPart10Async(reader, origin, expected, cancellationToken);
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    /// <summary>As the other, from a pipe, which is read to its end and not completed.</summary>
    /// <param name="source">The file.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <param name="expected">What was announced.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<IngestResult> IngestPart10Async(PipeReader source, UploadOrigin origin, InstanceExpectation expected, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(origin);
        ArgumentNullException.ThrowIfNull(expected);
        ParseResult<Part10Header> header = await ReadHeaderAsync(source, cancellationToken);
        if (header.Error is { } error)
        {
            await PassAsync(source, null, cancellationToken);
            IngestResult refused = new(IngestOutcome.CannotUnderstand, null, error.ToString(), []);
            Log.Refused(Logger, refused.Outcome, origin.Protocol, origin.CallingAe, refused.Message);
            ArchiveMetrics.Ingested(refused.Outcome);
            return refused;
        }

        List<string> warnings = [];
        if (header.Value.Meta is null)
        {
            warnings.Add("The file has no file meta information; its transfer syntax was inferred from the data set.");
        }

        await using InstanceUpload upload = new(this, origin, header.Value.TransferSyntax, expected, warnings);
        await PassAsync(source, upload, cancellationToken);
        IngestResult result = await upload.CompleteAsync(cancellationToken);
        return header.Value.Meta is { } meta && result.Identity is { } identity && meta.MediaStorageSopInstance != identity.SopInstance
            ? result with { Warnings = [.. result.Warnings, "The Media Storage SOP Instance UID of the file is not the SOP Instance UID of its data set."] }
            : result;
    }

    /// <summary>Takes a data set of our own making, without bulk values left elsewhere.</summary>
    /// <param name="dataSet">The data set.</param>
    /// <param name="syntax">The syntax in which to store it.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NotSupportedException">The data set holds bulk values that are not in memory.</exception>
    public async ValueTask<IngestResult> IngestAsync(DicomDataSet dataSet, TransferSyntax syntax, UploadOrigin origin, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        await using InstanceUpload upload = await BeginAsync(origin, syntax, InstanceExpectation.None, cancellationToken);
        await upload.WriteAsync(new ReadOnlySequence<byte>(DicomDataSetWriter.ToBytes(dataSet, syntax)), cancellationToken);
        return await upload.CompleteAsync(cancellationToken);
    }

    /// <summary>Reads up to the data set, which is what the source gives next.</summary>
    private static async ValueTask<ParseResult<Part10Header>> ReadHeaderAsync(PipeReader source, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await source.ReadAsync(cancellationToken);
            ParseResult<Part10Header?> header = FileMetaInformation.TryRead(read.Buffer, read.IsCompleted);
            if (header.Error is { } error)
            {
                source.AdvanceTo(read.Buffer.Start);
                return error;
            }

            if (header.Value is { } found)
            {
                source.AdvanceTo(read.Buffer.GetPosition(found.DataSetOffset));
                return found;
            }

            source.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted || read.Buffer.Length > MaximumFileHeader)
            {
                return new DicomError(read.IsCompleted ? DicomErrorKind.Truncated : DicomErrorKind.TooLarge, "The file meta information does not end.");
            }
        }
    }

    /// <summary>Reads to the end; without an upload the bytes are passed over.</summary>
    private static async ValueTask PassAsync(PipeReader source, InstanceUpload? upload, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await source.ReadAsync(cancellationToken);
            if (upload is not null)
            {
                await upload.WriteAsync(read.Buffer, cancellationToken);
            }

            source.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }
}
