namespace MedicalAi.Dicom.Tests;

/// <summary>What devices send though the standard says otherwise, and what has to be made of it.</summary>
public sealed class ReaderToleranceTests
{
    private const string Modality = "080060004353020043 54"; // (0008,0060) CS "CT"

    [Theory]
    [InlineData("08006000 0200 0000 4354" + "10002000 4C4F 0200 3131")] // an element in implicit VR, then one in explicit VR
    [InlineData(Modality + "10002000 0200 0000 3131")]
    public void Elements_in_implicit_VR_among_explicit_ones_are_read(string hex)
    {
        DicomDataSet dataSet = Read(hex, TransferSyntax.ExplicitVrLittleEndian);
        Assert.Equal(("CT", "11"), (dataSet.GetString(DicomTags.Modality), dataSet.GetString(DicomTags.PatientID)));
    }

    [Fact]
    public void A_sequence_in_implicit_VR_has_its_items_in_implicit_VR() => Assert.Equal("1.2", Read(
        "08004011 FFFFFFFF FEFF00E0FFFFFFFF 08005011 04000000 312E3200 FEFF0DE000000000 FEFFDDE000000000",
        TransferSyntax.ExplicitVrLittleEndian).GetItems(DicomTags.ReferencedImageSequence)[0].GetString(DicomTags.ReferencedSOPClassUID));

    [Fact]
    public void Items_in_explicit_VR_in_a_data_set_in_implicit_VR_are_read()
    {
        DicomDataSet item = Read(
            "05200E14 FFFFFFFF FEFF00E0FFFFFFFF 18007791 4353 0400 47524144 18007891 4353 0200 4142 FEFF0DE000000000 FEFFDDE000000000",
            TransferSyntax.ImplicitVrLittleEndian).GetItems(new DicomTag(0x2005, 0x140E))[0];
        Assert.Equal(["GRAD", "AB"], item.Select(element => item.GetString(element.Tag)));
    }

    [Fact]
    public void A_length_that_looks_like_a_VR_is_a_length_in_implicit_VR()
    {
        DicomDataSet contour = new DicomDataSet()
            .SetString(DicomTags.ContourGeometricType, "POINT")
            .SetBytes(DicomTags.ContourData, Vr.DS, new byte[0x5344]); // "DS" read as a number
        byte[] bytes = DicomDataSetWriter.ToBytes(new DicomDataSet().SetSequence(DicomTags.ContourSequence, contour), TransferSyntax.ImplicitVrLittleEndian);
        Assert.Equal(0x5344, DicomDataSet.Parse(bytes, TransferSyntax.ImplicitVrLittleEndian).Value.GetItems(DicomTags.ContourSequence)[0].GetBytes(DicomTags.ContourData).Length);
    }

    [Theory]
    [InlineData("3F3F", "0400 0102 0304")]
    [InlineData("2020", "0400 0102 0304")]
    [InlineData("5A5A", "0000 04000000 0102 0304")] // a VR that came after this code: long form
    public void A_VR_that_is_not_known_is_read_as_UN(string vr, string rest)
    {
        DicomElement element = Read($"09000110{vr}{rest}{"10002000 4C4F 0200 3131"}", TransferSyntax.ExplicitVrLittleEndian).Find(new DicomTag(0x0009, 0x1001))!;
        Assert.Equal(Vr.UN, element.Vr);
        Assert.Equal<byte>([1, 2, 3, 4], element.Value.ToArray());
    }

    [Fact]
    public void UN_of_undefined_length_holds_items_in_implicit_VR_little_endian_also_in_big_endian()
    {
        DicomDataSet dataSet = Read("00091001 554E0000 FFFFFFFF FEFF00E0 FFFFFFFF 08006000 02000000 4354 FEFF0DE000000000 FEFFDDE000000000" + "00280010 5553 0002 0102", TransferSyntax.ExplicitVrBigEndian);
        Assert.Equal("CT", dataSet.GetItems(new DicomTag(0x0009, 0x1001))[0].GetString(DicomTags.Modality));
        Assert.Equal(0x0102, dataSet.GetInt32(DicomTags.Rows));
    }

    [Fact]
    public void UN_of_defined_length_stays_UN_also_where_the_dictionary_has_a_sequence()
    {
        DicomElement element = Read("08004011 554E0000 08000000 FEFF00E000000000", TransferSyntax.ExplicitVrLittleEndian).Find(DicomTags.ReferencedImageSequence)!;
        Assert.Equal((Vr.UN, 8), (element.Vr, element.Value.Length));
    }

    [Fact]
    public void UN_of_defined_length_is_read_as_items_when_they_are_asked_for()
    {
        DicomDataSet dataSet = Read(
            "08000500 4353 0A00 49534F5F495220313030" + "09001000 4C4F 0400 41434D45"
            + "09000110 554E0000 1C000000 FEFF00E0 14000000 08006000 02000000 4354 10001000 02000000 C441",
            TransferSyntax.ExplicitVrLittleEndian);
        DicomDataSet item = Assert.Single(dataSet.GetItems(new DicomTag(0x0009, 0x1001)));
        Assert.Equal(("CT", "ÄA"), (item.GetString(DicomTags.Modality), item.GetString(DicomTags.PatientName)));
        Assert.Empty(dataSet.GetItems(new DicomTag(0x0009, 0x0010)));
    }

