using System.Buffers.Binary;
using MedicalAi.Dicom.Media;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

/// <summary>Directories of media: those of other makers, made by dcmtk's dcmmkdir, broken and hostile ones.</summary>
public sealed class DicomDirectoryTests
{
    private const string Folder = "dicom/pydicom/test_files/dicomdirtests/";

    [Theory]
    [InlineData("DICOMDIR")]
    [InlineData("DICOMDIR-implicit")]
    [InlineData("DICOMDIR-bigEnd")]
    [InlineData("DICOMDIR-reordered")]
    public void A_directory_is_read_by_its_links_in_every_encoding_and_order(string name)
    {
        DicomDirectory directory = Read(Folder + name);
        Assert.Empty(directory.Warnings);
        Assert.Equal(["77654033", "98890234"], directory.Patients.Select(patient => patient.Keys.GetString(DicomTags.PatientID)!).Order(StringComparer.Ordinal));
        Assert.All(directory.Patients, patient => Assert.All(patient.Children, study => Assert.Equal("STUDY", study.Type)));
        Assert.All(directory.Files, file => Assert.Equal("IMAGE", file.Type));
    }

    [Fact]
    public void The_files_that_a_directory_names_are_found_and_are_the_instances_that_it_says()
    {
        DicomDirectory directory = Read(Folder + "DICOMDIR");
        MediaFolder medium = new(TestData.Path(Folder));
        int count = 0;
        foreach (DirectoryRecord record in directory.Files)
        {
            string? path = medium.Find(record.FileId);
            Assert.NotNull(path);
            DicomDataSet instance = DicomFile.Parse(File.ReadAllBytes(path)).Value.DataSet;
            Assert.Equal(instance.GetUid(DicomTags.SOPInstanceUID), record.SopInstance);
            Assert.Equal(instance.GetUid(DicomTags.SOPClassUID), record.SopClass);
            count++;
        }

        Assert.Equal(31, count);
    }

    [Theory]
    [InlineData("dicom/dcm4che/DICOMDIR")]
    [InlineData("dicom/fo-dicom/DICOMDIR")]
    [InlineData(Folder + "DICOMDIR-nopatient")]
    public void Directories_of_other_makers_are_read(string name)
    {
        DicomDirectory directory = Read(name);
        Assert.NotEmpty(directory.Files);
        Assert.DoesNotContain(directory.Warnings, warning => warning.Contains("order of the file", StringComparison.Ordinal));
    }

    [Fact]
    public void An_empty_directory_has_no_records()
    {
        DicomDirectory directory = Read(Folder + "DICOMDIR-empty.dcm");
        Assert.Empty(directory.Roots);
        Assert.Empty(directory.Warnings);
    }

