namespace MedicalAi.Archive;

/// <summary>A range of an object in the store.</summary>
/// <param name="Key">The object.</param>
/// <param name="Offset">The first byte, from the start of the object.</param>
/// <param name="Length">The number of bytes.</param>
public readonly record struct ObjectLocation(ObjectKey Key, long Offset, long Length)
{
    /// <summary>A part of this range.</summary>
    /// <param name="offset">The first byte, from the start of this range.</param>
    /// <param name="length">The number of bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not within this range.</exception>
    public ObjectLocation Slice(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset);
        return new ObjectLocation(Key, Offset + offset, length);
    }
}
