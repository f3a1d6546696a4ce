using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>
/// The index of studies, series and instances. What <see cref="CommitAsync"/> has returned is durable. Every implementation
/// passes the same contract tests. Safe for use by several threads.
/// </summary>
public interface IStudyIndex
{
    /// <summary>Brings the schema to the version of this program.</summary>
    /// <exception cref="ArchiveUnavailableException">The index cannot be reached, or is of a newer program.</exception>
    ValueTask InitializeAsync(CancellationToken cancellationToken);

    /// <summary>Whether the index answers, and takes writes as far as is known.</summary>
    ValueTask<bool> IsAvailableAsync(CancellationToken cancellationToken);

    /// <summary>The digests of those of the given instances that are in the index.</summary>
    /// <exception cref="ArchiveUnavailableException">The index cannot be reached.</exception>
    ValueTask<IReadOnlyDictionary<DicomUid, ReadOnlyMemory<byte>>> FindDigestsAsync(IReadOnlyCollection<DicomUid> sopInstances, CancellationToken cancellationToken);

    /// <summary>
    /// Enters a batch in ONE transaction: study, series and instance rows, counts by delta, the change log. The outcomes stand in
    /// the order of the batch.
    /// </summary>
    /// <exception cref="ArchiveUnavailableException">The index cannot be reached; nothing of the batch was entered.</exception>
    /// <exception cref="IOException">The index's disk is full; nothing of the batch was entered.</exception>
    ValueTask<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<InstanceRecord> batch, CancellationToken cancellationToken);

    /// <summary>The matches of a query, streamed.</summary>
    IAsyncEnumerable<IndexMatch> FindAsync(IndexQuery query, CancellationToken cancellationToken);

    /// <summary>The number of matches, without regard to limit and offset.</summary>
    ValueTask<long> CountAsync(IndexQuery query, CancellationToken cancellationToken);

    /// <summary>Those keys of a query that this index cannot match and passes over; a sender is told of them.</summary>
    IReadOnlyList<DicomTag> FindUnsupported(IndexQuery query);

    /// <summary>A study; null when it is not known.</summary>
    ValueTask<StudyRow?> FindStudyAsync(DicomUid study, CancellationToken cancellationToken);

    /// <summary>An instance; null when it is not known.</summary>
    ValueTask<InstanceRow?> FindInstanceAsync(DicomUid sopInstance, CancellationToken cancellationToken);

    /// <summary>The instances of a study, or of one of its series, ordered by series, instance number and UID; streamed.</summary>
    IAsyncEnumerable<InstanceRow> ListInstancesAsync(DicomUid study, DicomUid? series, CancellationToken cancellationToken);

    /// <summary>All instances in the order of their coming; streamed.</summary>
    IAsyncEnumerable<InstanceRow> ListAllInstancesAsync(CancellationToken cancellationToken);

    /// <summary>The compressed DICOM JSON (raw deflate) of the instances of a study, series or instance, in the order of <see cref="ListInstancesAsync"/>; streamed.</summary>
    IAsyncEnumerable<ReadOnlyMemory<byte>> ListMetadataAsync(DicomUid study, DicomUid? series, DicomUid? sopInstance, CancellationToken cancellationToken);

    /// <summary>The bulk map of an instance; null when the instance is not known.</summary>
    ValueTask<BulkMap?> FindBulkMapAsync(DicomUid sopInstance, CancellationToken cancellationToken);

    /// <summary>A picture of a study for choosing what to compute; null when it is not known.</summary>
    ValueTask<StudySnapshot?> ReadSnapshotAsync(DicomUid study, CancellationToken cancellationToken);

    /// <summary>Studies that have had no new instance for the time of stability and were not yet looked at since.</summary>
    ValueTask<IReadOnlyList<DicomUid>> FindStableStudiesAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>When the next study becomes stable; null when none is waiting.</summary>
    ValueTask<DateTimeOffset?> FindNextStableTimeAsync(CancellationToken cancellationToken);

    /// <summary>Rows of the change log after a sequence number, in order.</summary>
    ValueTask<IReadOnlyList<ChangeRow>> ReadChangesAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>The sequence number of the newest row of the change log; 0 when it is empty.</summary>
    ValueTask<long> FindLastChangeAsync(CancellationToken cancellationToken);

    /// <summary>The instances that were kept aside, newest first.</summary>
    /// <param name="limit">The most rows wanted, up to 1,000.</param>
    /// <param name="offset">The number of rows passed over.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<IReadOnlyList<QuarantineRow>> ListQuarantineAsync(int limit, int offset, CancellationToken cancellationToken);

    /// <summary>Whether a row points to this object (instances and quarantine).</summary>
    ValueTask<bool> IsReferencedAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>How many rows there are.</summary>
    ValueTask<IndexCounts> CountAllAsync(CancellationToken cancellationToken);
}
