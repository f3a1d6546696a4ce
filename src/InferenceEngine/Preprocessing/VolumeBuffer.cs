using System.Buffers;
using System.Runtime.InteropServices;

namespace MedicalAi.InferenceEngine;

/// <summary>Memory for the voxels of a volume, outside the collected heap: taken at once, given back at once. All of it is 0 at first.</summary>
internal sealed unsafe class VolumeBuffer<T> : MemoryManager<T>
    where T : unmanaged
{
    private readonly int _count;
    private T* _voxels;

    /// <summary>Takes the memory.</summary>
    /// <exception cref="InferenceException">There is none.</exception>
    public VolumeBuffer(long count)
    {
        _count = checked((int)count);
        try
        {
            _voxels = (T*)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(T));
        }
        catch (OutOfMemoryException e)
        {
            throw new InferenceException("There is no memory for the volume.", isTransient: true, e);
        }
    }

    /// <inheritdoc />
    public override Span<T> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_voxels is null, this);
        return new Span<T>(_voxels, _count);
    }

    /// <inheritdoc />
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ObjectDisposedException.ThrowIf(_voxels is null, this);
        return new MemoryHandle(_voxels + elementIndex);
    }

    /// <inheritdoc />
    public override void Unpin()
    {
        // Nothing moves it.
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        NativeMemory.Free(_voxels);
        _voxels = null;
    }
}
