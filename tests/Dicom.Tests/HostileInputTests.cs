using System.Buffers.Binary;
using System.IO.Compression;

namespace MedicalAi.Dicom.Tests;

/// <summary>Input that is made to hurt gets an error, soon and within bounded memory.</summary>
public sealed class HostileInputTests
{
    private static readonly TransferSyntax s_explicit = TransferSyntax.ExplicitVrLittleEndian;
    private static readonly TransferSyntax s_deflated = TransferSyntax.DeflatedExplicitVrLittleEndian;

    [Theory]
    [InlineData("E07F10004F570000FEFFFFFF", DicomErrorKind.Truncated)] // pixel data of 4 GB
    [InlineData("08000500554E0000FFFFFFEF", DicomErrorKind.Truncated)]
    [InlineData("0800401153510000FEFFFFFF", DicomErrorKind.Truncated)] // a sequence of 4 GB
    [InlineData("0800401153510000FFFFFFFFFEFF00E0FEFFFFFF", DicomErrorKind.Truncated)]
    [InlineData("0800401153510000FFFFFFFF", DicomErrorKind.Truncated)]
    [InlineData("E07F10004F420000FFFFFFFFFEFF00E000000000FEFF00E0F0FFFFFF", DicomErrorKind.Truncated)]
    [InlineData("E07F10004F420000FFFFFFFFFEFF00E0FFFFFFFF", DicomErrorKind.InvalidLength)]
    [InlineData("0800401153510000080000000800501155490400", DicomErrorKind.UnexpectedTag)] // a sequence that holds no item
    [InlineData("080040115351000010000000FEFF00E0FF000000", DicomErrorKind.InvalidLength)] // an item longer than its sequence
    [InlineData("080040115351000012000000FEFF00E00A0000000800501155490400312E3200", DicomErrorKind.InvalidLength)] // a value longer than its item
    [InlineData("080040115351000012000000FEFF00E0FFFFFFFF0800501155490400312E3200", DicomErrorKind.InvalidLength)]
    [InlineData("0800600043530200435408006000554EFFFFFFFFFFFF", DicomErrorKind.Truncated)]
    [InlineData("080060004353FFFF", DicomErrorKind.Truncated)]
    [InlineData("08006000555400000000", DicomErrorKind.Truncated)] // ends within the header
    [InlineData("FEFF00E000000000", DicomErrorKind.UnexpectedTag)] // an item at the top
    [InlineData("0800600055540000FFFFFFFF", DicomErrorKind.InvalidLength)] // a text of undefined length
    [InlineData("0800FF7F01020304", DicomErrorKind.InvalidVr)]
    public void An_impossible_data_set_is_refused_with_its_cause(string hex, DicomErrorKind kind)
    {
        byte[] bytes = Convert.FromHexString(hex);
        Assert.Equal(kind, DicomDataSet.Parse(bytes, s_explicit).Error?.Kind);
        Assert.Equal(kind, DataSetPropertyTests.ParseInBlocks(bytes, s_explicit, 1, DicomReadOptions.Default).Error?.Kind);
    }

    [Fact]
    public void A_claimed_length_of_four_gigabytes_takes_no_memory()
    {
        byte[] claim = Convert.FromHexString("E07F10004F570000FEFFFFFF");
        byte[] block = new byte[4096];
        long before = GC.GetAllocatedBytesForCurrentThread();
        using (DicomStreamParser parser = new(s_explicit, DicomReadOptions.Default))
        {
            parser.Append(claim);
            for (int i = 0; i < 10_000; i++)
            {
                Assert.Null(parser.Append(block));
            }

            Assert.Equal(DicomErrorKind.Truncated, parser.Complete().Error!.Kind);
        }

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
    }