    [Fact]
    public void Of_a_directory_that_is_cut_short_the_whole_records_are_kept()
    {
        DicomDirectory directory = Read(Folder + "DICOMDIR-nooffset");
        Assert.NotEmpty(directory.Files);
        Assert.Contains(directory.Warnings, warning => warning.Contains("cut short", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(395)]
    [InlineData(uint.MaxValue)]
    public void With_a_broken_link_the_records_are_taken_in_the_order_of_the_file(uint first)
    {
        byte[] file = TestData.Bytes(Folder + "DICOMDIR");
        SetFirst(file, DicomTags.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity, first);
        DicomDirectory directory = DicomDirectory.Parse(file).Value;
        Assert.Contains("order of the file", Assert.Single(directory.Warnings), StringComparison.Ordinal);
        Assert.Equal(Outline(Read(Folder + "DICOMDIR")), Outline(directory));
    }

    [Theory]
    [InlineData(0x1400)]
    [InlineData(0x1420)]
    public void A_cycle_of_links_ends(ushort element)
    {
        byte[] file = TestData.Bytes(Folder + "DICOMDIR");
        SetFirst(file, new DicomTag(4, element), 396);
        DicomDirectory directory = DicomDirectory.Parse(file).Value;
        Assert.Single(directory.Warnings);
        Assert.Equal(31, directory.Files.Count());
    }

    [Fact]
    public void A_directory_as_deep_as_it_is_long_is_read_without_recursion()
    {
        const int Depth = 50_000;
        DicomDataSet[] items = [.. Enumerable.Range(0, Depth).Select(_ => new DicomDataSet()
            .SetInt(DicomTags.OffsetOfReferencedLowerLevelDirectoryEntity, 0L)
            .SetString(DicomTags.DirectoryRecordType, "SERIES"))];
        DicomDataSet dataSet = new DicomDataSet()
            .SetUid(DicomTags.SOPClassUID, DicomUids.MediaStorageDirectoryStorage)
            .SetUid(DicomTags.SOPInstanceUID, new DicomUid("1.2.3"))
            .SetInt(DicomTags.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity, 0L)
            .SetSequence(DicomTags.DirectoryRecordSequence, items);
        byte[] file = DicomFile.ToBytes(dataSet, TransferSyntax.ExplicitVrLittleEndian);
        int itemLength = DicomDataSetWriter.ToBytes(items[0], TransferSyntax.ExplicitVrLittleEndian).Length + 16;
        long begin = file.AsSpan().IndexOf<byte>([0xFE, 0xFF, 0x00, 0xE0]);
        SetFirst(file, DicomTags.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity, (uint)begin);
        for (int i = 0; i < Depth - 1; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan((int)begin + (i * itemLength) + 16), (uint)(begin + ((i + 1) * itemLength)));
        }

        DicomDirectory directory = DicomDirectory.Parse(file).Value;
        Assert.Empty(directory.Warnings);
        Assert.Single(directory.Roots);
        Assert.Equal(Depth, directory.Records.Count());
    }

    [Fact]
    public void A_directory_cut_or_changed_anywhere_gives_records_or_a_typed_error()
    {
        byte[] whole = TestData.Bytes(Folder + "DICOMDIR");
        Random random = new(4);
        for (int i = 0; i < 300; i++)
        {
            byte[] file = whole[..random.Next(whole.Length)];
            for (int changes = random.Next(8); changes > 0 && file.Length > 0; changes--)
            {
                file[random.Next(file.Length)] = (byte)random.Next(256);
            }

            ParseResult<DicomDirectory> read = DicomDirectory.Parse(file);
            Assert.True(read.Ok ? read.Value.Records.Count() < whole.Length : read.Error.Message.Length > 0);
        }
    }

    [Fact]
    public void What_is_no_directory_is_told()
    {
        ParseResult<DicomDirectory> image = DicomDirectory.Parse(TestData.Bytes("dicom/pydicom/test_files/CT_small.dcm"));
        Assert.Equal(DicomErrorKind.MissingElement, image.Error!.Kind);
        Assert.False(DicomDirectory.Parse("no DICOM at all"u8.ToArray()).Ok);
    }

    [Fact]
    public async Task A_directory_that_dcmmkdir_makes_is_read()
    {
        using TempFolder medium = new();
        Directory.CreateDirectory(medium.File("CT"));
        File.Copy(TestData.Path("dicom/pydicom/test_files/CT_small.dcm"), medium.File("CT/ONE"));
        File.Copy(TestData.Path("dicom/pydicom/test_files/MR_small.dcm"), medium.File("TWO"));
        ToolResult made = await ExternalTool.RunAsync("dcmmkdir", ["+r", "-W", "-Nxc", "+I", "+id", medium.Path, "+D", medium.File("DICOMDIR")], TestContext.Current.CancellationToken);
        Assert.True(made.ExitCode == 0 && File.Exists(medium.File("DICOMDIR")), made.ToString());
        DicomDirectory directory = DicomDirectory.Parse(await File.ReadAllBytesAsync(medium.File("DICOMDIR"), TestContext.Current.CancellationToken)).Value;
        Assert.Empty(directory.Warnings);
        Assert.Equal(2, directory.Patients.Count());
        MediaFolder folder = new(medium.Path);
        Assert.Equal(
            new[] { medium.File("CT/ONE"), medium.File("TWO") },
            directory.Files.Select(file => folder.Find(file.FileId)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Files_are_found_without_regard_to_case_and_to_versions_of_ISO_9660()
    {
        using TempFolder medium = new();
        Directory.CreateDirectory(medium.File("images"));
        File.WriteAllText(medium.File("images/scan1.;1"), "");
        File.WriteAllText(medium.File("images/Scan2"), "");
        File.WriteAllText(medium.File("images/SCAN2"), "");
        MediaFolder folder = new(medium.Path);
        Assert.Equal(medium.File("images/scan1.;1"), folder.Find(["IMAGES", "SCAN1"]));
        Assert.Equal(medium.File("images/SCAN2"), folder.Find(["IMAGES", "SCAN2"]));
        Assert.Equal(medium.File("images/Scan2"), folder.Find(["IMAGES", "Scan2"]));
        Assert.Null(folder.Find(["IMAGES"]));
        Assert.Null(folder.Find(["IMAGES", "SCAN3"]));
        Assert.Null(folder.Find([]));
    }

    [Fact]
    public void Nothing_outside_of_the_medium_is_found()
    {
        using TempFolder outside = new();
        string medium = Directory.CreateDirectory(outside.File("medium")).FullName;
        File.WriteAllText(outside.File("SECRET"), "");
        File.CreateSymbolicLink(Path.Combine(medium, "LINK"), outside.File("SECRET"));
        Directory.CreateSymbolicLink(Path.Combine(medium, "FOLDER"), outside.Path);
        MediaFolder folder = new(medium);
        string[][] attempts = [["..", "SECRET"], ["../SECRET"], [outside.File("SECRET")], ["", "SECRET"], [".", "..", "SECRET"], ["LINK"], ["FOLDER", "SECRET"], ["..;1", "SECRET"], ["...", "SECRET"]];
        Assert.All(attempts, attempt => Assert.Null(folder.Find(attempt)));
    }

    private static DicomDirectory Read(string name) => DicomDirectory.Parse(TestData.Bytes(name)).Value;

    private static List<string> Outline(DicomDirectory directory) =>
        [.. directory.Records.Select(record => $"{record.Type} {string.Join('/', record.FileId)} {record.Children.Count}")];

    // Changes the first element of this tag in an explicit VR little endian file.
    private static void SetFirst(byte[] file, DicomTag tag, uint value)
    {
        byte[] header = [(byte)tag.Group, 0, (byte)tag.Element, (byte)(tag.Element >> 8)];
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(file.AsSpan().IndexOf(header) + 8), value);
    }
}
