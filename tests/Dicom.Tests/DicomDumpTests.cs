using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

public sealed class DicomDumpTests
{
    [Fact]
    public void A_line_says_tag_VR_value_length_multiplicity_and_name()
    {
        DicomDataSet dataSet = new DicomDataSet()
            .SetUid(DicomTags.SOPClassUID, DicomUids.CTImageStorage)
            .SetString(DicomTags.ImageType, "ORIGINAL", "PRIMARY")
            .SetEmpty(DicomTags.AccessionNumber)
            .SetSequence(DicomTags.ReferencedStudySequence, new DicomDataSet().SetUid(DicomTags.ReferencedSOPInstanceUID, new DicomUid("1.2")))
            .SetString(new DicomTag(0x0009, 0x0010), Vr.LO, "ACME")
            .SetInt(new DicomTag(0x0009, 0x1001), Vr.SS, -3)
            .SetInt(DicomTags.Rows, 512)
            .SetBytes(DicomTags.PixelData, Vr.OW, new byte[20]);

        Assert.Equal(
            """
            (0008,0008) CS [ORIGINAL\PRIMARY]                           # 16, 2 ImageType
            (0008,0016) UI [1.2.840.10008.5.1.4.1.1.2]                  # 25, 1 SOPClassUID = CT Image Storage
            (0008,0050) SH (no value)                                   # 0, 0 AccessionNumber
            (0008,1110) SQ                                              # 1 item ReferencedStudySequence
              Item 1                                                    # 1 element
                (0008,1155) UI [1.2]                                    # 3, 1 ReferencedSOPInstanceUID
            (0009,0010) LO [ACME]                                       # 4, 1 PrivateCreator
            (0009,1001) SS -3                                           # 2, 1 private of ACME
            (0028,0010) US 512                                          # 2, 1 Rows
            (7FE0,0010) OW 00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00... # 20, 1 PixelData

            """.ReplaceLineEndings(),
            Dump(dataSet));
    }

    [Fact]
    public void A_private_element_has_the_name_that_its_creator_gave_it()
    {
        DicomDataSet dataSet = new DicomDataSet()
            .SetString(new DicomTag(0x0019, 0x0010), Vr.LO, "SIEMENS MR HEADER")
            .SetString(new DicomTag(0x0019, 0x100C), Vr.IS, "1000")
            .SetBytes(new DicomTag(0x0019, 0x100E), Vr.UN, BitConverter.GetBytes(0.5));

        Assert.Contains("(0019,100C) IS [1000]                                       # 4, 1 B_value, private of SIEMENS MR HEADER", Dump(dataSet), StringComparison.Ordinal);
        Assert.Contains("DiffusionGradientDirection, private of SIEMENS MR HEADER", Dump(dataSet), StringComparison.Ordinal);
    }

    [Fact]
    public void Characters_that_steer_a_terminal_are_not_shown()
    {
        DicomDataSet dataSet = new DicomDataSet().SetBytes(DicomTags.PatientComments, Vr.LT, "a\u001b[2Jb\r\nc"u8.ToArray());

        Assert.Contains("[a.[2Jb..c]", Dump(dataSet), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_value_is_cut() => Assert.Contains(
        "[" + new string('x', 64) + "...]",
        Dump(new DicomDataSet().SetString(DicomTags.PatientComments, new string('x', 100_000))),
        StringComparison.Ordinal);

    [Fact]
    public void Every_file_of_the_tests_can_be_shown()
    {
        foreach (TestFile file in TestData.DicomFiles)
        {
            byte[] bytes = File.ReadAllBytes(file.FullPath);
            foreach (DicomReadOptions options in new[] { DicomReadOptions.Default, DicomReadOptions.Header })
            {
                if (DicomFile.Parse(bytes, options) is { Ok: true } read)
                {
                    string[] lines = Dump(read.Value.DataSet).Split(Environment.NewLine);

                    Assert.True(lines.Length > read.Value.DataSet.Count, file.Name);
                    Assert.All(lines[..^1], line => Assert.Contains('#', line));
                }
            }
        }
    }

    private static string Dump(DicomDataSet dataSet)
    {
        using StringWriter output = new();
        DicomDump.Write(dataSet, output);
        return output.ToString();
    }
}
