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
}
