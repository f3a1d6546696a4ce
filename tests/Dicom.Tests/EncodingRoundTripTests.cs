using System.Buffers;

namespace MedicalAi.Dicom.Tests;

public sealed class EncodingRoundTripTests
{
    public static TheoryData<string> Encodings => ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_data_set_comes_back_as_it_was_written(string uid)
    {
        TransferSyntax syntax = TransferSyntax.Find(new DicomUid(uid))!;
        byte[] written = DicomDataSetWriter.ToBytes(Sample(), syntax);

        DicomDataSet read = DicomDataSet.Parse(written, syntax).Value;

        AssertSample(read);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_data_set_that_comes_in_two_parts_is_read_wherever_it_is_cut(string uid)
    {
        TransferSyntax syntax = TransferSyntax.Find(new DicomUid(uid))!;
        byte[] written = DicomDataSetWriter.ToBytes(Sample(), syntax);
        for (int cut = 0; cut <= written.Length; cut++)
        {
            using DicomStreamParser parser = new(syntax, DicomReadOptions.Default);
            Assert.Null(parser.Append(written.AsSpan(0, cut)));
            Assert.Null(parser.Append(written.AsSpan(cut)));
            AssertSample(parser.Complete().Value);
        }
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_data_set_that_comes_byte_by_byte_is_read(string uid)
    {
        TransferSyntax syntax = TransferSyntax.Find(new DicomUid(uid))!;
        using DicomStreamParser parser = new(syntax, DicomReadOptions.Default);
        foreach (byte b in DicomDataSetWriter.ToBytes(Sample(), syntax))
        {
            Assert.Null(parser.Append([b]));
        }

        AssertSample(parser.Complete().Value);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_data_set_that_ends_within_an_element_is_truncated(string uid)
    {
        TransferSyntax syntax = TransferSyntax.Find(new DicomUid(uid))!;
        byte[] written = DicomDataSetWriter.ToBytes(Sample(), syntax);
        using DicomStreamParser parser = new(syntax, DicomReadOptions.Default);
        parser.Append(written.AsSpan(0, written.Length - 6));

        Assert.Equal(DicomErrorKind.Truncated, parser.Complete().Error!.Kind);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Of_a_header_short_pixel_data_and_binary_values_over_a_kibibyte_are_left_where_they_are(string uid)
    {
        TransferSyntax syntax = TransferSyntax.Find(new DicomUid(uid))!;
        DicomDataSet dataSet = Sample()
            .SetBytes(DicomTags.EncapsulatedDocument, Vr.OB, new byte[1026])
            .SetString(DicomTags.TextValue, new string('a', 1026))
            .SetBytes(DicomTags.PixelData, Vr.OW, new byte[] { 1, 2 });

        DicomDataSet header = DicomDataSet.Parse(DicomDataSetWriter.ToBytes(dataSet, syntax), syntax, DicomReadOptions.Header).Value;

        Assert.Equal(1026, header.Find(DicomTags.EncapsulatedDocument)!.Bulk!.Value.Length);
        Assert.Equal(2, header.Find(DicomTags.PixelData)!.Bulk!.Value.Length);
        Assert.Equal(1026, header.GetString(DicomTags.TextValue)!.Length);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_long_value_is_left_where_it_is_and_its_place_is_kept(string uid)
    {
        TransferSyntax syntax = TransferSyntax.Find(new DicomUid(uid))!;
        DicomDataSet dataSet = Sample().SetBytes(DicomTags.PixelData, Vr.OW, new byte[100_000]);
        byte[] written = DicomDataSetWriter.ToBytes(dataSet, syntax);
        using DicomStreamParser parser = new(syntax, new DicomReadOptions { MaxValueLength = 1024 });
        foreach (byte[] block in written.Chunk(777))
        {
            Assert.Null(parser.Append(block));
        }

        DicomElement pixels = parser.Complete().Value.Find(DicomTags.PixelData)!;

        Assert.Equal(100_000, pixels.Bulk!.Value.Length);
        if (!syntax.IsDeflated)
        {
            Assert.Equal(written.Length - 100_000, pixels.Bulk.Value.Offset);
        }
    }

    [Fact]
    public void An_item_of_group_lengths_alone_is_written_as_an_empty_one() => Assert.Equal(
        DicomDataSetWriter.ToBytes(new DicomDataSet().SetSequence(DicomTags.ReferencedStudySequence, new DicomDataSet()), TransferSyntax.ExplicitVrLittleEndian),
        DicomDataSetWriter.ToBytes(
            new DicomDataSet().SetSequence(DicomTags.ReferencedStudySequence, new DicomDataSet().SetInt(new DicomTag(0x0008, 0), Vr.UL, 4)),
            TransferSyntax.ExplicitVrLittleEndian));

    [Fact]
    public void Fragments_come_back_with_their_offset_table()
    {
        TransferSyntax syntax = TransferSyntax.Find(new DicomUid("1.2.840.10008.1.2.4.50"))!;
        DicomFragments fragments = new(new byte[] { 0, 0, 0, 0 }, [new DicomFragment(new byte[] { 1, 2, 3 }), new DicomFragment(new byte[] { 4, 5 })]);
        byte[] written = DicomDataSetWriter.ToBytes(Sample().SetFragments(DicomTags.PixelData, fragments), syntax);

        DicomFragments read = DicomDataSet.Parse(written, syntax).Value.Find(DicomTags.PixelData)!.Fragments!;

        Assert.Equal<uint>([0], read.ReadOffsets());
        Assert.Equal<byte>([1, 2, 3, 0], read.Items[0].Value.ToArray());
        Assert.Equal<byte>([4, 5], read.Items[1].Value.ToArray());
        Assert.Equal<byte>([4, 5], written.AsSpan((int)read.Items[1].Location.Offset, 2).ToArray());
    }

    [Fact]
    public void A_file_comes_back_with_its_meta_information()
    {
        byte[] file = DicomFile.ToBytes(Sample(), TransferSyntax.ExplicitVrLittleEndian, "SENDER");

        DicomFile read = DicomFile.Parse(file).Value;

        AssertSample(read.DataSet);
        Assert.Equal("1.2.3.4", read.Meta!.MediaStorageSopInstance.Value);
        Assert.Equal("SENDER", read.Meta.SourceAe);
    }

    [Fact]
    public void The_header_of_a_file_is_found_wherever_the_first_block_ends()
    {
        byte[] file = DicomFile.ToBytes(Sample(), TransferSyntax.DeflatedExplicitVrLittleEndian);
        long offset = DicomFile.Parse(file).Value.DataSetOffset;
        for (int cut = 0; cut < file.Length; cut++)
        {
            ParseResult<Part10Header?> header = FileMetaInformation.TryRead(new ReadOnlySequence<byte>(file, 0, cut), isFinal: false);
            Assert.True(header.Ok);
            Assert.Equal(cut >= offset ? offset : null, header.Value?.DataSetOffset);
        }
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2.2")]
    public void A_file_without_preamble_and_meta_information_is_recognised(string uid)
    {
        TransferSyntax syntax = TransferSyntax.Find(new DicomUid(uid))!;

        DicomFile read = DicomFile.Parse(DicomDataSetWriter.ToBytes(Sample(), syntax)).Value;

        Assert.Null(read.Meta);
        Assert.Same(syntax, read.TransferSyntax);
        AssertSample(read.DataSet);
    }

    [Fact]
    public void Bytes_that_are_no_file_are_refused() =>
        Assert.Equal(DicomErrorKind.NotDicom, DicomFile.Parse("GIF89a and so on and so forth"u8.ToArray()).Error!.Kind);

    private static DicomDataSet Sample() => new DicomDataSet()
        .SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192")
        .SetUid(DicomTags.SOPClassUID, new DicomUid("1.2.840.10008.5.1.4.1.1.7"))
        .SetUid(DicomTags.SOPInstanceUID, new DicomUid("1.2.3.4"))
        .SetString(DicomTags.PatientName, "Müller^Jörg")
        .SetSequence(
            DicomTags.ReferencedStudySequence,
            new DicomDataSet().SetString(DicomTags.CodeValue, "A").SetSequence(DicomTags.PurposeOfReferenceCodeSequence, new DicomDataSet()),
            new DicomDataSet())
        .SetInt(DicomTags.PixelRepresentation, 1)
        .SetInt(DicomTags.Rows, 0x0102)
        .SetDouble(DicomTags.DiffusionBValue, 1.5)
        .SetTag(DicomTags.FrameIncrementPointer, DicomTags.FrameTime)
        .SetInt(DicomTags.SmallestImagePixelValue, Vr.SS, -5);

    private static void AssertSample(DicomDataSet read)
    {
        Assert.Equal("Müller^Jörg", read.GetString(DicomTags.PatientName));
        Assert.Equal(2, read.GetItems(DicomTags.ReferencedStudySequence).Count);
        Assert.Equal("A", read.GetItems(DicomTags.ReferencedStudySequence)[0].GetString(DicomTags.CodeValue));
        Assert.Single(read.GetItems(DicomTags.ReferencedStudySequence)[0].GetItems(DicomTags.PurposeOfReferenceCodeSequence));
        Assert.Equal(0x0102, read.GetInt32(DicomTags.Rows));
        Assert.Equal(1.5, read.GetDouble(DicomTags.DiffusionBValue));
        Assert.Equal(DicomTags.FrameTime, read.GetTag(DicomTags.FrameIncrementPointer));
        Assert.Equal(-5, read.GetInt32(DicomTags.SmallestImagePixelValue));
    }
}
