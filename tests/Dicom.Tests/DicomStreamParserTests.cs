using CsCheck;

namespace MedicalAi.Dicom.Tests;

public sealed class DicomStreamParserTests
{
    private static readonly TransferSyntax s_encapsulated = TransferSyntax.Find(new DicomUid("1.2.840.10008.1.2.4.50"))!;

    private static readonly DicomDataSet s_image = new DicomDataSet()
        .SetUid(DicomTags.SOPInstanceUID, new DicomUid("1.2.3"))
        .SetSequence(DicomTags.ReferencedImageSequence, new DicomDataSet().SetUid(DicomTags.ReferencedSOPInstanceUID, new DicomUid("1.2.4")))
        .SetString(DicomTags.PatientID, "1");

    [Fact]
    public void What_came_so_far_can_be_read_at_any_time()
    {
        byte[] bytes = DicomDataSetWriter.ToBytes(s_image, TransferSyntax.ExplicitVrLittleEndian);
        using DicomStreamParser parser = new(TransferSyntax.ExplicitVrLittleEndian, DicomReadOptions.Header);
        DicomTag last = default;
        foreach (byte b in bytes)
        {
            Assert.Null(parser.Append([b]));
            Assert.True(parser.LastTag >= last);
            last = parser.LastTag;
            Assert.All(s_image.Where(element => element.Tag <= last), element => Assert.True(parser.DataSet.Contains(element.Tag)));
        }

        Assert.Equal(DicomTags.PatientID, last);
    }

    [Fact]
    public void The_last_tag_is_one_of_the_top_level()
    {
        byte[] bytes = DicomDataSetWriter.ToBytes(s_image, TransferSyntax.ExplicitVrLittleEndian);
        using DicomStreamParser parser = new(TransferSyntax.ExplicitVrLittleEndian, DicomReadOptions.Header);
        parser.Append(bytes.AsSpan(0, bytes.Length - 40));
        Assert.Equal(DicomTags.SOPInstanceUID, parser.LastTag);
        Assert.Equal("1.2.3", parser.DataSet.GetString(DicomTags.SOPInstanceUID));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void Of_a_header_fragments_are_places_and_offset_tables_are_kept(int blockSize)
    {
        DicomFragments fragments = new(new byte[20_000], [new DicomFragment(new byte[] { 1, 2 }), new DicomFragment(new byte[30_000])]);
        DicomDataSet image = new DicomDataSet()
            .SetBytes(DicomTags.ExtendedOffsetTable, Vr.OV, new byte[40_000])
            .SetFragments(DicomTags.PixelData, fragments);
        byte[] bytes = DicomDataSetWriter.ToBytes(image, s_encapsulated);
        Check(DicomDataSet.Parse(bytes, s_encapsulated, DicomReadOptions.Header).Value);
        Check(DataSetPropertyTests.ParseInBlocks(bytes, s_encapsulated, blockSize, DicomReadOptions.Header).Value);

        void Check(DicomDataSet header)
        {
            Assert.Equal(5000, header.CountValues(DicomTags.ExtendedOffsetTable));
            DicomFragments read = header.Find(DicomTags.PixelData)!.Fragments!;
            Assert.Equal(20_000, read.OffsetTable.Length);
            Assert.All(read.Items, item => Assert.True(item.Value.IsEmpty));
            Assert.Equal([new BulkLocation(bytes.Length - 8 - 30_000 - 8 - 2, 2), new BulkLocation(bytes.Length - 8 - 30_000, 30_000)], read.Items.Select(item => item.Location));
        }
    }

    [Fact]
    public void A_long_value_in_small_blocks_is_put_together_in_time_that_grows_with_its_length() => Gen.Int[1000, 5000].Sample(size =>
    {
        byte[] value = new byte[4_000_000];
        Random.Shared.NextBytes(value);
        byte[] bytes = DicomDataSetWriter.ToBytes(new DicomDataSet().SetBytes(DicomTags.EncapsulatedDocument, Vr.OB, value), TransferSyntax.ExplicitVrLittleEndian);
        long before = GC.GetAllocatedBytesForCurrentThread();
        DicomDataSet read = DataSetPropertyTests.ParseInBlocks(bytes, TransferSyntax.ExplicitVrLittleEndian, size, DicomReadOptions.Default).Value;
        return read.GetBytes(DicomTags.EncapsulatedDocument).Span.SequenceEqual(value) && GC.GetAllocatedBytesForCurrentThread() - before < 24_000_000;
    }, iter: 3);

    [Fact]
    public void Reading_a_long_value_over_the_limit_allocates_nothing_for_it()
    {
        using DicomStreamParser parser = new(TransferSyntax.ExplicitVrLittleEndian, DicomReadOptions.Header);
        parser.Append(Convert.FromHexString("E07F10004F57000000000010")); // 256 MiB
        byte[] block = new byte[65_536];
        parser.Append(block);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 1; i < 4096; i++)
        {
            parser.Append(block);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(256L * 1024 * 1024, parser.Complete().Value.Find(DicomTags.PixelData)!.Bulk!.Value.Length);
    }

    [Fact]
    public void After_its_end_a_parser_takes_nothing_more()
    {
        DicomStreamParser parser = new(TransferSyntax.ExplicitVrLittleEndian, DicomReadOptions.Header);
        parser.Dispose();
        parser.Dispose();
        Assert.Throws<ObjectDisposedException>(() => parser.Append([0]));
    }
}