    [Fact]
    public void A_value_within_the_limit_takes_memory_only_as_it_arrives()
    {
        byte[] claim = Convert.FromHexString("E07F10004F57000000000030"); // 800 MB
        long before = GC.GetAllocatedBytesForCurrentThread();
        using (DicomStreamParser parser = new(s_explicit, DicomReadOptions.Default))
        {
            parser.Append(claim);
            parser.Append(new byte[100_000]);
        }

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2_000_000);
    }

    [Fact]
    public void More_elements_than_the_limit_are_refused()
    {
        byte[] bytes = Elements(2000, i => (uint)i);
        Assert.Equal(DicomErrorKind.TooLarge, DicomDataSet.Parse(bytes, s_explicit, new() { MaxElements = 1999 }).Error?.Kind);
        Assert.Equal(2000, DicomDataSet.Parse(bytes, s_explicit, new() { MaxElements = 2000 }).Value.Count);
    }

    [Fact]
    public void Items_and_fragments_count_as_elements()
    {
        byte[] items = Convert.FromHexString("0800401153510000FFFFFFFF" + string.Concat(Enumerable.Repeat("FEFF00E000000000", 50)) + "FEFFDDE000000000");
        byte[] fragments = Convert.FromHexString("E07F10004F420000FFFFFFFF" + string.Concat(Enumerable.Repeat("FEFF00E000000000", 50)) + "FEFFDDE000000000");
        Assert.Equal(DicomErrorKind.TooLarge, DicomDataSet.Parse(items, s_explicit, new() { MaxElements = 50 }).Error?.Kind);
        Assert.Equal(DicomErrorKind.TooLarge, DicomDataSet.Parse(fragments, s_explicit, new() { MaxElements = 50 }).Error?.Kind);
    }

    [Fact]
    public void More_bytes_of_values_than_the_limit_are_refused()
    {
        byte[] bytes = DicomDataSetWriter.ToBytes(new DicomDataSet().SetString(DicomTags.PatientID, new string('1', 64)), s_explicit);
        Assert.Equal(DicomErrorKind.TooLarge, DicomDataSet.Parse(bytes, s_explicit, new() { MaxTotalLength = 63 }).Error?.Kind);
    }

    [Fact]
    public void Elements_in_the_wrong_order_are_put_in_order_and_many_of_them_are_refused()
    {
        DicomDataSet few = DicomDataSet.Parse(Elements(1000, i => (uint)(2000 - i)), s_explicit).Value;
        Assert.Equal(few.Select(element => element.Tag).Order(), few.Select(element => element.Tag));
        Assert.Equal(1000, few.Count);
        Assert.Equal(DicomErrorKind.TooLarge, DicomDataSet.Parse(Elements(30_000, i => (uint)(40_000 - i)), s_explicit).Error?.Kind);
    }

    [Fact]
    public void Sequences_nested_up_to_the_limit_are_read_and_deeper_ones_are_refused()
    {
        Assert.True(DicomDataSet.Parse(Nested(64), s_explicit).Ok);
        Assert.Equal(DicomErrorKind.TooDeep, DicomDataSet.Parse(Nested(65), s_explicit).Error?.Kind);
    }

    [Fact]
    public void A_deflate_bomb_in_a_long_value_is_passed_over_within_bounded_memory()
    {
        byte[] bomb = Deflate([.. Convert.FromHexString("E07F10004F57000000000004"), .. new byte[64 * 1024 * 1024]]);
        Assert.True(bomb.Length < 100_000);
        long before = GC.GetAllocatedBytesForCurrentThread();

        DicomDataSet header = DicomDataSet.Parse(bomb, s_deflated, DicomReadOptions.Header).Value;

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2_000_000);
        Assert.Equal(new BulkLocation(12, 64 * 1024 * 1024), header.Find(DicomTags.PixelData)!.Bulk);
    }

    [Fact]
    public void A_deflate_bomb_of_values_ends_at_the_limit_of_bytes_kept()
    {
        byte[] bomb = Deflate(Elements(200_000, i => (uint)i));
        Assert.Equal(DicomErrorKind.TooLarge, DicomDataSet.Parse(bomb, s_deflated, new() { MaxTotalLength = 100_000 }).Error?.Kind);
    }

    [Fact]
    public void A_deflate_bomb_ends_at_the_limit_of_bytes_inflated()
    {
        byte[] bomb = Deflate([.. Convert.FromHexString("E07F10004F57000000000004"), .. new byte[64 * 1024 * 1024]]);
        Assert.Equal(DicomErrorKind.TooLarge, DicomDataSet.Parse(bomb, s_deflated, new() { MaxValueLength = 1024, MaxInflatedLength = 1024 * 1024 }).Error?.Kind);
    }

    [Fact]
    public void Bytes_that_do_not_inflate_are_refused()
    {
        Assert.Equal(DicomErrorKind.CorruptDeflate, DicomDataSet.Parse(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF }, s_deflated).Error?.Kind);
        Assert.Equal(DicomErrorKind.Truncated, DicomDataSet.Parse(ReadOnlyMemory<byte>.Empty, s_deflated).Error?.Kind);
        Assert.Equal(DicomErrorKind.Truncated, DicomDataSet.Parse(Deflate(Elements(100, i => (uint)i)).AsMemory()[..^20], s_deflated).Error?.Kind);
    }

    [Fact]
    public void After_an_error_further_blocks_are_passed_over_and_the_error_stays()
    {
        using DicomStreamParser parser = new(s_explicit, DicomReadOptions.Default);
        DicomError? error = parser.Append(Convert.FromHexString("FEFF00E000000000"));
        Assert.Equal(DicomErrorKind.UnexpectedTag, error?.Kind);
        Assert.Equal(error, parser.Append(Convert.FromHexString("0800600043530200")));
        Assert.Equal(error, parser.Complete().Error);
    }

    /// <summary>Elements (0009+2n,10xx) in the order that the numbers give.</summary>
    private static byte[] Elements(int count, Func<int, uint> number)
    {
        byte[] bytes = new byte[count * 10];
        for (int i = 0; i < count; i++)
        {
            Span<byte> element = bytes.AsSpan(i * 10, 10);
            uint place = number(i);
            BinaryPrimitives.WriteUInt16LittleEndian(element, (ushort)(0x0009 + (place / 0xE000 * 2)));
            BinaryPrimitives.WriteUInt16LittleEndian(element[2..], (ushort)(0x1000 + (place % 0xE000)));
            "LO"u8.CopyTo(element[4..]);
            element[6] = 2;
            "ab"u8.CopyTo(element[8..]);
        }

        return bytes;
    }

    private static byte[] Nested(int depth)
    {
        DicomDataSet dataSet = new();
        for (int i = 1; i < depth; i++)
        {
            dataSet = new DicomDataSet().SetSequence(DicomTags.ContentSequence, dataSet);
        }

        return DicomDataSetWriter.ToBytes(new DicomDataSet().SetSequence(DicomTags.ContentSequence, dataSet), s_explicit);
    }

    private static byte[] Deflate(byte[] plain)
    {
        using MemoryStream target = new();
        using (DeflateStream deflate = new(target, CompressionLevel.Optimal))
        {
            deflate.Write(plain);
        }

        return target.ToArray();
    }
}
