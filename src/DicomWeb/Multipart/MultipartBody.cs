using System.Buffers;
using System.IO.Pipelines;

namespace MedicalAi.DicomWeb;

/// <summary>The bytes of the input up to the next delimiter, as a reader of their own. The delimiter is left in the input.</summary>
/// <param name="input">The input; bytes are taken from it only as they are consumed here.</param>
/// <param name="delimiter">Line break, two hyphens and the boundary.</param>
/// <param name="atEnd">What is wrong when the input ends without a delimiter.</param>
internal sealed class MultipartBody(PipeReader input, byte[] delimiter, string atEnd = "The body ends within a part.") : PipeReader
{
    // The buffer of the input that is lent out, and the part of it that is body.
    private ReadOnlySequence<byte> _lent;
    private ReadOnlySequence<byte> _slice;

    // Bytes of the input, from its first that is not consumed, that are known to hold no delimiter.
    private long _searched;

    // A read gives more bytes than these, because the consumer has looked at them already.
    private long _known;
    private bool _isComplete;
    private readonly TaskCompletionSource _consumed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the last byte of the body is consumed: from then on the next part can be read, whatever its consumer still does.</summary>
    public Task Consumed => _consumed.Task;

    /// <summary>Passes over the rest of the body; false when it is longer than the limit.</summary>
    public async ValueTask<bool> SkipAsync(long limit, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await ReadAsync(cancellationToken);
            limit -= result.Buffer.Length;
            AdvanceTo(result.Buffer.End);
            if (limit < 0 || result.IsCompleted)
            {
                return limit >= 0;
            }
        }
    }

    /// <inheritdoc />
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (TryTake(await input.ReadAsync(cancellationToken), out ReadResult taken))
            {
                return taken;
            }
        }
    }

    /// <inheritdoc />
    public override bool TryRead(out ReadResult result)
    {
        result = default;
        return input.TryRead(out ReadResult read) && TryTake(read, out result);
    }

    /// <inheritdoc />
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc />
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        long count = _slice.Slice(0, consumed).Length;
        bool isAll = _isComplete && count == _slice.Length; // Told before the input takes its segments back.
        bool wantsMore = _slice.Slice(examined).IsEmpty;
        _searched = Math.Max(0, _searched - count);
        _known = wantsMore ? _slice.Length - count : -1;

        // What is held back as a possible delimiter is examined too: otherwise the input would give the same bytes again at once.
        input.AdvanceTo(consumed, wantsMore && !_isComplete ? _lent.End : examined);
        if (isAll)
        {
            _consumed.TrySetResult();
        }
    }

    /// <inheritdoc />
    public override void CancelPendingRead() => input.CancelPendingRead();

    /// <inheritdoc />
    public override void Complete(Exception? exception = null)
    {
        // The input goes on with the next part; what is left of this one is skipped by the owner.
    }

    private bool TryTake(ReadResult read, out ReadResult taken)
    {
        _lent = read.Buffer;
        long length = Search(_lent, out bool found);
        _isComplete = found;
        _slice = _lent.Slice(0, length);
        if (!found && read.IsCompleted && !read.IsCanceled)
        {
            input.AdvanceTo(_lent.End);
            throw new MultipartFormatException(atEnd);
        }

        if (!found && !read.IsCanceled && length <= _known)
        {
            input.AdvanceTo(_lent.Start, _lent.End);
            taken = default;
            return false;
        }

        taken = new ReadResult(_slice, read.IsCanceled, found);
        return true;
    }

    /// <summary>The number of bytes that are surely body, and whether the delimiter follows them.</summary>
    private long Search(ReadOnlySequence<byte> buffer, out bool found)
    {
        found = false;
        Span<byte> next = stackalloc byte[2];
        while (true)
        {
            long index = IndexOf(buffer.Slice(_searched), delimiter);
            if (index < 0)
            {
                // The last bytes may be the beginning of a delimiter.
                return _searched = Math.Max(_searched, buffer.Length - (delimiter.Length - 1));
            }

            _searched += index;
            ReadOnlySequence<byte> behind = buffer.Slice(_searched + delimiter.Length);
            if (behind.Length < 2)
            {
                return _searched;
            }

            behind.Slice(0, 2).CopyTo(next);
            if (next.SequenceEqual("--"u8) || next.SequenceEqual("\r\n"u8) || next[0] is (byte)' ' or (byte)'\t')
            {
                found = true;
                return _searched;
            }

            _searched++; // A longer word that begins like the boundary.
        }
    }

    /// <summary>The first place of a text in a sequence, also where it spans segments; -1 when it is not there.</summary>
    private static long IndexOf(in ReadOnlySequence<byte> sequence, ReadOnlySpan<byte> text)
    {
        if (sequence.IsSingleSegment)
        {
            return sequence.FirstSpan.IndexOf(text);
        }

        int margin = text.Length - 1;
        Span<byte> joint = stackalloc byte[2 * margin];
        int kept = 0;
        long offset = 0;
        foreach (ReadOnlyMemory<byte> segment in sequence)
        {
            // The end of what came before, and the beginning of this segment.
            int taken = Math.Min(margin, segment.Length);
            segment.Span[..taken].CopyTo(joint[kept..]);
            Span<byte> joined = joint[..(kept + taken)];
            int index = kept == 0 ? -1 : joined.IndexOf(text);
            if (index >= 0)
            {
                return offset - kept + index;
            }

            index = segment.Span.IndexOf(text);
            if (index >= 0)
            {
                return offset + index;
            }

            ReadOnlySpan<byte> end = segment.Length >= margin ? segment.Span[^margin..] : joined[^Math.Min(margin, joined.Length)..];
            end.CopyTo(joint); // Spans that overlap are copied as if by a third.
            kept = end.Length;
            offset += segment.Length;
        }

        return -1;
    }
}
