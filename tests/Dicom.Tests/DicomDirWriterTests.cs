using System.Text.RegularExpressions;
using MedicalAi.Dicom.Media;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

/// <summary>Directories that we write, read again by us, pydicom, dcmtk and dicom3tools.</summary>
public sealed class DicomDirWriterTests
{
    private const string Files = "dicom/pydicom/test_files/dicomdirtests/";

    // Instances of several patients, studies and kinds; the names that they get on the medium.
    private static readonly (string Source, string[] FileId)[] s_medium =
    [
        (Files + "77654033/CR1/6154", ["A", "CR1"]),
        (Files + "77654033/CR2/6247", ["A", "CR2"]),
        (Files + "98892001/CT2N/6293", ["B", "CT1"]),
        (Files + "98892001/CT2N/6924", ["B", "CT2"]),
        (Files + "98892003/MR1/15820", ["B", "MR1"]),
    ];

    [Fact]
    public void What_is_written_is_read_again_with_every_instance_under_its_patient_study_and_series()
    {
        DicomDirectory directory = DicomDirectory.Parse(Write(s_medium)).Value;
        Assert.Empty(directory.Warnings);
        Assert.Equal("MEDIUM_1", directory.FileSetId);
        Assert.Equal(2, directory.Patients.Count());
        Assert.Equal(s_medium.Select(file => string.Join('/', file.FileId)), directory.Files.Select(file => string.Join('/', file.FileId)));
        foreach ((DirectoryRecord record, (string source, _)) in directory.Files.Zip(s_medium))
        {
            DicomFile file = DicomFile.Parse(TestData.Bytes(source)).Value;
            Assert.Equal(file.DataSet.GetUid(DicomTags.SOPInstanceUID), record.SopInstance);
            Assert.Equal(file.TransferSyntax.Uid, record.TransferSyntax);
            DirectoryRecord series = directory.Records.Single(above => above.Children.Contains(record));
            Assert.Equal(file.DataSet.GetUid(DicomTags.SeriesInstanceUID), series.Keys.GetUid(DicomTags.SeriesInstanceUID));
        }
    }

    [Fact]
    public void An_empty_directory_can_be_written() => Assert.Empty(DicomDirectory.Parse(new DicomDirWriter().ToBytes()).Value.Roots);

    [Fact]
    public async Task Pydicom_reads_what_is_written_as_a_file_set_and_finds_the_files()
    {
        using TempFolder medium = new();
        string path = await MakeAsync(medium);
        const string Script = """
            import sys
            from pydicom.fileset import FileSet
            files = FileSet(sys.argv[1])
            print(files.ID, len(files.find_values("PatientID")))
            for instance in files:
                assert instance.load().SOPInstanceUID == instance.SOPInstanceUID
                print(instance.ReferencedFileID[0] + "/" + instance.ReferencedFileID[1])
            """;
        ToolResult result = await ExternalTool.RunAsync("/usr/bin/python3", ["-W", "error::UserWarning", "-c", Script, path], TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(["MEDIUM_1 2", "A/CR1", "A/CR2", "B/CT1", "B/CT2", "B/MR1"], result.Output.Trim().Split('\n'));
    }

    [Fact]
    public async Task Dcmtk_reads_what_is_written_and_adds_to_it()
    {
        using TempFolder medium = new();
        string path = await MakeAsync(medium);
        ToolResult dump = await ExternalTool.RunAsync("dcmdump", ["-E", path], TestContext.Current.CancellationToken);
        Assert.True(dump.ExitCode == 0 && dump.Error.Length == 0, dump.ToString());
        Assert.Equal(5, Regex.Count(dump.Output, @"\(0004,1430\) CS \[IMAGE\]"));
        File.Copy(TestData.Path("dicom/pydicom/test_files/CT_small.dcm"), medium.File("MORE"));
        ToolResult added = await ExternalTool.RunAsync("dcmmkdir", ["+A", "-W", "-Nxc", "+I", "-nb", "+D", path, "MORE"], TestContext.Current.CancellationToken, medium.Path);
        Assert.True(added.ExitCode == 0, added.ToString());
        DicomDirectory directory = DicomDirectory.Parse(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken)).Value;
        Assert.Equal(6, directory.Files.Count());
        Assert.Equal(3, directory.Patients.Count());
    }

