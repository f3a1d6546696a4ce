using System.Net;
using MedicalAi.Dicom;

namespace MedicalAi.DicomWeb.Tests;

/// <summary>Run alone: what is measured is of the whole process.</summary>
[CollectionDefinition(nameof(LargeInstanceTests), DisableParallelization = true)]
[Collection(nameof(LargeInstanceTests))]
public sealed class LargeInstanceTests
{
    [Fact]
    public async Task A_large_instance_goes_through_in_bounded_memory()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        const int Pixels = 96 * 1024 * 1024;
        DicomDataSet dataSet = TestInstances.Ct();
        dataSet.Remove(DicomTags.PixelData);
        byte[] head = [.. DicomFile.ToBytes(dataSet, TransferSyntax.ExplicitVrLittleEndian), 0xE0, 0x7F, 0x10, 0x00, (byte)'O', (byte)'W', 0, 0, .. BitConverter.GetBytes(Pixels)];
        long before = GC.GetTotalAllocatedBytes(precise: true);
        using StreamContent body = new(new ConcatenatedStream([.. "--b\r\n\r\n"u8, .. head], Pixels, [.. "\r\n--b--"u8]));
        body.Headers.TryAddWithoutValidation("Content-Type", "multipart/related; type=\"application/dicom\"; boundary=b");
        using HttpResponseMessage response = await gateway.Client.PostAsync(new Uri("studies", UriKind.Relative), body, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, Pixels / 4);
    }

    /// <summary>A beginning, many zeros and an end.</summary>
    private sealed class ConcatenatedStream(byte[] head, long zeros, byte[] tail) : Stream
    {
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _position;
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            int count = 0;
            if (_position < head.Length)
            {
                count = Math.Min(buffer.Length, head.Length - (int)_position);
                head.AsSpan((int)_position, count).CopyTo(buffer);
            }
            else if (_position < head.Length + zeros)
            {
                count = (int)Math.Min(buffer.Length, head.Length + zeros - _position);
                buffer[..count].Clear();
            }
            else
            {
                int at = (int)(_position - head.Length - zeros);
                count = Math.Min(buffer.Length, tail.Length - at);
                tail.AsSpan(at, count).CopyTo(buffer);
            }

            _position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
