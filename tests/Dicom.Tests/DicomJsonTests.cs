using System.Text;

namespace MedicalAi.Dicom.Tests;

public sealed class DicomJsonTests
{
    [Fact]
    public void Attributes_are_written_as_the_standard_shows_them()
    {
        DicomDataSet dataSet = new DicomDataSet()
            .SetString(DicomTags.SpecificCharacterSet, "ISO_IR 100")
            .SetString(DicomTags.PatientName, "Müller^Jörg=漢"[..11])
            .SetString(DicomTags.ImageType, "ORIGINAL", "", "AXIAL")
            .SetString(DicomTags.PixelSpacing, "0.50", "0.5")
            .SetString(DicomTags.InstanceNumber, "007")
            .SetInt(DicomTags.Rows, 512)
            .SetTag(DicomTags.FrameIncrementPointer, DicomTags.FrameTime)
            .SetEmpty(DicomTags.AccessionNumber)
            .SetSequence(DicomTags.ReferencedStudySequence, new DicomDataSet().SetUid(DicomTags.ReferencedSOPInstanceUID, new DicomUid("1.2")))
            .SetBytes(DicomTags.PixelData, Vr.OW, new byte[] { 1, 2 });

        string json = Encoding.UTF8.GetString(DicomJson.ToBytes(dataSet));

        Assert.Equal(
            """
            {"00080005":{"vr":"CS","Value":["ISO_IR 192"]},"00080008":{"vr":"CS","Value":["ORIGINAL",null,"AXIAL"]},"00080050":{"vr":"SH"},"00081110":{"vr":"SQ","Value":[{"00081155":{"vr":"UI","Value":["1.2"]}}]},"00100010":{"vr":"PN","Value":[{"Alphabetic":"Müller^Jörg"}]},"00200013":{"vr":"IS","Value":[7]},"00280009":{"vr":"AT","Value":["00181063"]},"00280010":{"vr":"US","Value":[512]},"00280030":{"vr":"DS","Value":[0.5,0.5]},"7FE00010":{"vr":"OW","InlineBinary":"AQI="}}
            """,
            json);
    }

    [Fact]
    public void What_was_written_is_read_again()
    {
        DicomDataSet dataSet = new DicomDataSet()
            .SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192")
            .SetString(DicomTags.PatientName, "Yamada^Tarou=山田^太郎=やまだ^たろう")
            .SetDouble(DicomTags.DiffusionBValue, double.NaN, 1.5)
            .SetSequence(DicomTags.ReferencedStudySequence, new DicomDataSet(), new DicomDataSet().SetString(DicomTags.StudyDescription, "Kopf"))
            .SetBytes(DicomTags.PixelData, Vr.OW, new byte[] { 1, 2, 3, 4 });

        byte[] json = DicomJson.ToBytes(dataSet);

        Assert.Equal(json, DicomJson.ToBytes(DicomJson.Parse(json).Value));
        Assert.Equal("Yamada^Tarou=山田^太郎=やまだ^たろう", DicomJson.Parse(json).Value.GetString(DicomTags.PatientName));
    }

    [Fact]
    public void Bytes_in_nested_items_are_offered_for_a_URI_by_their_path()
    {
        DicomDataSet dataSet = new DicomDataSet().SetSequence(
            DicomTags.ReferencedStudySequence,
            new DicomDataSet(),
            new DicomDataSet().SetBytes(new DicomTag(0x0028, 0x2000), Vr.OB, new byte[] { 1, 2 }));
        List<string> paths = [];

        string json = Encoding.UTF8.GetString(DicomJson.ToBytes(dataSet, (path, _) =>
        {
            paths.Add(path);
            return "/bulk/" + path;
        }));

        Assert.Equal(["00081110/1/00282000"], paths);
        Assert.Contains("\"BulkDataURI\":\"/bulk/00081110/1/00282000\"", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("7")]
    [InlineData("{\"x\":{}}")]
    [InlineData("{\"00100010\":[]}")]
    [InlineData("{\"00100010\":{\"vr\":\"XX\"}}")]
    [InlineData("{\"00100010\":{\"vr\":7}}")]
    [InlineData("{\"00280010\":{\"vr\":\"US\",\"Value\":[70000]}}")]
    [InlineData("{\"00280010\":{\"vr\":\"US\",\"Value\":7}}")]
    [InlineData("{\"7FE00010\":{\"vr\":\"OW\",\"InlineBinary\":\"?\"}}")]
    [InlineData("{\"00100010\":{\"vr\":\"PN\",\"Value\":[{\"Alphabetic\":[]}]}}")]
    [InlineData("{\"00080060\":{\"vr\":\"CS\",\"Value\":[\"\\ud800\"]}}")]
    public void Text_that_is_not_of_the_model_is_an_error(string json) =>
        Assert.Equal(DicomErrorKind.InvalidText, DicomJson.Parse(Encoding.UTF8.GetBytes(json)).Error!.Kind);

    [Fact]
    public void Deep_nesting_is_an_error()
    {
        string json = string.Concat(Enumerable.Repeat("{\"00081110\":{\"vr\":\"SQ\",\"Value\":[", 10_000));
        Assert.False(DicomJson.Parse(Encoding.UTF8.GetBytes(json)).Ok);
    }
}
