using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace MedicalAi.Dicom.Network;

/// <summary>
/// The memory of Kestrel's connections in blocks of 64 KiB instead of 4, so that a large instance is read with a tenth of the
/// system calls; cleared when it is given back. A connection that waits holds no block.
/// </summary>
public sealed class ConnectionMemory : IMemoryPoolFactory<byte>
{
    /// <summary>Bytes of a block.</summary>
    internal const int BlockSize = 64 * 1024;

    /// <inheritdoc />
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new BlockPool();

    internal sealed class BlockPool : MemoryPool<byte>
    {
        // Of blocks that are not in use so many are kept, 16 MiB; the rest goes back to the collector.
        private const int MaxKept = 256;
        private readonly ConcurrentQueue<Block> _kept = [];
        private int _count;

        public override int MaxBufferSize => BlockSize;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
            if (!_kept.TryDequeue(out Block? block))
            {
                return new Block(this);
            }

            Interlocked.Decrement(ref _count);
            block.IsRented = true;
            return block;
        }

        // Blocks that are still in use at the end come back to nobody and are collected.
        protected override void Dispose(bool disposing) => _kept.Clear();

        private void Return(Block block)
        {
            if (Interlocked.Increment(ref _count) <= MaxKept)
            {
                _kept.Enqueue(block);
            }
            else
            {
                Interlocked.Decrement(ref _count);
            }
        }

        private sealed class Block(BlockPool pool) : IMemoryOwner<byte>
        {
            // Pinned, as the operating system reads into it.
            private readonly byte[] _bytes = GC.AllocateArray<byte>(BlockSize, pinned: true);

            public bool IsRented { get; set; } = true;

            public Memory<byte> Memory => _bytes;

            public void Dispose()
            {
                if (IsRented)
                {
                    IsRented = false;

                    // It has held patient data.
                    _bytes.AsSpan().Clear();
                    pool.Return(this);
                }
            }
        }
    }
}
