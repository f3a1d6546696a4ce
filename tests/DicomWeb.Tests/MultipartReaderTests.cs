using System.IO.Pipelines;
using System.Text;
using CsCheck;

namespace MedicalAi.DicomWeb.Tests;

public sealed class MultipartReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(10_000)]
    public async Task Parts_are_the_same_whatever_the_blocks_in_which_they_come(int block)
    {
        byte[] body = "\r\n--b\r\nContent-Type: application/dicom\r\n\r\nfirst\r\n--bc\r\nnot yet\r\n--b \t\r\ncontent-type:x/y\r\n\r\n\r\n--b\r\n\r\nthird\r\n\r\n--b--epilogue"u8.ToArray();
        List<(string? Type, byte[] Body)> parts = await ReadAsync(body, "b", block);
        Assert.Equal(["application/dicom", "x/y", null], parts.Select(part => part.Type));
        Assert.Equal(["first\r\n--bc\r\nnot yet", "", "third\r\n"], parts.Select(part => Encoding.ASCII.GetString(part.Body)));
    }

    [Fact]
    public Task Any_bodies_come_back_as_they_were_written() =>
        Gen.Select(Gen.Byte.Array[0, 3000].Array[1, 5], Gen.Int[1, 700]).SampleAsync(async (bodies, block) =>
        {
            MemoryStream written = new();
            foreach (byte[] body in bodies)
            {
                written.Write("\r\n--a boundary\r\nContent-Type: application/dicom\r\n\r\n"u8);
                written.Write(body);
            }

            written.Write("\r\n--a boundary--\r\n"u8);
            List<(string? Type, byte[] Body)> read = await ReadAsync(written.ToArray(), "a boundary", block);
            Assert.Equal(bodies, read.Select(part => part.Body));
        }, iter: 200);

    [Theory]
    [InlineData("")]
    [InlineData("no boundary at all")]
    [InlineData("--other\r\n\r\nx\r\n--other--\r\n")]
    [InlineData("--b")]
    [InlineData("--b\r\n")]
    [InlineData("--b\r\nContent-Type: a/b")]
    [InlineData("--b\r\nContent-Type: a/b\r\n\r\n")]
    [InlineData("--b\r\n\r\nthe body ends here")]
    [InlineData("--b\r\n\r\nx\r\n--b")]
    [InlineData("--b\r\n\r\nx\r\n--b-")]
    [InlineData("--b\r\nno colon\r\n\r\nx\r\n--b--\r\n")]
    [InlineData("--b text\r\n\r\nx\r\n--b--\r\n")]
    public async Task Malformed_bodies_are_refused(string body)
    {
        foreach (int block in (int[])[1, 5, 1000])
        {
            await Assert.ThrowsAsync<MultipartFormatException>(() => ReadAsync(Encoding.ASCII.GetBytes(body), "b", block));
        }
    }

    [Fact]
    public async Task Headers_without_end_are_refused_before_they_are_read()
    {
        MemoryStream body = new();
        body.Write("--b\r\n"u8);
        for (int i = 0; i < 100_000; i++)
        {
            body.Write("X: y\r\n"u8);
        }

        body.Position = 0;
        MultipartReader reader = new(PipeReader.Create(body), "b", 10);
        await Assert.ThrowsAsync<MultipartFormatException>(async () => await reader.ReadPartAsync(TestContext.Current.CancellationToken));
        Assert.InRange(body.Position, 0, 64 * 1024);
    }

    [Fact]
    public async Task A_preamble_without_end_is_refused_before_it_is_read()
    {
        MemoryStream body = new(new byte[1_000_000]);
        MultipartReader reader = new(PipeReader.Create(body), "b", 10);
        await Assert.ThrowsAsync<MultipartFormatException>(async () => await reader.ReadPartAsync(TestContext.Current.CancellationToken));
        Assert.InRange(body.Position, 0, 128 * 1024);
    }

    [Fact]
    public async Task More_parts_than_the_limit_are_refused()
    {
        MultipartReader reader = new(PipeReader.Create(new MemoryStream(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("--b\r\n\r\n\r\n", 4))))), "b", 3);
        for (int i = 0; i < 3; i++)
        {
            Assert.NotNull(await reader.ReadPartAsync(TestContext.Current.CancellationToken));
        }

        await Assert.ThrowsAsync<MultipartFormatException>(async () => await reader.ReadPartAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_part_that_is_not_read_is_passed_over()
    {
        MultipartReader reader = new(PipeReader.Create(new MemoryStream("--b\r\n\r\nfirst\r\n--b\r\nA: 2\r\n\r\nsecond\r\n--b--"u8.ToArray())), "b", 3);
        await reader.ReadPartAsync(TestContext.Current.CancellationToken);
        Assert.Equal("2", (await reader.ReadPartAsync(TestContext.Current.CancellationToken))?.Headers["a"]);
        Assert.Null(await reader.ReadPartAsync(TestContext.Current.CancellationToken));
        Assert.Null(await reader.ReadPartAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(24, 4096)]
    [InlineData(700_000, 4096)]
    [InlineData(700_000, 65536)]
    [InlineData(700_000, 777)]
    public async Task The_end_of_a_body_is_told_when_it_is_consumed(int length, int block)
    {
        byte[] body = [.. "--b\r\n\r\n"u8, .. new byte[length], .. "\r\n--b\r\n\r\nx\r\n--b--"u8];
        MultipartReader reader = new(PipeReader.Create(Sequence(body, block)), "b", 3);
        MultipartBody part = (await reader.ReadPartAsync(TestContext.Current.CancellationToken))!.Body;
        long read = 0;
        while (true)
        {
            Assert.False(part.Consumed.IsCompleted);
            ReadResult result = await part.ReadAsync(TestContext.Current.CancellationToken);
            read += result.Buffer.Length;
            part.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                break;
            }
        }

        Assert.Equal(length, read);
        Assert.True(part.Consumed.IsCompleted);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("a", true)]
    [InlineData("ends with space ", false)]
    [InlineData("line\r\nbreak", false)]
    [InlineData("a34ef2a8-072d-4d56-8c69-6ed375c3bae5-a34ef2a8-072d-4d56-8c69-6ed375c3bae5", true)]
    public void A_boundary_is_of_printable_characters_and_may_be_longer_than_the_standard_says(string? boundary, bool isBoundary) =>
        Assert.Equal(isBoundary, MultipartReader.IsBoundary(boundary));

    [Fact]
    public void A_boundary_is_bounded()
    {
        Assert.True(MultipartReader.IsBoundary(new string('x', MultipartReader.MaximumBoundary)));
        Assert.False(MultipartReader.IsBoundary(new string('x', MultipartReader.MaximumBoundary + 1)));
    }

    private static async Task<List<(string? Type, byte[] Body)>> ReadAsync(byte[] body, string boundary, int block)
    {
        MultipartReader reader = new(PipeReader.Create(Sequence(body, block)), boundary, 100);
        List<(string?, byte[])> parts = [];
        while (await reader.ReadPartAsync(CancellationToken.None) is { } part)
        {
            MemoryStream read = new();
            await part.Body.CopyToAsync(read, CancellationToken.None);
            parts.Add((part.ContentType?.Name, read.ToArray()));
        }

        return parts;
    }

    /// <summary>A body that comes in blocks, each made known only when the one before was looked at.</summary>
    private static BlockStream Sequence(byte[] body, int block) => new(body, block);

    private sealed class BlockStream(byte[] body, int block) : MemoryStream(body)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, block)], cancellationToken);
    }
}
