using System.Buffers;
using System.Security.Cryptography;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>
/// An instance on its way in: data set bytes are hashed, parsed for their header and passed on to the store in one go, so that the
/// memory needed does not grow with the instance. Disposing without <see cref="CompleteAsync"/> discards it. For one caller at a time.
/// </summary>
public sealed class InstanceUpload : IAsyncDisposable
{
    // The file meta information stands before the data set and names two of its UIDs, so the bytes up to these are held back.
    private const int MaximumPrefix = 256 * 1024;
    private const int Step = 16 * 1024;

    private readonly IngestService _service;
    private readonly UploadOrigin _origin;
    private readonly TransferSyntax _syntax;
    private readonly InstanceExpectation _expected;
    private readonly List<string> _warnings;
    private readonly long _startedAt;
    private readonly DicomStreamParser _parser;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private ArrayBufferWriter<byte>? _prefix = new(4 * 1024);
    private byte[] _fileHeader = [];
    private StagedObject? _staged;
    private IngestResult? _failure;
    private bool _isCompleted;

    internal InstanceUpload(IngestService service, UploadOrigin origin, TransferSyntax syntax, InstanceExpectation expected, List<string> warnings)
    {
        _service = service;
        _origin = origin;
        _syntax = syntax;
        _expected = expected;
        _warnings = warnings;
        _startedAt = service.Time.GetTimestamp();
        _parser = new DicomStreamParser(syntax, IngestService.HeaderOptions);
    }

