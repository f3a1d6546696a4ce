namespace MedicalAi.Dicom.Tests;

public sealed class DicomTagTests
{
    [Theory]
    [InlineData("00100010")]
    [InlineData("(0010,0010)")]
    [InlineData("0010,0010")]
    [InlineData("PatientName")]
    public void A_tag_is_read_from_its_number_and_from_its_keyword(string text)
    {
        Assert.True(DicomTag.TryParse(text, out DicomTag tag));
        Assert.Equal(DicomTags.PatientName, tag);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0010001")]
    [InlineData("patientname")]
    [InlineData("(0010;0010)")]
    [InlineData("-0100010")]
    public void What_is_no_tag_is_refused(string text) => Assert.False(DicomTag.TryParse(text, out _));

    [Fact]
    public void Tags_are_ordered_by_group_then_element() =>
        Assert.True(new DicomTag(0x0008, 0xFFFF) < new DicomTag(0x0010, 0x0000));
}
