using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using MedicalAi.Dicom;
using MedicalAi.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace MedicalAi.Archive.Tests;

/// <summary>Input that is damaged or very large. Alone, because what is allocated is counted over the whole process.</summary>
[CollectionDefinition(nameof(HostileInputTests), DisableParallelization = true)]
[Collection(nameof(HostileInputTests))]
public sealed class HostileInputTests
{
    private const long Large = 2_200_000_000;
    private static readonly UploadOrigin s_origin = new(UploadOrigin.Dimse);

    [Fact]
    public async Task Damaged_files_get_an_answer_and_leave_a_sound_archive()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        Random random = new(20240229);
        byte[][] files = [.. TestData.DicomFiles.Where(file => file.Length < 20_000).Select(file => File.ReadAllBytes(file.FullPath))];
        for (int round = 0; round < 400; round++)
        {
            byte[] damaged = [.. files[round % files.Length]];
            for (int flip = random.Next(1, 20); flip > 0; flip--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            damaged = damaged[..random.Next(damaged.Length / 2, damaged.Length + 1)];
            IngestResult result = await archive.Ingest.IngestPart10Async(new MemoryStream(damaged), s_origin, InstanceExpectation.None, TestContext.Current.CancellationToken);
            Assert.Equal(result.IsSuccess, result.Message is null);
        }

        await archive.Committer.StopAsync(TestContext.Current.CancellationToken); // It clears up after it has answered.
        Assert.Empty(Directory.EnumerateFiles(archive.StagingFolder));
        ArchiveVerifier verifier = new(archive.Studies, archive.Store, archive.Clock);
        Assert.Empty(await verifier.CheckIndexAsync(checkDigests: true, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
        Assert.Empty(await verifier.CheckStoreAsync(remove: false, includeYoung: true, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_header_that_grows_without_end_is_refused()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        await using InstanceUpload upload = await archive.Ingest.BeginAsync(s_origin, TransferSyntax.ExplicitVrLittleEndian, InstanceExpectation.None, TestContext.Current.CancellationToken);
        await upload.WriteAsync(HeaderBytes(), 1000);
        byte[] text = new byte[12 + 16_000];
        "\u0011\0\0\0UT\0\0"u8.CopyTo(text);
        BinaryPrimitives.WriteInt32LittleEndian(text.AsSpan(8), 16_000);
        for (int element = 0x1000; element < 0x2000; element++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(text.AsSpan(2), (ushort)element);
            await upload.WriteAsync(new ReadOnlySequence<byte>(text), TestContext.Current.CancellationToken);
        }

        IngestResult result = await upload.CompleteAsync(TestContext.Current.CancellationToken);

        Assert.Equal(IngestOutcome.CannotUnderstand, result.Outcome);
        Assert.Contains("limit", result.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(archive.StagingFolder));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_instance_of_two_gigabytes_passes_in_little_memory(bool deflated)
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        using GroupCommitter committer = new(new ForgettingStore(), archive.Studies, archive.Journal, archive.Options, archive.Signals, NullLogger<GroupCommitter>.Instance);
        await committer.StartAsync(TestContext.Current.CancellationToken);
        IngestService ingest = new(new ForgettingStore(), committer, archive.Clock, NullLogger<IngestService>.Instance);
        TransferSyntax syntax = deflated ? TransferSyntax.DeflatedExplicitVrLittleEndian : TransferSyntax.ExplicitVrLittleEndian;
        await using InstanceUpload upload = await ingest.BeginAsync(s_origin, syntax, InstanceExpectation.None, TestContext.Current.CancellationToken);
        byte[] block = new byte[1 << 20];
        byte[] pixels = [0xE0, 0x7F, 0x10, 0, (byte)'O', (byte)'W', 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32LittleEndian(pixels.AsSpan(8), (uint)Large);
        ArrayBufferWriter<byte> sent = new();
        using DeflateStream deflate = new(new BufferStream(sent), CompressionLevel.Fastest);
        long before = GC.GetTotalAllocatedBytes();

        await SendAsync((byte[])[.. HeaderBytes(), .. pixels]);
        for (long left = Large; left > 0; left -= block.Length)
        {
            await SendAsync(block.AsMemory(0, (int)Math.Min(left, block.Length)));
        }

        deflate.Dispose();
        await SendAsync(default);
        IngestResult result = await upload.CompleteAsync(TestContext.Current.CancellationToken);

        Assert.Equal((IngestOutcome.Stored, null), (result.Outcome, result.Message));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 100_000_000);
        BulkEntry entry = Assert.Single((await archive.Studies.FindBulkMapAsync(TestArchive.Identity().SopInstance, TestContext.Current.CancellationToken))!.Entries);
        Assert.Equal(Large, entry.Location.Length);
        await committer.StopAsync(TestContext.Current.CancellationToken);

        async Task SendAsync(ReadOnlyMemory<byte> bytes)
        {
            if (deflated)
            {
                if (!bytes.IsEmpty)
                {
                    await deflate.WriteAsync(bytes, TestContext.Current.CancellationToken);
                }

                await upload.WriteAsync(new ReadOnlySequence<byte>(sent.WrittenMemory), TestContext.Current.CancellationToken);
                sent.ResetWrittenCount();
            }
            else
            {
                await upload.WriteAsync(new ReadOnlySequence<byte>(bytes), TestContext.Current.CancellationToken);
            }
        }
    }

    private static byte[] HeaderBytes()
    {
        DicomDataSet header = Samples.Image();
        header.Remove(DicomTags.PixelData);
        return DicomDataSetWriter.ToBytes(header, TransferSyntax.ExplicitVrLittleEndian);
    }

    private sealed class BufferStream(ArrayBufferWriter<byte> target) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer) => target.Write(buffer);

        public override void Write(byte[] buffer, int offset, int count) => target.Write(buffer.AsSpan(offset, count));

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            target.Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }

    /// <summary>A store that counts bytes and keeps none.</summary>
    private sealed class ForgettingStore : IObjectStore
    {
        public ValueTask InitializeAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask<StagedObject> StageAsync(CancellationToken cancellationToken) => ValueTask.FromResult<StagedObject>(new Staged());

        public ValueTask PublishAsync(IReadOnlyList<Publication> batch, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask<Stream> OpenReadAsync(ObjectLocation location, CancellationToken cancellationToken) => throw new FileNotFoundException();

        public ValueTask<ObjectInfo?> FindAsync(ObjectKey key, CancellationToken cancellationToken) => ValueTask.FromResult<ObjectInfo?>(null);

        public ValueTask<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => ValueTask.FromResult(false);

        public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            yield break;
        }

        private sealed class Staged : StagedObject
        {
            private long _length;

            public override long Length => _length;

            public override ValueTask WriteAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
            {
                _length += bytes.Length;
                return ValueTask.CompletedTask;
            }

            public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
