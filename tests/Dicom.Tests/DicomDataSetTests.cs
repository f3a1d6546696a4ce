namespace MedicalAi.Dicom.Tests;

public sealed class DicomDataSetTests
{
    [Fact]
    public void Elements_stand_in_the_order_of_their_tags_however_they_were_set()
    {
        DicomDataSet data = new DicomDataSet().SetInt(DicomTags.Rows, 512).SetString(DicomTags.PatientID, "1").SetString(DicomTags.Modality, "CT");
        Assert.Equal([DicomTags.Modality, DicomTags.PatientID, DicomTags.Rows], data.Select(element => element.Tag));
    }

    [Fact]
    public void Values_come_back_as_they_were_set()
    {
        DicomDataSet data = new DicomDataSet()
            .SetString(DicomTags.ImageType, "DERIVED", "PRIMARY")
            .SetInt(DicomTags.InstanceNumber, 7)
            .SetDouble(DicomTags.PixelSpacing, 0.5, 0.25)
            .SetUid(DicomTags.SOPClassUID, DicomUids.MRImageStorage);
        Assert.Equal(["DERIVED", "PRIMARY"], data.GetStrings(DicomTags.ImageType));
        Assert.Equal(7, data.GetInt32(DicomTags.InstanceNumber));
        Assert.Equal([0.5, 0.25], data.GetDoubles(DicomTags.PixelSpacing));
        Assert.Equal(DicomUids.MRImageStorage, data.GetUid(DicomTags.SOPClassUID));
    }

    [Fact]
    public void A_value_that_cannot_be_read_is_null_and_not_an_exception()
    {
        DicomDataSet data = new DicomDataSet().SetBytes(DicomTags.InstanceNumber, Vr.IS, "abc "u8.ToArray()).SetBytes(DicomTags.Rows, Vr.US, new byte[1]);
        Assert.Null(data.GetInt32(DicomTags.InstanceNumber));
        Assert.Null(data.GetInt32(DicomTags.Rows));
        Assert.Null(data.GetInt32(DicomTags.Columns));
    }

    [Fact]
    public void An_item_takes_the_character_set_of_the_data_set_that_holds_it()
    {
        DicomDataSet item = new();
        DicomDataSet data = new DicomDataSet().SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192").SetSequence(DicomTags.ReferencedStudySequence, item);
        item.SetString(DicomTags.StudyDescription, "头部");
        Assert.Equal("头部", data.GetItems(DicomTags.ReferencedStudySequence)[0].GetString(DicomTags.StudyDescription));
    }

    [Fact]
    public void A_decimal_string_never_has_more_than_16_characters() =>
        CsCheck.Check.Sample(CsCheck.Gen.Double, value => !double.IsFinite(value) || DecimalString.Format(value).Length <= DecimalString.MaximumLength);

    [Fact]
    public void A_value_sent_as_UN_is_decoded_by_the_VR_of_the_dictionary()
    {
        DicomDataSet data = new DicomDataSet()
            .SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192")
            .SetBytes(DicomTags.Rows, Vr.UN, new byte[] { 0, 2 })
            .SetBytes(DicomTags.PatientName, Vr.UN, "Müller^Jörg "u8.ToArray())
            .SetBytes(DicomTags.DiffusionBValue, Vr.UN, BitConverter.GetBytes(1.5))
            .SetBytes(new DicomTag(0x0009, 0x1001), Vr.UN, "a\\b "u8.ToArray());
        Assert.Equal(512, data.GetInt32(DicomTags.Rows));
        Assert.Equal(["512"], data.GetStrings(DicomTags.Rows));
        Assert.Equal("Müller^Jörg", data.GetPersonName(DicomTags.PatientName)?.Alphabetic);
        Assert.Equal([1.5], data.GetDoubles(DicomTags.DiffusionBValue));
        Assert.Equal(["a", "b"], data.GetStrings(new DicomTag(0x0009, 0x1001)));
    }

    [Fact]
    public void A_number_of_32_bits_is_written_out_as_short_as_it_is() =>
        Assert.Equal("0.1", new DicomDataSet().SetDouble(DicomTags.RecommendedDisplayFrameRateInFloat, 0.1).GetString(DicomTags.RecommendedDisplayFrameRateInFloat));

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    [InlineData(int.MaxValue)]
    public void A_value_beyond_the_last_is_null(int index)
    {
        DicomDataSet data = new DicomDataSet()
            .SetInt(DicomTags.Rows, 1, 2)
            .SetDouble(DicomTags.PixelSpacing, 1, 2)
            .SetDouble(DicomTags.DiffusionGradientOrientation, 1, 2)
            .SetTag(DicomTags.FrameIncrementPointer, DicomTags.FrameTime);
        Assert.Null(data.GetInt32(DicomTags.Rows, index));
        Assert.Null(data.GetDouble(DicomTags.PixelSpacing, index));
        Assert.Null(data.GetDouble(DicomTags.DiffusionGradientOrientation, index));
        Assert.Null(data.GetTag(DicomTags.FrameIncrementPointer, index));
    }
}