    [Fact]
    public async Task Dciodvfy_finds_no_error_in_what_is_written()
    {
        using TempFolder medium = new();
        ToolResult result = await ExternalTool.RunAsync("dciodvfy", [await MakeAsync(medium)], TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.DoesNotContain("Error", result.Output + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_and_a_segmentation_have_the_records_of_their_kinds_and_the_character_set_is_kept()
    {
        DicomDataSet report = Header(DicomUids.Comprehensive3DSRStorage, "SR")
            .SetString(DicomTags.ContentDate, "20260102")
            .SetString(DicomTags.ContentTime, "101112")
            .SetString(DicomTags.CompletionFlag, "COMPLETE")
            .SetString(DicomTags.VerificationFlag, "UNVERIFIED");
        DicomDirWriter writer = new();
        DicomError? refused = writer.Add(["SR1"], report, TransferSyntax.ExplicitVrLittleEndian);
        Assert.Equal((DicomErrorKind.MissingElement, DicomTags.ConceptNameCodeSequence), (refused!.Kind, refused.Tag!.Value));

        DicomDataSet title = new DicomDataSet(report).SetString(DicomTags.CodeValue, "126000").SetString(DicomTags.CodeMeaning, "Bericht für Ärzte");
        report.SetSequence(DicomTags.ConceptNameCodeSequence, title);
        Assert.Null(writer.Add(["SR1"], report, TransferSyntax.ExplicitVrLittleEndian));
        Assert.Same(report, title.Parent);
        Assert.Null(writer.Add(["SEG1"], Header(DicomUids.SegmentationStorage, "SEG").SetInt(DicomTags.Rows, 1L).SetInt(DicomTags.Columns, 1L), TransferSyntax.ExplicitVrLittleEndian));

        DicomDirectory directory = DicomDirectory.Parse(writer.ToBytes()).Value;
        Assert.Equal(["SR DOCUMENT", "IMAGE"], directory.Files.Select(record => record.Type));
        Assert.Equal("Müller^Jörg", Assert.Single(directory.Patients).Keys.GetString(DicomTags.PatientName));
        Assert.Equal("Bericht für Ärzte", directory.Files.First().Keys.GetItems(DicomTags.ConceptNameCodeSequence)[0].GetString(DicomTags.CodeMeaning));
    }

    [Fact]
    public void An_instance_that_lacks_a_key_is_refused_and_nothing_is_added()
    {
        DicomDirWriter writer = new();
        DicomError? error = writer.Add(["X"], Header(DicomUids.CTImageStorage, "CT").SetInt(DicomTags.Rows, 1L).SetInt(DicomTags.Columns, 1L).SetEmpty(DicomTags.StudyDate), TransferSyntax.ExplicitVrLittleEndian);
        Assert.Equal((DicomErrorKind.MissingElement, DicomTags.StudyDate), (error!.Kind, error.Tag!.Value));
        Assert.Empty(DicomDirectory.Parse(writer.ToBytes()).Value.Roots);
        Assert.Equal(DicomTags.SOPClassUID, writer.Add(["X"], Header(DicomUids.ProtocolApprovalStorage, "OT"), TransferSyntax.ExplicitVrLittleEndian)!.Tag);
    }

    [Fact]
    public void Of_the_content_of_a_report_the_record_has_what_modifies_its_title_and_when_it_was_verified_last()
    {
        DicomDataSet report = Header(DicomUids.EnhancedSRStorage, "SR")
            .SetString(DicomTags.ContentDate, "20260102")
            .SetString(DicomTags.ContentTime, "101112")
            .SetString(DicomTags.CompletionFlag, "COMPLETE")
            .SetString(DicomTags.VerificationFlag, "VERIFIED");
        report.SetSequence(DicomTags.ConceptNameCodeSequence, new DicomDataSet(report).SetString(DicomTags.CodeValue, "126000"));
        report.SetSequence(
            DicomTags.VerifyingObserverSequence,
            new DicomDataSet(report).SetString(DicomTags.VerificationDateTime, "20260103120000"),
            new DicomDataSet(report).SetString(DicomTags.VerificationDateTime, "20260102120000"));
        report.SetSequence(
            DicomTags.ContentSequence,
            new DicomDataSet(report).SetString(DicomTags.RelationshipType, "CONTAINS").SetString(DicomTags.TextValue, "finding"),
            new DicomDataSet(report).SetString(DicomTags.RelationshipType, "HAS CONCEPT MOD").SetString(DicomTags.TextValue, "language"));
        DicomDirWriter writer = new();
        Assert.Null(writer.Add(["SR1"], report, TransferSyntax.ExplicitVrLittleEndian));

        DicomDataSet keys = Assert.Single(DicomDirectory.Parse(writer.ToBytes()).Value.Files).Keys;
        Assert.Equal("20260103120000", keys.GetString(DicomTags.VerificationDateTime));
        Assert.Equal("language", Assert.Single(keys.GetItems(DicomTags.ContentSequence)).GetString(DicomTags.TextValue));
    }

    [Fact]
    public void A_study_is_of_one_patient_a_series_of_one_study_and_an_instance_is_there_once()
    {
        DicomDirWriter writer = new();
        DicomDataSet Image(string uid) => Header(DicomUids.CTImageStorage, "CT").SetInt(DicomTags.Rows, 1L).SetInt(DicomTags.Columns, 1L).SetUid(DicomTags.SOPInstanceUID, new DicomUid(uid));
        Assert.Null(writer.Add(["A"], Image("1.1"), TransferSyntax.ExplicitVrLittleEndian));
        Assert.Equal((DicomErrorKind.Inconsistent, DicomTags.SOPInstanceUID), Error(Image("1.1")));
        Assert.Equal((DicomErrorKind.Inconsistent, DicomTags.PatientID), Error(Image("1.2").SetString(DicomTags.PatientID, "P2")));
        Assert.Equal((DicomErrorKind.Inconsistent, DicomTags.StudyInstanceUID), Error(Image("1.3").SetString(DicomTags.StudyInstanceUID, "1.2.4")));
        Assert.Null(writer.Add(["B"], Image("1.4"), TransferSyntax.ExplicitVrLittleEndian));
        Assert.Equal(2, writer.Count);

        (DicomErrorKind, DicomTag) Error(DicomDataSet image)
        {
            DicomError error = writer.Add(["X"], image, TransferSyntax.ExplicitVrLittleEndian)!;
            return (error.Kind, error.Tag!.Value);
        }
    }

    [Fact]
    public void What_belongs_to_no_patient_stands_in_the_root()
    {
        DicomDirWriter writer = new();
        DicomDataSet palette = new DicomDataSet()
            .SetUid(DicomTags.SOPClassUID, DicomUids.ColorPaletteStorage)
            .SetUid(DicomTags.SOPInstanceUID, new DicomUid("1.2"))
            .SetString(DicomTags.ContentLabel, "HOT");
        Assert.Null(writer.Add(["P"], palette, TransferSyntax.ExplicitVrLittleEndian));
        Assert.Equal("PALETTE", Assert.Single(DicomDirectory.Parse(writer.ToBytes()).Value.Roots).Type);
    }

    [Fact]
    public void An_inventory_has_its_record_with_its_keys_in_the_root()
    {
        DicomDirWriter writer = new();
        DicomDataSet inventory = new DicomDataSet()
            .SetUid(DicomTags.SOPClassUID, DicomUids.InventoryStorage)
            .SetUid(DicomTags.SOPInstanceUID, new DicomUid("1.2"))
            .SetString(DicomTags.ContentDate, "20260101")
            .SetString(DicomTags.ContentTime, "120000")
            .SetString(DicomTags.InventoryLevel, "SERIES")
            .SetString(DicomTags.InventoryCompletionStatus, "COMPLETE");
        Assert.Equal(DicomTags.TotalNumberOfStudyRecords, writer.Add(["I"], inventory, TransferSyntax.ExplicitVrLittleEndian)?.Tag);
        Assert.Null(writer.Add(["I"], inventory.SetInt(DicomTags.TotalNumberOfStudyRecords, 7), TransferSyntax.ExplicitVrLittleEndian));
        DirectoryRecord record = Assert.Single(DicomDirectory.Parse(writer.ToBytes()).Value.Roots);
        Assert.Equal(("INVENTORY", "SERIES", 7), (record.Type, record.Keys.GetString(DicomTags.InventoryLevel), record.Keys.GetInt32(DicomTags.TotalNumberOfStudyRecords)));
        Assert.True(record.Keys.Contains(DicomTags.InventoryPurpose));
    }

    [Theory]
    [InlineData("")]
    [InlineData("lower")]
    [InlineData("..")]
    [InlineData("A/B")]
    [InlineData("NINELONGX")]
    public void Names_that_a_medium_cannot_have_are_refused(string component)
    {
        DicomDataSet image = Header(DicomUids.CTImageStorage, "CT").SetInt(DicomTags.Rows, 1L).SetInt(DicomTags.Columns, 1L);
        Assert.Equal(DicomErrorKind.InvalidText, new DicomDirWriter().Add(["A", component], image, TransferSyntax.ExplicitVrLittleEndian)!.Kind);
        Assert.Null(new DicomDirWriter().Add(["A", "B_1"], image, TransferSyntax.ExplicitVrLittleEndian));
    }

    private static DicomDataSet Header(DicomUid sopClass, string modality) => new DicomDataSet()
        .SetString(DicomTags.SpecificCharacterSet, "ISO_IR 100")
        .SetUid(DicomTags.SOPClassUID, sopClass)
        .SetUid(DicomTags.SOPInstanceUID, DicomUid.FromName("test", modality))
        .SetString(DicomTags.StudyDate, "20260101")
        .SetString(DicomTags.StudyTime, "0930")
        .SetString(DicomTags.Modality, modality)
        .SetString(DicomTags.PatientName, "Müller^Jörg")
        .SetString(DicomTags.PatientID, "P1")
        .SetUid(DicomTags.StudyInstanceUID, new DicomUid("1.2.3"))
        .SetUid(DicomTags.SeriesInstanceUID, DicomUid.FromName("series", modality))
        .SetString(DicomTags.StudyID, "S1")
        .SetString(DicomTags.SeriesNumber, "1")
        .SetString(DicomTags.InstanceNumber, "1");

    private static byte[] Write(IEnumerable<(string Source, string[] FileId)> files)
    {
        DicomDirWriter writer = new("MEDIUM_1", new DicomUid("1.2.3.4"));
        foreach ((string source, string[] fileId) in files)
        {
            DicomFile file = DicomFile.Parse(TestData.Bytes(source), DicomReadOptions.Header).Value;
            Assert.Null(writer.Add(fileId, file.DataSet, file.TransferSyntax));
        }

        return writer.ToBytes();
    }

    private static async Task<string> MakeAsync(TempFolder medium)
    {
        foreach ((string source, string[] fileId) in s_medium)
        {
            string target = Path.Combine([medium.Path, .. fileId]);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(TestData.Path(source), target);
        }

        string path = medium.File("DICOMDIR");
        await File.WriteAllBytesAsync(path, Write(s_medium), TestContext.Current.CancellationToken);
        return path;
    }
}
