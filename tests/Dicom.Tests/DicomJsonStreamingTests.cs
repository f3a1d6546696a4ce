using System.Text;
using System.Text.Json;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

/// <summary>DICOM JSON to and from streams: memory that does not grow, and values that are elsewhere.</summary>
public sealed class DicomJsonStreamingTests
{
    [Fact]
    public void Memory_of_writing_does_not_grow_with_the_values()
    {
        byte[] pixels = new byte[150 * 1024 * 1024 + 1]; // More than the framework takes as one value.
        Random.Shared.NextBytes(pixels.AsSpan(0, 1000));
        DicomDataSet dataSet = new DicomDataSet()
            .SetBytes(DicomTags.TextValue, Vr.UT, Encoding.UTF8.GetBytes(new string('ä', 10_000_000)))
            .SetBytes(DicomTags.RedPaletteColorLookupTableData, Vr.US, new byte[1_000_000])
            .SetBytes(DicomTags.PixelData, Vr.OW, pixels);
        dataSet.SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192");
        CountingStream output = new();

        long before = GC.GetAllocatedBytesForCurrentThread();
        DicomJson.Write(new DicomDataSet().SetBytes(DicomTags.PixelData, Vr.OW, pixels), output);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(output.Count, pixels.Length * 4L / 3, (pixels.Length * 4L / 3) + 100);
        Assert.InRange(allocated, 0, 512 * 1024);

        output = new CountingStream();
        DicomJson.Write(dataSet, output);
        Assert.InRange(output.LargestWrite, 1, 256 * 1024);
    }

    [Fact]
    public void Values_written_in_pieces_are_those_written_whole()
    {
        byte[] bytes = new byte[100_003];
        new Random(1).NextBytes(bytes);
        string text = string.Concat(Enumerable.Repeat("Ä\"\\\n漢😀", 9_000));
        DicomDataSet dataSet = new DicomDataSet()
            .SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192")
            .SetString(DicomTags.TextValue, text)
            .SetBytes(DicomTags.PixelData, Vr.OB, bytes);
        using MemoryStream output = new();

        DicomJson.Write(dataSet, output);

        Assert.Equal(DicomJson.ToBytes(dataSet), output.ToArray());
        using JsonDocument json = JsonDocument.Parse(output.ToArray());
        Assert.Equal(bytes, json.RootElement.GetProperty("7FE00010").GetProperty("InlineBinary").GetBytesFromBase64());
        Assert.Equal(text.TrimEnd(), json.RootElement.GetProperty("0040A160").GetProperty("Value")[0].GetString());
        DataSetAssert.Same(dataSet, DicomJson.Parse(output.ToArray()).Value);
    }

    [Fact]
    public async Task Data_sets_of_an_array_come_one_by_one_while_the_rest_is_still_to_be_read()
    {
        const int Count = 200;
        await using EndlessArray input = new(Count, valueLength: 200_000);
        int number = 0;
        await foreach (ParseResult<DicomDataSet> read in DicomJson.ReadArrayAsync(input, TestContext.Current.CancellationToken))
        {
            Assert.True(read.Ok, read.Error?.ToString());
            Assert.Equal(number++, read.Value.GetInt32(DicomTags.InstanceNumber));
            Assert.True(input.Given <= (number * 210_000L) + (1024 * 1024), $"{input.Given} bytes were read for {number} data sets.");
        }

        Assert.Equal(Count, number);
    }

