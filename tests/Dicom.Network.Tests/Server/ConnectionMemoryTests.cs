using System.Buffers;

namespace MedicalAi.Dicom.Network.Tests;

public sealed class ConnectionMemoryTests
{
    [Fact]
    public void A_block_that_comes_back_is_cleared_and_used_again()
    {
        using MemoryPool<byte> pool = new ConnectionMemory().Create();
        IMemoryOwner<byte> first = pool.Rent(4096);
        first.Memory.Span.Fill(7);
        Memory<byte> memory = first.Memory;
        first.Dispose();
        Assert.Equal(-1, memory.Span.IndexOfAnyExcept((byte)0));
        using IMemoryOwner<byte> second = pool.Rent();
        Assert.Equal(memory, second.Memory);
    }

    [Fact]
    public void A_block_given_back_twice_is_not_lent_twice()
    {
        using MemoryPool<byte> pool = new ConnectionMemory().Create();
        IMemoryOwner<byte> owner = pool.Rent();
        owner.Dispose();
        owner.Dispose();
        using IMemoryOwner<byte> one = pool.Rent(), other = pool.Rent();
        Assert.NotEqual(one.Memory, other.Memory);
    }

    [Fact]
    public void Blocks_that_are_not_used_are_kept_up_to_16_MiB()
    {
        using MemoryPool<byte> pool = new ConnectionMemory().Create();
        IMemoryOwner<byte>[] owners = [.. Enumerable.Range(0, 300).Select(_ => pool.Rent())];
        HashSet<Memory<byte>> before = [.. owners.Select(owner => owner.Memory)];
        Array.ForEach(owners, owner => owner.Dispose());
        Assert.Equal(256, Enumerable.Range(0, 300).Count(_ => before.Contains(pool.Rent().Memory)));
    }
}
