using System.Text;
using System.Xml.Linq;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

public sealed class DicomXmlTests
{
    [Fact]
    public void What_came_as_UN_and_is_known_is_written_as_what_it_is()
    {
        string xml = Encoding.UTF8.GetString(DicomXml.ToBytes(new DicomDataSet()
            .SetBytes(DicomTags.SpecificCharacterSet, Vr.UN, "ISO_IR 100"u8.ToArray())
            .SetBytes(DicomTags.StudyDescription, Vr.UN, (byte[])[0xC4])
            .SetBytes(DicomTags.Rows, Vr.UN, (byte[])[0, 2])
            .SetBytes(DicomTags.ReferencedImageSequence, Vr.UN, Convert.FromHexString("FEFF00E00A00000008006000020000004354"))));
        Assert.Contains("vr=\"CS\" keyword=\"SpecificCharacterSet\"><Value number=\"1\">ISO_IR 192<", xml, StringComparison.Ordinal);
        Assert.Contains("vr=\"LO\" keyword=\"StudyDescription\"><Value number=\"1\">Ä<", xml, StringComparison.Ordinal);
        Assert.Contains("vr=\"US\" keyword=\"Rows\"><Value number=\"1\">512<", xml, StringComparison.Ordinal);
        Assert.Contains("vr=\"SQ\" keyword=\"ReferencedImageSequence\"><Item number=\"1\"><DicomAttribute tag=\"00080060\"", xml, StringComparison.Ordinal);
    }

    [Fact]
    public void Attributes_are_written_by_the_schema_of_the_standard()
    {
        DicomDataSet dataSet = new DicomDataSet()
            .SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192")
            .SetString(DicomTags.ImageType, "ORIGINAL", "", "A<B")
            .SetEmpty(DicomTags.AccessionNumber)
            .SetSequence(DicomTags.ReferencedStudySequence, new DicomDataSet().SetUid(DicomTags.ReferencedSOPInstanceUID, new DicomUid("1.2")))
            .SetString(new DicomTag(0x0009, 0x0011), Vr.LO, "ACME")
            .SetInt(new DicomTag(0x0009, 0x1103), Vr.SL, -7)
            .SetString(DicomTags.PatientName, "Yamada^Tarou^^Dr=山田^太郎")
            .SetTag(DicomTags.FrameIncrementPointer, DicomTags.FrameTime)
            .SetDouble(DicomTags.DiffusionBValue, double.PositiveInfinity, 0.5)
            .SetBytes(DicomTags.PixelData, Vr.OW, new byte[] { 1, 2 });

        Assert.Equal(
            """
            <?xml version="1.0" encoding="utf-8"?><NativeDicomModel xml:space="preserve" xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM">
            <DicomAttribute tag="00080005" vr="CS" keyword="SpecificCharacterSet"><Value number="1">ISO_IR 192</Value></DicomAttribute>
            <DicomAttribute tag="00080008" vr="CS" keyword="ImageType"><Value number="1">ORIGINAL</Value><Value number="3">A&lt;B</Value></DicomAttribute>
            <DicomAttribute tag="00080050" vr="SH" keyword="AccessionNumber" />
            <DicomAttribute tag="00081110" vr="SQ" keyword="ReferencedStudySequence"><Item number="1"><DicomAttribute tag="00081155" vr="UI" keyword="ReferencedSOPInstanceUID"><Value number="1">1.2</Value></DicomAttribute></Item></DicomAttribute>
            <DicomAttribute tag="00090011" vr="LO"><Value number="1">ACME</Value></DicomAttribute>
            <DicomAttribute tag="00090003" vr="SL" privateCreator="ACME"><Value number="1">-7</Value></DicomAttribute>
            <DicomAttribute tag="00100010" vr="PN" keyword="PatientName"><PersonName number="1"><Alphabetic><FamilyName>Yamada</FamilyName><GivenName>Tarou</GivenName><NamePrefix>Dr</NamePrefix></Alphabetic><Ideographic><FamilyName>山田</FamilyName><GivenName>太郎</GivenName></Ideographic></PersonName></DicomAttribute>
            <DicomAttribute tag="00189087" vr="FD" keyword="DiffusionBValue"><Value number="1">INF</Value><Value number="2">0.5</Value></DicomAttribute>
            <DicomAttribute tag="00280009" vr="AT" keyword="FrameIncrementPointer"><Value number="1">00181063</Value></DicomAttribute>
            <DicomAttribute tag="7FE00010" vr="OW" keyword="PixelData"><InlineBinary>AQI=</InlineBinary></DicomAttribute>
            </NativeDicomModel>
            """.ReplaceLineEndings(""),
            Encoding.UTF8.GetString(DicomXml.ToBytes(dataSet)));
    }

    [Fact]
    public void Bytes_are_offered_for_a_URI_by_their_path() => Assert.Contains(
        "<BulkData uri=\"/bulk/00081110/0/00282000\" />",
        Encoding.UTF8.GetString(DicomXml.ToBytes(
            new DicomDataSet().SetSequence(DicomTags.ReferencedStudySequence, new DicomDataSet().SetBytes(new DicomTag(0x0028, 0x2000), Vr.OB, new byte[] { 1, 2 })),
            (path, _) => "/bulk/" + path)),
        StringComparison.Ordinal);

    [Fact]
    public void Line_ends_stay_as_they_are() => Assert.Equal(
        "a\r\nb\nc\rd",
        XDocument.Parse(Encoding.UTF8.GetString(DicomXml.ToBytes(new DicomDataSet().SetString(DicomTags.PatientComments, "a\r\nb\nc\rd")))).Root!.Value);

    [Fact]
    public void Characters_that_XML_cannot_hold_are_replaced()
    {
        DicomDataSet dataSet = new DicomDataSet().SetBytes(DicomTags.PatientComments, Vr.LT, "a\0b\u0007\u000Bc"u8.ToArray());

        Assert.Equal("a\uFFFDb\uFFFD\uFFFDc", XDocument.Parse(Encoding.UTF8.GetString(DicomXml.ToBytes(dataSet))).Root!.Value);
    }

    [Fact]
    public void Every_file_of_the_tests_makes_a_well_formed_document_with_all_its_elements()
    {
        foreach (TestFile file in TestData.DicomFiles)
        {
            if (DicomFile.Parse(File.ReadAllBytes(file.FullPath), DicomReadOptions.Header) is { Ok: true } read)
            {
                using MemoryStream xml = new(DicomXml.ToBytes(read.Value.DataSet, (path, _) => path));

                Assert.Equal(
                    read.Value.DataSet.Count(element => element.Tag.Group != 2 && !element.Tag.IsGroupLength),
                    XDocument.Load(xml).Root!.Elements().Count());
            }
        }
    }
}
