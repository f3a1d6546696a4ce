using System.Buffers;

namespace MedicalAi.Dicom.Network.Tests;

public sealed class ClearedMemoryTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(300_000)]
    public void What_is_given_back_is_cleared(int length)
    {
        IMemoryOwner<byte> owner = ClearedMemory.Instance.Rent(length);
        Memory<byte> memory = owner.Memory;
        Assert.InRange(memory.Length, Math.Max(1, length), int.MaxValue);
        memory.Span.Fill(7);
        owner.Dispose();
        Assert.Equal(-1, memory.Span.IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void What_is_given_back_twice_is_not_lent_twice()
    {
        IMemoryOwner<byte> owner = ClearedMemory.Instance.Rent(1 << 20);
        owner.Dispose();
        owner.Dispose();
        using IMemoryOwner<byte> one = ClearedMemory.Instance.Rent(1 << 20), other = ClearedMemory.Instance.Rent(1 << 20);
        Assert.NotEqual(one.Memory, other.Memory);
    }
}
