using System.Threading.Channels;
using MedicalAi.Dicom;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MedicalAi.Archive;

/// <summary>
/// The group commit: takes all received instances that are waiting, over all associations and requests, and makes them durable
/// with one barrier of the store and one transaction of the index. Only then are their senders answered. A batch that fails is
/// tried again one by one, so that an instance that cannot be committed does not take others with it. Where the store publishes
/// singly, an instance is published before it waits, and only the transaction is shared.
/// </summary>
internal sealed class GroupCommitter(IObjectStore store, IStudyIndex index, PublicationJournal journal, ArchiveOptions options, ArchiveSignals signals, ILogger<GroupCommitter> logger) : BackgroundService
{
    // All of a batch runs on one thread that may block, where the backends are of this machine: each change of threads costs as much as a small instance.
    private readonly BlockingThreads _thread = new(1);
    private readonly Channel<Waiting> _queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(options.MaximumBatch * 2) { SingleReader = true });

    /// <summary>Hands over a received instance; its staged object belongs to the committer from here on.</summary>
    /// <param name="staged">The complete object.</param>
    /// <param name="record">Its record; the key of its file is set here.</param>
    /// <param name="cancellationToken">Ends the wait for a place in the queue; once the place is taken the answer is waited for.</param>
    public async ValueTask<IngestResult> CommitAsync(StagedObject staged, InstanceRecord record, CancellationToken cancellationToken)
    {
        Waiting waiting = new(staged, record);
        if (store.PublishesSingly)
        {
            if (await TryPublishAsync(waiting) is { } failure)
            {
                Log.CommitFailed(logger, 1, failure);
                Answer([waiting], failure);
                await staged.DisposeAsync();
                return await waiting.Answer.Task;
            }

            cancellationToken = CancellationToken.None; // It is in the store: it gets its row.
        }

        try
        {
            await _queue.Writer.WriteAsync(waiting, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            EndEarly(waiting, isEntered: false);
            await staged.DisposeAsync();
            return new IngestResult(IngestOutcome.Unavailable, record.Identity, "The archive is stopping.", []);
        }

        return await waiting.Answer.Task;
    }

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete(); // What is in the queue is still committed.
        if (ExecuteTask is { } running)
        {
            await running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        _thread.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Factory.StartNew(RunAsync, CancellationToken.None, TaskCreationOptions.None, _thread).Unwrap();

    private async Task RunAsync()
    {
        List<Waiting> batch = new(options.MaximumBatch);
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (batch.Count < options.MaximumBatch && _queue.Reader.TryRead(out Waiting? waiting))
            {
                batch.Add(waiting);
            }

            await CommitBatchAsync(batch);
            batch.Clear();
        }
    }

    /// <summary>Commits a batch and answers every sender, whatever happens.</summary>
    private async Task CommitBatchAsync(List<Waiting> batch)
    {
        try
        {
            if (await TryCommitAsync(batch) is not { } failure)
            {
                return;
            }

            Log.CommitFailed(logger, batch.Count, failure);
            if (batch.Count == 1 || failure is ArchiveUnavailableException)
            {
                Answer(batch, failure);
                return;
            }

            // One of them may be the cause; it must not take the others with it.
            foreach (Waiting waiting in batch)
            {
                if (await TryCommitAsync([waiting]) is { } own)
                {
                    Answer([waiting], own);
                }
            }
        }
        finally
        {
            foreach (Waiting waiting in batch)
            {
                EndEarly(waiting, isEntered: false); // Those that could not be entered.
                await waiting.Staged.DisposeAsync();
            }
        }
    }

    /// <summary>Commits and answers; the cause when nothing of it was committed or answered.</summary>
    private async Task<Exception?> TryCommitAsync(List<Waiting> batch)
    {
        try
        {
            await PublishAndEnterAsync(batch);
            signals.Committed();
            return null;
        }
#pragma warning disable CA1031 // The committer must live on, and each sender must be answered, whatever happens.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }

    /// <summary>Publishes an instance before its turn, under the key that it has if nothing changes until then; the cause when it failed.</summary>
    private async Task<Exception?> TryPublishAsync(Waiting waiting)
    {
        InstanceRecord record = waiting.Record;
        try
        {
            IReadOnlyDictionary<DicomUid, ReadOnlyMemory<byte>> known = await index.FindDigestsAsync([record.Identity.SopInstance], CancellationToken.None);
            bool isKnown = known.TryGetValue(record.Identity.SopInstance, out ReadOnlyMemory<byte> digest);
            if (isKnown && digest.Span.SequenceEqual(record.Digest.Span))
            {
                return null; // It is there.
            }

            ObjectKey key = isKnown ? ObjectKey.ForQuarantine(record.Identity, record.FileDigest.Span) : ObjectKey.ForInstance(record.Identity, record.FileDigest.Span);
            journal.Begin([key]);
            waiting.Published = key;
            await store.PublishAsync([new Publication(waiting.Staged, key)], CancellationToken.None);
            return null;
        }
#pragma warning disable CA1031 // Each sender must be answered, whatever happens.
        catch (Exception e)
#pragma warning restore CA1031
        {
            EndEarly(waiting, isEntered: false);
            return e;
        }
    }

    private async Task PublishAndEnterAsync(List<Waiting> batch)
    {
        IReadOnlyDictionary<DicomUid, ReadOnlyMemory<byte>> known = await index.FindDigestsAsync([.. batch.Select(waiting => waiting.Record.Identity.SopInstance).Distinct()], CancellationToken.None);
        Dictionary<DicomUid, ReadOnlyMemory<byte>> digests = new(known);
        Dictionary<ObjectKey, Publication> publications = [];
        InstanceRecord[] records = new InstanceRecord[batch.Count];
        for (int i = 0; i < batch.Count; i++)
        {
            InstanceRecord record = batch[i].Record;
            ReadOnlyMemory<byte> digest = record.Digest;
            bool isNew = digests.TryAdd(record.Identity.SopInstance, digest);
            bool isSame = isNew || digests[record.Identity.SopInstance].Span.SequenceEqual(digest.Span);
            ObjectKey key = isSame ? ObjectKey.ForInstance(record.Identity, record.FileDigest.Span) : ObjectKey.ForQuarantine(record.Identity, record.FileDigest.Span);
            if ((isNew || !isSame) && batch[i].Published != key)
            {
                publications.TryAdd(key, new Publication(batch[i].Staged, key));
            }

            records[i] = record with { File = new ObjectLocation(key, 0, batch[i].Staged.Length) };
        }

        IReadOnlyList<CommitOutcome> outcomes = await PublishAndEnterAsync(publications, records);
        for (int i = 0; i < batch.Count; i++)
        {
            // What was put before its turn under another key than it got is nobody's.
            EndEarly(batch[i], isEntered: batch[i].Published == records[i].File.Key);
        }

        // Before the answers: who has one finds it counted.
        ArchiveMetrics.Batch(batch.Count);
        for (int i = 0; i < batch.Count; i++)
        {
            IngestOutcome outcome = outcomes[i].Outcome;
            if (outcome == IngestOutcome.Quarantined)
            {
                Log.Quarantined(logger, records[i].Identity.SopInstance.Value, records[i].Origin.CallingAe);
            }

            ArchiveMetrics.Ingested(outcome);
            batch[i].Answer.TrySetResult(new IngestResult(
                outcome,
                records[i].Identity,
                outcome == IngestOutcome.Quarantined ? "The SOP Instance UID is taken by other content; this one was put in quarantine." : null,
                outcomes[i].Warnings));
        }
    }

    private async Task<IReadOnlyList<CommitOutcome>> PublishAndEnterAsync(Dictionary<ObjectKey, Publication> publications, InstanceRecord[] records)
    {
        if (publications.Count == 0)
        {
            return await index.CommitAsync(records, CancellationToken.None);
        }

        bool isEntered = false;
        journal.Begin(publications.Keys);
        try
        {
            await store.PublishAsync([.. publications.Values], CancellationToken.None);
            IReadOnlyList<CommitOutcome> outcomes = await index.CommitAsync(records, CancellationToken.None);
            isEntered = true;
            return outcomes;
        }
        finally
        {
            journal.End(publications.Keys, isEntered);
        }
    }

    private void EndEarly(Waiting waiting, bool isEntered)
    {
        if (waiting.Published is { } key)
        {
            waiting.Published = null;
            journal.End([key], isEntered);
        }
    }

    private static void Answer(List<Waiting> batch, Exception failure)
    {
        (IngestOutcome outcome, string message) = failure switch
        {
            IOException => (IngestOutcome.OutOfResources, "The archive's disk or object store is full or failed."),
            ArchiveUnavailableException => (IngestOutcome.Unavailable, "The archive's index or object store is not available."),
            _ => (IngestOutcome.Unavailable, "The archive could not commit the instance."),
        };
        foreach (Waiting waiting in batch)
        {
            ArchiveMetrics.Ingested(outcome);
            waiting.Answer.TrySetResult(new IngestResult(outcome, waiting.Record.Identity, message, []));
        }
    }

    private sealed record Waiting(StagedObject Staged, InstanceRecord Record)
    {
        /// <summary>The key under which it was published before its turn; null when it was not.</summary>
        public ObjectKey? Published { get; set; }

        public TaskCompletionSource<IngestResult> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
