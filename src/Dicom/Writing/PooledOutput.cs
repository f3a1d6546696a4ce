using System.Buffers;

namespace MedicalAi.Dicom;

/// <summary>Bytes that are written and then taken, in a buffer of the pool that grows as it has to.</summary>
internal sealed class PooledOutput : IBufferWriter<byte>, IDisposable
{
    private byte[] _bytes = [];
    private int _begin;
    private int _end;

    /// <summary>The bytes that wait to be taken; they may be changed.</summary>
    public Span<byte> Waiting => _bytes.AsSpan(_begin, _end - _begin);

    /// <summary>How many bytes wait to be taken.</summary>
    public int Count => _end - _begin;

    /// <summary>Takes as many bytes as there are and fit.</summary>
    public int Take(Span<byte> target)
    {
        int count = Math.Min(target.Length, Count);
        Waiting[..count].CopyTo(target);
        _begin += count;
        if (_begin == _end)
        {
            (_begin, _end) = (0, 0);
        }

        return count;
    }

    /// <inheritdoc />
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - _end);
        _end += count;
    }

    /// <inheritdoc />
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_end);
    }

    /// <inheritdoc />
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_end);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Return();
        (_begin, _end) = (0, 0);
    }

    private void Reserve(int count)
    {
        int needed = Math.Max(1, count);
        if (_bytes.Length - _end >= needed)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(4096, Math.Max(Count * 2, Count + needed)));
        Waiting.CopyTo(larger);
        (_begin, _end) = (0, Count);
        Return();
        _bytes = larger;
    }

    // Cleared, for it held a patient's data.
    private void Return()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
            _bytes = [];
        }
    }
}