    [Theory]
    [InlineData("[]", 0)]
    [InlineData(" [ ] ", 0)]
    [InlineData("\uFEFF[{},{\"00080060\":{\"vr\":\"CS\",\"Value\":[\"CT\"]}}]\n", 2)]
    [InlineData("{\"00081110\":{\"vr\":\"SQ\",\"Value\":[{},{\"00081110\":{\"vr\":\"SQ\",\"Value\":[{}]}}]}}", 1)]
    public async Task An_array_is_read_the_same_from_blocks_of_any_size(string json, int count)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        for (int block = 1; block <= bytes.Length; block++)
        {
            Assert.Equal(count, (await ReadAsync(bytes, block)).Count(read => read.Ok));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("[")]
    [InlineData("[{}")]
    [InlineData("[{},")]
    [InlineData("[7]")]
    [InlineData("[[{}]]")]
    [InlineData("7")]
    [InlineData("[{}]{}")]
    [InlineData("{}{}")]
    [InlineData("[{\"x\":{}}]")]
    [InlineData("no JSON")]
    public async Task What_is_no_array_of_data_sets_ends_in_an_error(string json)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        for (int block = 1; block <= bytes.Length + 1; block++)
        {
            Assert.Equal(DicomErrorKind.InvalidText, (await ReadAsync(bytes, block))[^1].Error?.Kind);
        }
    }

    [Fact]
    public async Task After_an_object_that_is_no_data_set_the_others_are_read()
    {
        List<ParseResult<DicomDataSet>> read = await ReadAsync("""[{},{"x":{}},{"00080060":{"vr":"CS","Value":["CT"]}}]"""u8.ToArray(), 5);

        Assert.Equal([true, false, true], read.Select(one => one.Ok));
        Assert.InRange(read[1].Error!.Offset, 4, 12);
        Assert.Equal("CT", read[2].Value.GetString(DicomTags.Modality));
    }

    [Fact]
    public void A_value_that_is_elsewhere_keeps_its_URI_both_ways()
    {
        const string Json = """{"00081110":{"vr":"SQ","BulkDataURI":"http://x/sequence"},"00281201":{"vr":"OW","BulkDataURI":"../bulk/1?a=b"},"7FE00010":{"vr":"OB","BulkDataURI":"http://x/pixels"}}""";

        DicomDataSet dataSet = DicomJson.Parse(Encoding.UTF8.GetBytes(Json)).Value;

        Assert.Equal("http://x/pixels", dataSet.Find(DicomTags.PixelData)!.BulkDataUri);
        Assert.False(dataSet.Find(DicomTags.PixelData)!.IsEmpty);
        Assert.Null(dataSet.GetString(DicomTags.RedPaletteColorLookupTableData));
        Assert.Equal(Json, Encoding.UTF8.GetString(DicomJson.ToBytes(dataSet)));
        Assert.Equal(Json, Encoding.UTF8.GetString(DicomJson.ToBytes(DicomXml.Parse(DicomXml.ToBytes(dataSet)).Value)));
        Assert.Contains("\"BulkDataURI\":\"moved\"", Encoding.UTF8.GetString(DicomJson.ToBytes(dataSet, (path, _) => path == "7FE00010" ? "moved" : null)), StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => DicomDataSetWriter.ToBytes(dataSet, TransferSyntax.ExplicitVrLittleEndian));
        Assert.Equal(DicomErrorKind.InvalidText, DicomJson.Parse("""{"7FE00010":{"vr":"OB","BulkDataURI":7}}"""u8).Error?.Kind);
    }

    [Fact]
    public void Words_of_InlineBinary_are_little_endian_whatever_the_file_was()
    {
        foreach (string name in new[] { "MR_small.dcm", "MR_small_bigendian.dcm" })
        {
            DicomDataSet dataSet = DicomFile.Parse(TestData.Bytes($"dicom/pydicom/test_files/{name}")).Value.DataSet;
            using JsonDocument json = JsonDocument.Parse(DicomJson.ToBytes(dataSet));
            byte[] pixels = json.RootElement.GetProperty("7FE00010").GetProperty("InlineBinary").GetBytesFromBase64();
            Assert.Equal([0x89, 0x03, 0xFB, 0x03], pixels[..4]);
        }
    }

    private static async Task<List<ParseResult<DicomDataSet>>> ReadAsync(byte[] bytes, int block)
    {
        await using Blocks input = new(bytes, block);
        List<ParseResult<DicomDataSet>> all = [];
        await foreach (ParseResult<DicomDataSet> read in DicomJson.ReadArrayAsync(input, TestContext.Current.CancellationToken))
        {
            all.Add(read);
        }

        return all;
    }

    private sealed class Blocks(byte[] bytes, int block) : MemoryStream(bytes, writable: false)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, block)], cancellationToken);
    }

    /// <summary>An array of data sets that is made while it is read.</summary>
    private sealed class EndlessArray(int count, int valueLength) : Stream
    {
        private byte[] _piece = "["u8.ToArray();
        private int _at;
        private int _number;

        public long Given { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int length)
        {
            if (_at == _piece.Length && _number <= count)
            {
                _piece = _number == count
                    ? "]"u8.ToArray()
                    : Encoding.UTF8.GetBytes($"{(_number > 0 ? "," : "")}{{\"00200013\":{{\"vr\":\"IS\",\"Value\":[{_number}]}},\"7FE00010\":{{\"vr\":\"OB\",\"InlineBinary\":\"{new string('A', valueLength)}\"}}}}");
                _number++;
                _at = 0;
            }

            int given = Math.Min(length, _piece.Length - _at);
            _piece.AsSpan(_at, given).CopyTo(buffer.AsSpan(offset));
            _at += given;
            Given += given;
            return given;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
