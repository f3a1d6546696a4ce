using Microsoft.Extensions.Logging;

namespace MedicalAi.Archive;

/// <summary>
/// The journal of the file store. What is published is durable as soon as it stands here, by one write and one synchronisation for a whole batch
/// over blocks that the disk knows already. It gets its place in the store at once, but that place is made durable later, for thousands of objects
/// together; then the segment is used anew. A start reads what had not come so far, and puts it in its place again.
/// Safe for use by several threads; every process has segments of its own.
/// </summary>
internal sealed class ObjectJournal : IDisposable
{
    private const long SegmentLength = 32 * 1024 * 1024;
    private const int MaximumSegments = 6;

    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);
    private readonly string _folder;
    private readonly Action<JournalRecord, ReadOnlyMemory<byte>> _place;
    private readonly Action<IReadOnlyCollection<ObjectKey>> _sync;
    private readonly ILogger _logger;
    private readonly object _gate = new();
    private readonly Lock _appending = new(); // Taken before the gate, never within it.
    private readonly Queue<JournalSegment> _free = [];
    private readonly List<JournalSegment> _full = [];
    private readonly Dictionary<ObjectKey, int> _held = [];
    private readonly Thread _flusher;
    private JournalSegment? _active;
    private long _lastAppend;
    private int _count;
    private int _names;
    private bool _isFlushWanted;
    private bool _mustPlaceAgain;
    private bool _isDisposed;

    /// <param name="folder">Where the segments stand.</param>
    /// <param name="place">Puts an object of the journal in its place, whatever stands there.</param>
    /// <param name="sync">Makes the places of objects durable, files and folders.</param>
    /// <param name="logger">Is told when that fails.</param>
    public ObjectJournal(string folder, Action<JournalRecord, ReadOnlyMemory<byte>> place, Action<IReadOnlyCollection<ObjectKey>> sync, ILogger logger)
    {
        (_folder, _place, _sync, _logger) = (folder, place, sync, logger);
        _flusher = new Thread(FlushLoop) { IsBackground = true, Name = "journal" };
    }

    /// <summary>How often it was made durable.</summary>
    public long Syncs { get; private set; }

    /// <summary>A store that gets nothing new for so long has nothing in the journal.</summary>
    public required TimeSpan Quiet { get; init; }

    /// <summary>Whether the active segment is to be flushed before it is full.</summary>
    private bool IsActiveDue => _active is { IsUsed: true } && (_isFlushWanted || _isDisposed || QuietFor >= Quiet);

    private TimeSpan QuietFor => TimeSpan.FromMilliseconds(Environment.TickCount64 - _lastAppend);

    /// <summary>Puts in their places what processes that have ended left, and takes their segments over. To be called once, before the first append.</summary>
    /// <returns>How many objects those were.</returns>
    /// <exception cref="IOException">The disk is full or failed.</exception>
    public int Recover()
    {
        Directory.CreateDirectory(_folder);
        List<ObjectKey> placed = [];
        List<JournalSegment> taken = [];
        foreach (string path in Directory.EnumerateFiles(_folder, "*.journal").Order(StringComparer.Ordinal))
        {
            if (JournalSegment.TryOpen(path) is { } segment)
            {
                segment.Read((record, payload) =>
                {
                    _place(record, payload);
                    placed.Add(record.Key);
                });
                taken.Add(segment);
            }
        }

        if (placed.Count > 0)
        {
            _sync(placed);
        }

        foreach (JournalSegment segment in taken)
        {
            if (placed.Count > 0)
            {
                segment.Retire();
            }

            if (_count < MaximumSegments)
            {
                _free.Enqueue(segment);
                _count++;
            }
            else
            {
                segment.Delete();
                segment.Dispose();
            }
        }

        _flusher.UnsafeStart();
        return placed.Count;
    }

    /// <summary>Appends objects; they are durable when this returns. Each is to be told as placed, or as failed, by <see cref="Placed"/>.</summary>
    /// <returns>The segments in which they stand, one for each.</returns>
    /// <exception cref="IOException">The disk failed; nothing counts as appended.</exception>
    public JournalSegment[] Append(IReadOnlyList<JournalEntry> entries)
    {
        JournalSegment[] segments = new JournalSegment[entries.Count];
        int done = 0;
        lock (_appending)
        {
            try
            {
                while (done < entries.Count)
                {
                    JournalSegment segment = TakeSegment(entries[done].Length);
                    List<JournalEntry> part = [];
                    for (long free = segment.FreeUpTo(SegmentLength); done + part.Count < entries.Count && entries[done + part.Count].Length <= free;)
                    {
                        free -= entries[done + part.Count].Length;
                        part.Add(entries[done + part.Count]);
                    }

                    try
                    {
                        segment.Append(part);
                    }
                    catch
                    {
                        Placed(segment);
                        throw;
                    }

                    lock (_gate)
                    {
                        Syncs++;
                        segment.Pending += part.Count - 1;
                        foreach (JournalEntry entry in part)
                        {
                            _held[entry.Key] = _held.GetValueOrDefault(entry.Key) + 1;
                        }

                        _lastAppend = Environment.TickCount64;
                    }

                    segments.AsSpan(done, part.Count).Fill(segment);
                    done += part.Count;
                }
            }
            catch
            {
                foreach (JournalSegment segment in segments.Take(done))
                {
                    Placed(segment);
                }

                throw;
            }
        }

        return segments;
    }

    /// <summary>Tells that an appended object stands in its place, or that this failed and its sender is told so.</summary>
    public void Placed(JournalSegment segment)
    {
        lock (_gate)
        {
            if (--segment.Pending == 0)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Waits, when the journal holds an object, until it does not: else a start after a crash would bring back what was deleted.</summary>
    public void Forget(ObjectKey key)
    {
        lock (_gate)
        {
            while (_held.ContainsKey(key) && !_isDisposed)
            {
                _isFlushWanted = true;
                Monitor.PulseAll(_gate);
                Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>Makes all durable in its place, and lets the segments go.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            Monitor.PulseAll(_gate);
        }

        if (_flusher.ThreadState.HasFlag(ThreadState.Unstarted))
        {
            return;
        }

        _flusher.Join();
        _active?.Dispose();
        _full.ForEach(segment => segment.Dispose());
        foreach (JournalSegment segment in _free)
        {
            segment.Dispose();
        }
    }

    /// <summary>The segment that has room for a record, held by one pending object until it is told as placed; called by one thread at a time.</summary>
    private JournalSegment TakeSegment(int length)
    {
        lock (_gate)
        {
            if (_active is { } active && active.FreeUpTo(SegmentLength) >= length)
            {
                active.Pending++;
                return active;
            }

            if (_active is not null)
            {
                _full.Add(_active);
                _active = null;
                Monitor.PulseAll(_gate);
            }

            while (_free.Count == 0 && _count == MaximumSegments)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                if (_mustPlaceAgain)
                {
                    throw new IOException("The journal is full, as the disk does not take its objects.");
                }

                Monitor.Wait(_gate);
            }

            if (!_free.TryDequeue(out JournalSegment? segment))
            {
                segment = Make();
                _count++;
            }

            segment.Pending++;
            return _active = segment;
        }
    }

    private JournalSegment Make()
    {
        while (true)
        {
            if (JournalSegment.TryOpen(Path.Combine(_folder, OwnerMark.Name($"{++_names}.journal"))) is { } segment)
            {
                PosixFiles.SyncFolder(_folder);
                return segment;
            }
        }
    }

    private void FlushLoop()
    {
        while (WaitForWork())
        {
            try
            {
                Flush();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The kernel tells of a failed write-back once, and may have dropped what it could not write: all is put in its place anew.
                Log.JournalFlushFailed(_logger, e);
                lock (_gate)
                {
                    _mustPlaceAgain = true;
                    Monitor.PulseAll(_gate);
                    if (_isDisposed)
                    {
                        return; // The next start does it.
                    }

                    Monitor.Wait(_gate, s_retry);
                }
            }
        }
    }

    /// <summary>Waits until there is something to flush; false at the end.</summary>
    private bool WaitForWork()
    {
        lock (_gate)
        {
            while (true)
            {
                if (_full.Count > 0 || IsActiveDue)
                {
                    return true;
                }

                if (_isDisposed)
                {
                    return false;
                }

                _isFlushWanted = false;
                Monitor.PulseAll(_gate);
                TimeSpan left = Quiet - QuietFor;
                Monitor.Wait(_gate, _active is not { IsUsed: true } ? Timeout.InfiniteTimeSpan : left > s_shortest ? left : s_shortest);
            }
        }
    }

    private void Flush()
    {
        JournalSegment[] flushed;
        lock (_gate)
        {
            if (IsActiveDue)
            {
                _full.Add(_active!);
                _active = null;
                _isFlushWanted = false;
            }

            flushed = [.. _full];
            while (flushed.Any(segment => segment.Pending > 0))
            {
                Monitor.Wait(_gate);
            }
        }

        if (_mustPlaceAgain)
        {
            foreach (JournalSegment segment in flushed)
            {
                segment.Read(_place);
            }
        }

        _sync([.. flushed.SelectMany(segment => segment.Keys)]);
        foreach (JournalSegment segment in flushed)
        {
            ObjectKey[] keys = [.. segment.Keys];
            segment.Retire();
            lock (_gate)
            {
                _full.Remove(segment);
                _free.Enqueue(segment);
                foreach (ObjectKey key in keys)
                {
                    if (--_held[key] == 0)
                    {
                        _held.Remove(key);
                    }
                }

                _mustPlaceAgain &= _full.Count > 0;
                Monitor.PulseAll(_gate);
            }
        }
    }
}
