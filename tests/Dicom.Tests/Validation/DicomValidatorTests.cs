using System.Text;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

/// <summary>The rules, one by one.</summary>
public sealed class DicomValidatorTests
{
    [Theory]
    [InlineData("ApplicationName0", true, Vr.AE)]
    [InlineData("ApplicationName01", false, Vr.AE)]
    [InlineData("003Y", true, Vr.AS)]
    [InlineData("3Y", false, Vr.AS)]
    [InlineData("PRIMARY_1 A", true, Vr.CS)]
    [InlineData("primary", false, Vr.CS)]
    [InlineData("A2345678901234567", false, Vr.CS)]
    [InlineData("20240229", true, Vr.DA)]
    [InlineData("20230229", false, Vr.DA)]
    [InlineData("-1.5E+3", true, Vr.DS)]
    [InlineData("1,5", false, Vr.DS)]
    [InlineData("1.23456789012345678", false, Vr.DS)]
    [InlineData("20240229101112.123456+0100", true, Vr.DT)]
    [InlineData("2024022910111x", false, Vr.DT)]
    [InlineData("-2147483648", true, Vr.IS)]
    [InlineData("2147483648", false, Vr.IS)]
    [InlineData("1.0", false, Vr.IS)]
    [InlineData("a value", true, Vr.LO)]
    [InlineData("a\tvalue", false, Vr.LO)]
    [InlineData("a\r\nvalue", true, Vr.LT)]
    [InlineData("a\u0001value", false, Vr.LT)]
    [InlineData("A^B^C^D^E=F=G", true, Vr.PN)]
    [InlineData("A^B^C^D^E^F", false, Vr.PN)]
    [InlineData("A=B=C=D", false, Vr.PN)]
    [InlineData("sixteen letters.", true, Vr.SH)]
    [InlineData("seventeen letters", false, Vr.SH)]
    [InlineData("a\u0001value", false, Vr.ST)]
    [InlineData("101112.1", true, Vr.TM)]
    [InlineData("2511", false, Vr.TM)]
    [InlineData("a\u0001value", false, Vr.UC)]
    [InlineData("1.2.840.10008.1.1", true, Vr.UI)]
    [InlineData("1.2.0840", false, Vr.UI)]
    [InlineData("1..2", false, Vr.UI)]
    [InlineData("2.25.1", true, Vr.UI)]
    [InlineData("2.999", true, Vr.UI)]
    [InlineData("999.2.3", false, Vr.UI)]
    [InlineData("1.40.1", false, Vr.UI)]
    [InlineData("7", false, Vr.UI)]
    [InlineData("http://host/a?b=c", true, Vr.UR)]
    [InlineData("http://host/a b", false, Vr.UR)]
    [InlineData("a\u0001value", false, Vr.UT)]
    public void A_value_has_the_length_and_the_characters_of_its_VR(string value, bool isRight, Vr vr)
    {
        DicomTag tag = DicomDictionary.Entries.First(entry => entry.Vrs == $"{vr}" && entry.Vm is "1" or "1-n" && entry.Tag.Group > 8).Tag;
        DicomDataSet dataSet = Image().Set(new DicomElement(tag, vr, Encoding.ASCII.GetBytes(value.Length % 2 == 0 ? value : value + (vr == Vr.UI ? '\0' : ' '))));
        DicomFinding[] found = [.. DicomValidator.Check(dataSet).Where(finding => finding.Path == tag.ToString())];
        Assert.Equal(isRight, found.Length == 0);
        Assert.All(found, finding => Assert.Equal((DicomSeverity.Error, "PS3.5 6.2"), (finding.Severity, finding.Rule)));
        Assert.All(found, finding => Assert.DoesNotContain(value, finding.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("1", 1, true)]
    [InlineData("1", 2, false)]
    [InlineData("1-n", 77, true)]
    [InlineData("1-3", 3, true)]
    [InlineData("1-3", 4, false)]
    [InlineData("2-2n", 4, true)]
    [InlineData("2-2n", 3, false)]
    [InlineData("3-3n", 6, true)]
    [InlineData("3-3n", 4, false)]
    [InlineData("2-n", 1, false)]
    [InlineData("4-5", 5, true)]
    public void An_expression_of_the_dictionary_says_how_many_values_there_may_be(string expression, int count, bool isRight) =>
        Assert.Equal(isRight, ValueMultiplicity.Parse(expression).Allows(count));

    [Fact]
    public void Every_expression_of_the_dictionary_is_understood() =>
        Assert.All(DicomDictionary.Entries, entry => Assert.True(ValueMultiplicity.Parse(entry.Vm).Minimum > 0, entry.Keyword));

    [Fact]
    public void More_or_fewer_values_than_the_dictionary_allows_are_an_error()
    {
        DicomDataSet dataSet = Image().SetString(DicomTags.PixelSpacing, "1");
        Assert.Equal("1 values; the dictionary allows 2", Single(dataSet, DicomTags.PixelSpacing).Message);
        dataSet = Image().Set(new DicomElement(DicomTags.Rows, Vr.US, new byte[4]));
        Assert.Equal("2 values; the dictionary allows 1", Single(dataSet, DicomTags.Rows).Message);
    }

    [Fact]
    public void A_VR_that_the_dictionary_does_not_allow_is_an_error()
    {
        DicomFinding finding = Single(Image().Set(new DicomElement(DicomTags.PatientComments, Vr.SH, "abcd"u8.ToArray())), DicomTags.PatientComments);
        Assert.Equal(new DicomFinding(DicomSeverity.Error, "(0010,4000)", "PS3.6 6", "VR SH; the dictionary has LT"), finding);
    }

    [Fact]
    public void Each_of_several_VRs_of_the_dictionary_is_right()
    {
        foreach (Vr vr in new[] { Vr.US, Vr.SS })
        {
            Assert.DoesNotContain(DicomValidator.Check(Image().Set(new DicomElement(DicomTags.SmallestImagePixelValue, vr, new byte[2]))), finding => finding.Path == "(0028,0106)");
        }
    }

    [Fact]
    public void VR_UN_for_what_the_dictionary_knows_is_a_warning() =>
        Assert.Equal(DicomSeverity.Warning, Single(Image().Set(new DicomElement(DicomTags.PatientComments, Vr.UN, "abcd"u8.ToArray())), DicomTags.PatientComments).Severity);

    [Theory]
    [InlineData(Vr.AT, 6, "6 bytes, not a multiple of the 4 of VR AT")]
    [InlineData(Vr.FD, 12, "12 bytes, not a multiple of the 8 of VR FD")]
    public void A_length_is_a_multiple_of_the_unit(Vr vr, int length, string message)
    {
        DicomTag tag = vr == Vr.AT ? DicomTags.FrameIncrementPointer : DicomTags.RealWorldValueLUTData;
        Assert.Equal(message, Single(Image().Set(new DicomElement(tag, vr, new byte[length])), tag).Message);
    }

    [Fact]
    public void File_meta_information_has_its_UIDs()
    {
        byte[] file =
        [
            .. new byte[128], .. "DICM"u8, 2, 0, 0x10, 0, .. "UI"u8, 20, 0, .. "1.2.840.10008.1.2.1\0"u8,
            .. DicomDataSetWriter.ToBytes(Image(), TransferSyntax.ExplicitVrLittleEndian),
        ];
        Assert.Equal(
            ["(0002,0002): MediaStorageSOPClassUID is missing, empty or not a UID", "(0002,0003): MediaStorageSOPInstanceUID is missing, empty or not a UID", "(0002,0012): ImplementationClassUID is missing, empty or not a UID"],
            DicomValidator.CheckFile(file).Where(finding => finding.Rule == "PS3.10 7.1").Select(finding => $"{finding.Path}: {finding.Message}"));
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2.1", true, "fragments, of which there are none in this transfer syntax")]
    [InlineData("1.2.840.10008.1.2.5", false, "pixel data that is not in fragments, which this transfer syntax has")]
    [InlineData("1.2.840.10008.1.2.1", false, null)]
    [InlineData("1.2.840.10008.1.2.5", true, null)]
    public void Pixel_data_is_in_fragments_where_the_transfer_syntax_has_them_and_there_alone(string syntax, bool isInFragments, string? message)
    {
        DicomDataSet dataSet = isInFragments
            ? Image().SetFragments(DicomTags.PixelData, new DicomFragments(default, [new DicomFragment(new byte[4])]))
            : Image().SetBytes(DicomTags.PixelData, Vr.OW, new byte[4]);
        byte[] file = DicomFile.ToBytes(dataSet, TransferSyntax.Find(new DicomUid(syntax))!);
        Assert.Equal(message, DicomValidator.CheckFile(file).Where(finding => finding.Rule == "PS3.5 A.4").Select(finding => finding.Message).SingleOrDefault());
    }

    [Fact]
    public void A_palette_may_be_segmented()
    {
        DicomDataSet dataSet = Image().SetString(DicomTags.PhotometricInterpretation, "PALETTE COLOR");
        Assert.Contains(DicomValidator.Check(dataSet), finding => finding.Path == "(0028,1201)");
        dataSet.SetBytes(DicomTags.SegmentedRedPaletteColorLookupTableData, Vr.OW, new byte[4]);
        Assert.DoesNotContain(DicomValidator.Check(dataSet), finding => finding.Path == "(0028,1201)");
        Assert.Contains(DicomValidator.Check(dataSet), finding => finding.Path == "(0028,1202)");
    }

    [Fact]
    public void A_value_of_odd_length_is_found_in_a_file()
    {
        byte[] start = DicomFile.ToBytes(Image(), TransferSyntax.ExplicitVrLittleEndian);
        byte[] file = [.. start[..(int)DicomFile.Parse(start).Value.DataSetOffset], 0x10, 0, 0x20, 0, (byte)'L', (byte)'O', 3, 0, (byte)'A', (byte)'B', (byte)'C'];
        Assert.Contains(new DicomFinding(DicomSeverity.Error, "(0010,0020)", "PS3.5 7.1.1", "a value of odd length"), DicomValidator.CheckFile(file));
        Assert.DoesNotContain(DicomValidator.CheckFile(start), finding => finding.Rule == "PS3.5 7.1.1");
    }

    [Fact]
    public void Characters_beyond_ASCII_need_a_character_set()
    {
        DicomDataSet dataSet = Image().Set(new DicomElement(DicomTags.PatientComments, Vr.LT, new byte[] { 0xE4, 0x20 }));
        Assert.Equal("PS3.5 6.1.2", Single(dataSet, DicomTags.PatientComments).Rule);
        dataSet.SetString(DicomTags.SpecificCharacterSet, "ISO_IR 100");
        Assert.DoesNotContain(DicomValidator.Check(dataSet), finding => finding.Path == "(0010,4000)");
    }

    [Fact]
    public void A_private_element_needs_its_creator()
    {
        DicomTag tag = new(0x0011, 0x1001);
        DicomDataSet dataSet = Image().Set(new DicomElement(tag, Vr.LO, "ab"u8.ToArray()));
        Assert.Equal("PS3.5 7.8.1", Single(dataSet, tag).Rule);
        dataSet.SetString(new DicomTag(0x0011, 0x0010), Vr.LO, "MAKER");
        Assert.DoesNotContain(DicomValidator.Check(dataSet), finding => finding.Path == tag.ToString());
    }

    [Fact]
    public void Elements_within_items_are_found_by_their_path()
    {
        DicomDataSet dataSet = Image();
        dataSet.SetSequence(DicomTags.ReferencedStudySequence, new DicomDataSet(dataSet), new DicomDataSet(dataSet)
            .SetUid(DicomTags.ReferencedSOPClassUID, DicomUids.CTImageStorage).Set(new DicomElement(DicomTags.ReferencedSOPInstanceUID, Vr.UI, "1.02"u8.ToArray())));
        IReadOnlyList<DicomFinding> found = DicomValidator.Check(dataSet);
        Assert.Contains(found, finding => finding.Path == "(0008,1110)[1].(0008,1155)" && finding.Rule == "PS3.5 6.2");
        Assert.Contains(found, finding => finding.Path == "(0008,1110)[0].(0008,1155)" && finding.Message == "ReferencedSOPInstanceUID, type 1, is missing");
    }

    [Fact]
    public void An_attribute_of_type_1_may_not_be_missing_or_empty_and_one_of_type_2_not_missing()
    {
        DicomDataSet dataSet = Image().SetEmpty(DicomTags.Rows).SetEmpty(DicomTags.PatientName);
        dataSet.Remove(DicomTags.Columns);
        dataSet.Remove(DicomTags.PatientID);
        Assert.Equal("Rows, type 1, is empty", Single(dataSet, DicomTags.Rows).Message);
        Assert.Equal("Columns, type 1, is missing", Single(dataSet, DicomTags.Columns).Message);
        Assert.Equal("PatientID, type 2, is missing", Single(dataSet, DicomTags.PatientID).Message);
        Assert.DoesNotContain(DicomValidator.Check(dataSet), finding => finding.Path == "(0010,0010)");
    }

    [Fact]
    public void A_mandatory_module_without_any_of_its_attributes_is_missing_as_a_whole()
    {
        DicomDataSet dataSet = Image();
        DicomFinding finding = Assert.Single(DicomValidator.Check(dataSet), finding => finding.Rule == "PS3.3 General Equipment");
        Assert.Equal("the mandatory module is missing: none of its attributes is there; required are Manufacturer", finding.Message);
        dataSet.SetEmpty(DicomTags.Manufacturer);
        Assert.DoesNotContain(DicomValidator.Check(dataSet), finding => finding.Rule == "PS3.3 General Equipment");
    }

    [Fact]
    public void What_could_not_be_checked_is_told_and_is_no_error()
    {
        DicomFinding note = Assert.Single(DicomValidator.Check(Image()), finding => finding.Severity == DicomSeverity.Note);
        Assert.Contains("General Acquisition", note.Message, StringComparison.Ordinal);
        DicomDataSet retired = Image().SetUid(DicomTags.SOPClassUID, DicomUids.StandaloneOverlayStorage);
        Assert.Contains("no IOD is known", Assert.Single(DicomValidator.Check(retired), finding => finding.Severity == DicomSeverity.Note).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_condition_that_can_be_told_is_told()
    {
        DicomDataSet dataSet = Image().SetInt(DicomTags.SamplesPerPixel, 3).SetString(DicomTags.PatientIdentityRemoved, "YES");
        Assert.Equal("PlanarConfiguration, type 1C, is missing, and SamplesPerPixel is greater than 1", Single(dataSet, DicomTags.PlanarConfiguration).Message);
        Assert.Equal(
            "DeidentificationMethod, type 1C, is missing, and PatientIdentityRemoved is YES and DeidentificationMethodCodeSequence is absent",
            Single(dataSet, DicomTags.DeidentificationMethod).Message);
        dataSet.SetInt(DicomTags.SamplesPerPixel, 1).SetString(DicomTags.DeidentificationMethod, "none");
        Assert.DoesNotContain(DicomValidator.Check(dataSet), finding => finding.Path is "(0028,0006)" or "(0012,0063)");
    }

    [Fact]
    public void A_module_whose_condition_can_be_told_is_missed_where_it_is_mandatory()
    {
        DicomDataSet dataSet = Image().SetUid(DicomTags.SOPClassUID, DicomUids.NuclearMedicineImageStorage).SetString(DicomTags.ImageType, "ORIGINAL", "PRIMARY", "TOMO", "EMISSION");
        Assert.Contains(DicomValidator.Check(dataSet), finding => finding.Rule == "PS3.3 NM Tomo Acquisition" && finding.Message.Contains("value 3 of ImageType is TOMO", StringComparison.Ordinal));
        dataSet.SetString(DicomTags.ImageType, "ORIGINAL", "PRIMARY", "STATIC", "EMISSION");
        Assert.DoesNotContain(DicomValidator.Check(dataSet), finding => finding.Rule == "PS3.3 NM Tomo Acquisition");
    }

    [Fact]
    public void Every_storage_SOP_class_that_has_an_IOD_is_known_and_every_condition_of_the_tables_is_understood()
    {
        Assert.True(IodTable.SopClasses.Count() > 160, $"{IodTable.SopClasses.Count()}");
        foreach (Iod iod in IodTable.SopClasses.Select(sopClass => IodTable.Find(new DicomUid(sopClass))!))
        {
            Assert.NotEmpty(iod.Modules);
            Assert.All(iod.Modules.Where(module => module.Condition is not null), module => Assert.NotEmpty(module.Condition!.ToString()));
            Assert.All(iod.Modules.SelectMany(module => module.Module?.Attributes ?? []), attribute => Assert.All(attribute.Path, tag => Assert.True(DicomDictionary.Find(tag) is not null, tag.ToString())));
        }
    }

    [Fact]
    public void A_code_has_a_value_a_scheme_and_a_meaning()
    {
        DicomDataSet dataSet = Image();
        dataSet.SetSequence(DicomTags.ProcedureCodeSequence, new DicomDataSet(dataSet).SetString(DicomTags.CodeValue, "1"));
        string[] paths = [.. DicomValidator.Check(dataSet).Where(finding => finding.Rule == "PS3.3 8.8").Select(finding => finding.Path)];
        Assert.Equal(["(0008,1032)[0].(0008,0104)", "(0008,1032)[0].(0008,0102)"], paths);
    }

    [Fact]
    public void Identifiers_are_there_and_differ_from_each_other()
    {
        Assert.Equal(
            ["(0008,0016)", "(0008,0018)"],
            DicomValidator.Check(new DicomDataSet().SetString(DicomTags.PatientID, "1")).Select(finding => finding.Path));
        DicomDataSet dataSet = Image().SetString(DicomTags.SeriesInstanceUID, "1.2.3");
        Assert.Equal("PS3.5 9", Single(dataSet, DicomTags.SeriesInstanceUID).Rule);
        dataSet = new DicomDataSet().SetUid(DicomTags.SOPClassUID, DicomUids.RTPlanStorage).SetString(DicomTags.SOPInstanceUID, "1.2");
        DicomFinding[] found = [.. DicomValidator.Check(dataSet)];
        Assert.Contains(found, finding => finding.Rule == "PS3.3 General Study" && finding.Message.Contains("StudyInstanceUID", StringComparison.Ordinal));
        Assert.Contains(found, finding => finding.Rule == "PS3.3 RT Series" && finding.Message.Contains("SeriesInstanceUID", StringComparison.Ordinal));
    }

    [Fact]
    public void Findings_beyond_the_limit_are_counted()
    {
        IReadOnlyList<DicomFinding> found = DicomValidator.Check(new DicomDataSet().SetUid(DicomTags.SOPClassUID, DicomUids.CTImageStorage), limit: 2);
        Assert.Equal(3, found.Count);
        Assert.Equal(DicomSeverity.Error, found[2].Severity);
    }

    [Fact]
    public void Elements_out_of_order_or_twice_are_found_in_a_file()
    {
        byte[] element(byte number, string value) => [0x10, 0, number, 0, (byte)'L', (byte)'O', 2, 0, .. Encoding.ASCII.GetBytes(value)];
        byte[] start = DicomFile.ToBytes(Image(), TransferSyntax.ExplicitVrLittleEndian);
        byte[] dataSet = [.. element(0x20, "AB"), .. element(0x10, "AB"), .. element(0x20, "AB")];
        byte[] file = [.. start[..(int)DicomFile.Parse(start).Value.DataSetOffset], .. dataSet];
        IReadOnlyList<DicomFinding> found = DicomValidator.CheckFile(file);
        Assert.Contains(new DicomFinding(DicomSeverity.Error, "(0010,0010)", "PS3.5 7.1", "the element comes after (0010,0020)"), found);
        Assert.Contains(new DicomFinding(DicomSeverity.Error, "(0010,0020)", "PS3.5 7.1", "the element is there twice"), found);
    }

    /// <summary>What the reader lets pass (<see cref="ReaderToleranceTests"/>) it does not let pass in silence.</summary>
    [Theory]
    [InlineData("10002000 0200 0000 3131", "(0010,0020)", "no VR, in a data set in explicit VR")]
    [InlineData("09000110 3F3F 0200 3131", "(0009,1001)", "a VR that is not of the standard; read as UN")]
    [InlineData("09000110 5A5A 0000 02000000 3131", "(0009,1001)", "a VR that is not of the standard; read as UN")]
    [InlineData("08006000 5343 0200 4354", "(0008,0060)", "the two letters of the VR are in the wrong order")]
    [InlineData("08004011 53510000 10000000 FEFF00E000000000 FEFF0DE000000000 10002000 4C4F 0200 3131", "(0008,1140)", "a delimiter after an item or a sequence of defined length")]
    [InlineData("08004011 04000000 41424344", "(0008,1140)", "a value where the dictionary has a sequence; read as UN")]
    [InlineData("10002000 4C4F 0200 3131 0000", "", "zeros after the last element")]
    [InlineData("10002000 4C4F 0200 3131 00000000000000000000", "", "zeros after the last element")]
    public void What_the_reader_lets_pass_is_reported(string hex, string path, string message) =>
        Assert.Contains(DicomValidator.CheckFile(File(hex, TransferSyntax.ExplicitVrLittleEndian)), finding => (finding.Path, finding.Message) == (path, message));

    [Fact]
    public void An_item_in_another_encoding_than_its_sequence_is_reported() => Assert.Contains(
        DicomValidator.CheckFile(File("08000500 0A000000 49534F5F495220313932" + "05200E14 FFFFFFFF FEFF00E0FFFFFFFF 18007791 4353 0400 47524144 FEFF0DE000000000 FEFFDDE000000000", TransferSyntax.ImplicitVrLittleEndian)),
        finding => (finding.Path, finding.Message) == ("(2005,140E)[0].(0018,9177)", "an item in explicit VR in a sequence in implicit VR"));

    [Fact]
    public void A_data_set_in_another_encoding_than_its_file_names_is_reported()
    {
        byte[] right = DicomFile.ToBytes(Image(), TransferSyntax.ExplicitVrLittleEndian);
        byte[] named = [.. new FileMetaInformation { MediaStorageSopClass = DicomUids.CTImageStorage, MediaStorageSopInstance = new DicomUid("1.2.3.4"), TransferSyntaxUid = TransferSyntax.ImplicitVrLittleEndian.Uid }.ToPart10Header(), .. right[(int)DicomFile.Parse(right).Value.DataSetOffset..]];
        DicomFinding finding = Assert.Single(DicomValidator.CheckFile(named), finding => finding.Path == "(0002,0010)");
        Assert.Equal((DicomSeverity.Error, "TransferSyntaxUID is 1.2.840.10008.1.2, and the data set is in Explicit VR Little Endian (1.2.840.10008.1.2.1)"), (finding.Severity, finding.Message));
        Assert.DoesNotContain(DicomValidator.CheckFile(right), finding => finding.Path == "(0002,0010)");
        Assert.Contains(
            DicomValidator.CheckFile(TestData.Bytes("dicom/pydicom/test_files/meta_missing_tsyntax.dcm")),
            finding => (finding.Path, finding.Message) == ("(0002,0010)", "TransferSyntaxUID is missing"));
    }

    [Fact]
    public void A_file_that_is_right_has_nothing_reported_of_its_encoding() =>
        Assert.DoesNotContain(DicomValidator.CheckFile(DicomFile.ToBytes(Image(), TransferSyntax.ExplicitVrLittleEndian)), finding => finding.Rule.StartsWith("PS3.5 7", StringComparison.Ordinal));

    [Fact]
    public void What_is_no_DICOM_file_is_an_error_and_no_exception() =>
        Assert.Equal(DicomSeverity.Error, Assert.Single(DicomValidator.CheckFile("this is no DICOM file, whatever it may be called"u8.ToArray())).Severity);

    private static byte[] File(string hex, TransferSyntax syntax) =>
    [
        .. new FileMetaInformation { MediaStorageSopClass = DicomUids.CTImageStorage, MediaStorageSopInstance = new DicomUid("1.2"), TransferSyntaxUid = syntax.Uid }.ToPart10Header(),
        .. Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)),
    ];

    private static DicomFinding Single(DicomDataSet dataSet, DicomTag tag) => Assert.Single(DicomValidator.Check(dataSet), finding => finding.Path == tag.ToString());

    private static DicomDataSet Image() => new DicomDataSet()
        .SetUid(DicomTags.SOPClassUID, DicomUids.CTImageStorage)
        .SetString(DicomTags.SOPInstanceUID, "1.2.3.4")
        .SetString(DicomTags.StudyInstanceUID, "1.2.3")
        .SetString(DicomTags.SeriesInstanceUID, "1.2.3.5")
        .SetString(DicomTags.PatientName, "A^B")
        .SetString(DicomTags.PatientID, "1")
        .SetInt(DicomTags.Rows, 2)
        .SetInt(DicomTags.Columns, 2);
}