    /// <summary>
    /// Takes the next bytes of the data set. Bad content, a full disk and a store that is away do not throw: they are remembered,
    /// what follows is passed over, and <see cref="CompleteAsync"/> answers with them.
    /// </summary>
    /// <param name="bytes">Any number of bytes; not kept after the call.</param>
    /// <param name="cancellationToken">Gives up; the upload can then only be disposed.</param>
    public async ValueTask WriteAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isCompleted, this);
        cancellationToken.ThrowIfCancellationRequested();
        ReadOnlySequence<byte> rest = bytes;
        try
        {
            while (_prefix is not null && _failure is null && !rest.IsEmpty)
            {
                ReadOnlyMemory<byte> first = rest.First;
                ReadOnlyMemory<byte> part = first[..Math.Min(first.Length, Step)];
                rest = rest.Slice(part.Length);
                await HoldBackAsync(part, cancellationToken);
            }

            if (_failure is null && !rest.IsEmpty)
            {
                foreach (ReadOnlyMemory<byte> segment in rest)
                {
                    Examine(segment.Span);
                }

                if (_failure is null)
                {
                    await _staged!.WriteAsync(rest, cancellationToken);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.StagingFailed(_service.Logger, e);
            Fail(IngestOutcome.OutOfResources, "The archive's disk is full or failed.");
        }
        catch (ArchiveUnavailableException e)
        {
            Log.StagingFailed(_service.Logger, e);
            Fail(IngestOutcome.Unavailable, "The archive's object store is not available.");
        }

        if (_failure is not null)
        {
            await DiscardAsync();
        }
    }

    /// <summary>
    /// Ends the data set and, when it is sound, makes the instance durable and visible. When the outcome is a success, the instance
    /// is in the archive whatever happens after.
    /// </summary>
    /// <param name="cancellationToken">Gives up while the instance waits for its turn to be committed.</param>
    public async ValueTask<IngestResult> CompleteAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isCompleted, this);
        _isCompleted = true;
        InstanceRecord? record = _failure is null ? Describe() : null;
        IngestResult result;
        if (record is null)
        {
            result = _failure!;
            await DiscardAsync();
            Log.Refused(_service.Logger, result.Outcome, _origin.Protocol, _origin.CallingAe, result.Message);
            ArchiveMetrics.Ingested(result.Outcome);
        }
        else
        {
            result = await _service.Committer.CommitAsync(_staged!, record, cancellationToken);
            _staged = null; // The committer has discarded what it did not publish.
        }

        ArchiveMetrics.Latency(_service.Time.GetElapsedTime(_startedAt), result.Outcome);
        return _warnings.Count == 0 ? result : result with { Warnings = [.. _warnings, .. result.Warnings] };
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _isCompleted = true;
        await DiscardAsync();
        _parser.Dispose();
        _hash.Dispose();
    }

    /// <summary>Adds to the prefix; when it reaches the UIDs, begins the file with our own header.</summary>
    private async ValueTask HoldBackAsync(ReadOnlyMemory<byte> part, CancellationToken cancellationToken)
    {
        Examine(part.Span);
        if (_failure is not null)
        {
            return;
        }

        ArrayBufferWriter<byte> prefix = _prefix!;
        prefix.Write(part.Span);
        DicomDataSet header = _parser.DataSet;
        if (header.GetUid(DicomTags.SOPClassUID) is { } sopClass && header.GetUid(DicomTags.SOPInstanceUID) is { } sopInstance)
        {
            _fileHeader = new FileMetaInformation { MediaStorageSopClass = sopClass, MediaStorageSopInstance = sopInstance, TransferSyntaxUid = _syntax.Uid }.ToPart10Header();
            _staged = await _service.Store.StageAsync(cancellationToken);
            await _staged.WriteAsync(new ReadOnlySequence<byte>(_fileHeader), cancellationToken);
            await _staged.WriteAsync(new ReadOnlySequence<byte>(prefix.WrittenMemory), cancellationToken);
            _prefix = null;
        }
        else if (prefix.WrittenCount > MaximumPrefix)
        {
            Fail(IngestOutcome.CannotUnderstand, $"At the beginning of the data set: {FindMissing(header, ReadIdentity(header))}");
        }
    }

    private void Examine(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        if (_parser.Append(bytes) is { } error)
        {
            Fail(error);
        }
    }

    /// <summary>The record for the index; null, with the failure set, when the data set is not one that can be kept.</summary>
    private InstanceRecord? Describe()
    {
        ParseResult<DicomDataSet> parsed = _parser.Complete();
        if (parsed.Error is { } error)
        {
            Fail(error);
            return null;
        }

        DicomDataSet header = parsed.Value;
        InstanceIdentity identity = ReadIdentity(header);
        if (FindMissing(header, identity) is { } missing)
        {
            Fail(IngestOutcome.CannotUnderstand, missing);
            return null;
        }

        if (_expected.FindMismatch(identity) is { } mismatch)
        {
            Fail(IngestOutcome.Mismatch, mismatch);
            return null;
        }

        identity = DerivedUids.Complete(header, identity, _warnings);
        byte[] digest = _hash.GetHashAndReset();
        _hash.AppendData(_fileHeader);
        _hash.AppendData(digest);
        InstanceDescription description = new(header, identity, _syntax);
        return new InstanceRecord
        {
            Identity = identity,
            TransferSyntax = _syntax,
            Digest = digest,
            FileDigest = _hash.GetHashAndReset(),
            File = new ObjectLocation(default, 0, _staged!.Length),
            DataSetOffset = _fileHeader.Length,
            Columns = description.Columns,
            StudyAttributes = description.StudyAttributes,
            SeriesAttributes = description.SeriesAttributes,
            Metadata = description.Metadata,
            Bulk = description.Bulk,
            ReceivedAt = _service.Time.GetUtcNow(),
            Origin = _origin,
        };
    }

    private static InstanceIdentity ReadIdentity(DicomDataSet header) => new(
        header.GetUid(DicomTags.SOPClassUID) ?? default,
        header.GetUid(DicomTags.StudyInstanceUID) ?? default,
        header.GetUid(DicomTags.SeriesInstanceUID) ?? default,
        header.GetUid(DicomTags.SOPInstanceUID) ?? default);

    private static string? FindMissing(DicomDataSet header, InstanceIdentity identity)
    {
        (DicomTag Tag, string Name, DicomUid Uid)[] required =
        [
            (DicomTags.SOPClassUID, "SOP Class UID", identity.SopClass),
            (DicomTags.SOPInstanceUID, "SOP Instance UID", identity.SopInstance),
        ];
        string[] wrong =
        [
            .. from field in required
               where field.Uid.Value is null
               select $"{field.Name} {field.Tag} is {(header.Find(field.Tag) is { IsEmpty: false } ? "not valid" : "missing")}",
        ];
        return wrong.Length == 0 ? null : $"{string.Join("; ", wrong)}.";
    }

    private void Fail(DicomError error) => Fail(IngestOutcome.CannotUnderstand, error.ToString());

    private void Fail(IngestOutcome outcome, string message)
    {
        InstanceIdentity known = ReadIdentity(_parser.DataSet);
        _failure ??= new IngestResult(outcome, known == default ? null : known, message, []);
    }

    private async ValueTask DiscardAsync()
    {
        _prefix = null;
        if (_staged is { } staged)
        {
            _staged = null;
            await staged.DisposeAsync();
        }
    }
}