    [Theory]
    [InlineData("080060005343 0200 4354")] // SC for CS
    [InlineData("080040115153 0000 00000000" + Modality)]
    public void A_VR_with_its_letters_in_the_wrong_order_is_read_as_what_it_was_meant_to_be(string hex) =>
        Assert.All(Read(hex, TransferSyntax.ExplicitVrLittleEndian), element => Assert.Equal(DicomDictionary.FindVr(element.Tag), element.Vr));

    [Fact]
    public void A_value_where_the_dictionary_has_a_sequence_is_kept_as_bytes_in_implicit_VR() =>
        Assert.Equal("NAME", Read("4000 70A1 04000000 4E414D45", TransferSyntax.ImplicitVrLittleEndian).GetString(DicomTags.PurposeOfReferenceCodeSequence));

    [Fact]
    public void Pixel_data_as_UN_of_undefined_length_is_fragments() => Assert.Single(
        Read("E07F1000 554E0000 FFFFFFFF FEFF00E000000000 FEFF00E0020000000102 FEFFDDE000000000", TransferSyntax.ExplicitVrLittleEndian).Find(DicomTags.PixelData)!.Fragments!.Items);

    [Fact]
    public void Delimiters_after_items_and_sequences_of_defined_length_are_passed_over()
    {
        DicomDataSet dataSet = Read("08004011 53510000 10000000 FEFF00E000000000 FEFF0DE000000000 FEFFDDE000000000" + Modality, TransferSyntax.ExplicitVrLittleEndian);
        Assert.Single(dataSet.GetItems(DicomTags.ReferencedImageSequence));
        Assert.Equal("CT", dataSet.GetString(DicomTags.Modality));
    }

    [Theory]
    [InlineData("00")]
    [InlineData("0000000000")]
    [InlineData("0000000000000000")]
    [InlineData("000000000000000000000000000000000000000000")]
    public void Zeros_after_the_last_element_are_passed_over(string zeros) =>
        Assert.Single(Read(Modality + zeros, TransferSyntax.ExplicitVrLittleEndian));

    [Fact]
    public void Trailing_padding_is_an_element_like_others() =>
        Assert.Equal(4, Read(Modality + "FCFFFCFF 4F420000 04000000 00000000", TransferSyntax.ExplicitVrLittleEndian).GetBytes(DicomTags.DataSetTrailingPadding).Length);

    [Fact]
    public void Odd_lengths_are_read_as_they_are()
    {
        DicomDataSet dataSet = Read("0800 6000 4353 0300 435432" + "1000 2000 4C4F 0100 31", TransferSyntax.ExplicitVrLittleEndian);
        Assert.Equal(("CT2", "1"), (dataSet.GetString(DicomTags.Modality), dataSet.GetString(DicomTags.PatientID)));
    }

    [Fact]
    public void An_empty_sequence_and_an_empty_item_are_there()
    {
        DicomDataSet dataSet = Read("08004011 53510000 00000000" + "40007502 53510000 08000000 FEFF00E000000000", TransferSyntax.ExplicitVrLittleEndian);
        Assert.Empty(dataSet.Find(DicomTags.ReferencedImageSequence)!.Items!);
        Assert.Empty(Assert.Single(dataSet.GetItems(DicomTags.RequestAttributesSequence)));
    }

    [Fact]
    public void Of_an_element_that_comes_twice_the_first_one_counts() =>
        Assert.Equal("CT", Read(Modality + "08006000 4353 0200 4D52", TransferSyntax.ExplicitVrLittleEndian).GetString(DicomTags.Modality));

    [Fact]
    public void Reading_stops_before_the_stop_tag_and_what_follows_does_not_matter()
    {
        byte[] bytes = Convert.FromHexString((Modality + "10002000FFFFFFFF").Replace(" ", "", StringComparison.Ordinal));
        DicomReadOptions options = new() { StopTag = DicomTags.PatientID };
        Assert.Single(DicomDataSet.Parse(bytes, TransferSyntax.ExplicitVrLittleEndian, options).Value);
        Assert.Single(DataSetPropertyTests.ParseInBlocks(bytes, TransferSyntax.ExplicitVrLittleEndian, 1, options).Value);
    }

    /// <summary>The data set, the same whole and byte by byte.</summary>
    private static DicomDataSet Read(string hex, TransferSyntax syntax)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        DicomDataSet whole = DicomDataSet.Parse(bytes, syntax).Value;
        DataSetAssert.Same(whole, DataSetPropertyTests.ParseInBlocks(bytes, syntax, 1, DicomReadOptions.Default).Value);
        return whole;
    }
}
