using System.Text.RegularExpressions;
using MedicalAi.Dicom.Media;
using MedicalAi.Dicom.Tests.Differential;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

/// <summary>Media of all the files of the tests, judged by pydicom, dcmtk and dicom3tools.</summary>
public sealed class MediaWriterTests
{
    // Of 2022: its record, ANNOTATION, is newer than the tools here.
    private const string TooNew = "highdicom/sm_annotations.dcm";

    [Fact]
    public async Task A_medium_has_every_instance_under_a_name_of_the_standard_and_says_where_it_is()
    {
        using TempFolder folder = new();
        MediaWriter medium = await MakeAsync(folder.File("medium"));
        DicomDirectory directory = DicomDirectory.Parse(await File.ReadAllBytesAsync(folder.File("medium/DICOMDIR"), TestContext.Current.CancellationToken)).Value;
        MediaFolder files = new(folder.File("medium"));

        Assert.Empty(directory.Warnings);
        Assert.InRange(medium.Count, 130, int.MaxValue);
        Assert.Equal(medium.Count, directory.Files.Count());
        Assert.Equal(medium.Count, Directory.GetFiles(folder.File("medium/DICOM"), "*", SearchOption.AllDirectories).Length);
        foreach (DirectoryRecord record in directory.Files)
        {
            Assert.All(record.FileId, component => Assert.Matches("^[A-Z0-9_]{1,8}$", component));
            DicomFile file = DicomFile.Parse(await File.ReadAllBytesAsync(files.Find(record.FileId)!, TestContext.Current.CancellationToken)).Value;
            Assert.Equal(record.SopInstance, file.DataSet.GetUid(DicomTags.SOPInstanceUID));
            Assert.Equal(record.SopInstance, file.Meta!.MediaStorageSopInstance);
            Assert.Equal(record.SopClass, file.Meta.MediaStorageSopClass);
            Assert.Equal(record.TransferSyntax, file.TransferSyntax.Uid);
            Assert.True(file.TransferSyntax == TransferSyntax.ExplicitVrLittleEndian || file.TransferSyntax.IsEncapsulated, file.TransferSyntax.Name);
        }
    }

    [Fact]
    public async Task The_values_on_a_medium_are_those_of_the_files()
    {
        using TempFolder folder = new();
        List<(string, string)> differences = [];
        foreach (string name in new[] { "MR_small_bigendian.dcm", "MR_small_implicit.dcm", "JPEG2000.dcm", "rtplan.dcm", "reportsi.dcm" })
        {
            MediaWriter medium = new(folder.File(name), inventsKeys: true);
            string source = TestData.Path("dicom/pydicom/test_files/" + name);
            Assert.Null(await medium.AddAsync(source, TestContext.Current.CancellationToken));
            DicomDataSet before = DicomFile.Parse(await File.ReadAllBytesAsync(source, TestContext.Current.CancellationToken)).Value.DataSet;
            byte[] copy = await File.ReadAllBytesAsync(Directory.GetFiles(folder.File(name), "IM*", SearchOption.AllDirectories).Single(), TestContext.Current.CancellationToken);
            differences.AddRange(FlatDataSet.Differences(FlatDataSet.Of(before), FlatDataSet.Of(DicomFile.Parse(copy).Value.DataSet)).Select(line => (name, line)));
        }

        Expectation.AssertAll([], differences);
    }

    [Fact]
    public async Task Pydicom_loads_every_instance_of_a_medium_through_its_directory()
    {
        using TempFolder folder = new();
        MediaWriter medium = await MakeAsync(folder.File("medium"), TooNew);
        const string Script = """
            import sys
            from pydicom.fileset import FileSet
            count = 0
            for instance in FileSet(sys.argv[1]):
                assert instance.load().SOPInstanceUID == instance.SOPInstanceUID
                count += 1
            print(count)
            """;
        ToolResult result = await ExternalTool.RunAsync("/usr/bin/python3", ["-W", "ignore", "-c", Script, folder.File("medium/DICOMDIR")], TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(medium.Count, int.Parse(result.Output, System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Not counted: values that are wrong in the instances themselves.</summary>
    [Fact]
    public async Task Dicom3tools_finds_no_error_in_a_directory_and_follows_its_links()
    {
        using TempFolder folder = new();
        MediaWriter medium = await MakeAsync(folder.File("medium"), TooNew);
        ToolResult verified = await ExternalTool.RunAsync("dciodvfy", [folder.File("medium/DICOMDIR")], TestContext.Current.CancellationToken);
        string[] errors = [.. (verified.Output + verified.Error).Split('\n').Where(line =>
            line.StartsWith("Error", StringComparison.Ordinal) && !Regex.IsMatch(line, "Value invalid for this VR|Illegal root for UID|contains invalid data values"))];
        Assert.True(errors.Length == 0, string.Join('\n', errors.Take(20)));
        ToolResult followed = await ExternalTool.RunAsync("dcdirdmp", [folder.File("medium/DICOMDIR")], TestContext.Current.CancellationToken);
        Assert.True(followed.ExitCode == 0, followed.ToString());
        Assert.Equal(medium.Count, Regex.Count(followed.Output + followed.Error, "-> DICOM"));
    }

    /// <summary>Not compared: Specific Character Set, which dcmtk also writes where no key needs it; and what is made up.</summary>
    [Fact]
    public async Task The_records_are_those_that_dcmmkdir_makes_of_the_same_medium()
    {
        using TempFolder folder = new();
        await MakeAsync(folder.File("medium"));
        File.Move(folder.File("medium/DICOMDIR"), folder.File("ours"));
        List<(string, string)> differences = [];
        int compared = 0;
        SortedDictionary<string, string> ours = Records(folder.File("medium"), await File.ReadAllBytesAsync(folder.File("ours"), TestContext.Current.CancellationToken));

        ToolResult made = await ExternalTool.RunAsync(
            "dcmmkdir",
            ["--general-mime", "-W", "-Nxc", "+I", "-nb", "+r", "+id", folder.File("medium"), "+D", folder.File("theirs")],
            TestContext.Current.CancellationToken,
            folder.File("medium"));
        Assert.True(File.Exists(folder.File("theirs")), made.ToString());
        SortedDictionary<string, string> theirs = Records(folder.File("medium"), await File.ReadAllBytesAsync(folder.File("theirs"), TestContext.Current.CancellationToken));
        foreach ((string file, string record) in theirs)
        {
            compared++;
            if (ours[file] != record)
            {
                differences.Add((file, $"we have\n{ours[file]}, they have\n{record}"));
            }
        }

        Assert.True(compared > 100, made.ToString());
        const string OneSeries = "an image and a report that say that they are of one series: Modality is that of the one that comes first";
        Expectation.AssertAll([new("DICOM/PT000035/ST000001/SE000001/IM000001", "", OneSeries), new("DICOM/PT000035/ST000001/SE000001/IM000002", "", OneSeries)], differences);
    }

    [Fact]
    public async Task What_an_instance_lacks_is_made_up_in_the_directory_alone_and_told()
    {
        using TempFolder folder = new();
        DicomDataSet image = DicomFile.Parse(TestData.Bytes("dicom/pydicom/test_files/CT_small.dcm")).Value.DataSet;
        foreach (DicomTag tag in new[] { DicomTags.PatientID, DicomTags.StudyID, DicomTags.StudyDate, DicomTags.InstanceNumber })
        {
            image.Remove(tag);
        }

        await File.WriteAllBytesAsync(folder.File("image"), DicomFile.ToBytes(image, TransferSyntax.ExplicitVrLittleEndian), TestContext.Current.CancellationToken);
        MediaWriter strict = new(folder.File("strict"));
        Assert.Equal(DicomErrorKind.MissingElement, (await strict.AddAsync(folder.File("image"), TestContext.Current.CancellationToken))!.Kind);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.File("strict")));

        MediaWriter medium = new(folder.File("medium"), inventsKeys: true);
        Assert.Null(await medium.AddAsync(folder.File("image"), TestContext.Current.CancellationToken));
        Assert.Equal([DicomTags.PatientID, DicomTags.StudyDate, DicomTags.StudyID, DicomTags.InstanceNumber], medium.Invented);
        await medium.FinishAsync(TestContext.Current.CancellationToken);
        DicomDirectory directory = DicomDirectory.Parse(await File.ReadAllBytesAsync(folder.File("medium/DICOMDIR"), TestContext.Current.CancellationToken)).Value;
        Assert.StartsWith("NONE_", Assert.Single(directory.Patients).Keys.GetString(DicomTags.PatientID), StringComparison.Ordinal);
        Assert.Equal(image.GetString(DicomTags.AcquisitionDate), directory.Records.Single(record => record.Type == "STUDY").Keys.GetString(DicomTags.StudyDate));
        string copy = new MediaFolder(folder.File("medium")).Find(Assert.Single(directory.Files).FileId)!;
        Assert.Equal(await File.ReadAllBytesAsync(folder.File("image"), TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(copy, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_folder_with_something_in_it_is_not_written_to()
    {
        using TempFolder folder = new();
        await File.WriteAllTextAsync(folder.File("there"), "", TestContext.Current.CancellationToken);
        Assert.Throws<IOException>(() => new MediaWriter(folder.Path));
    }

    // A line for each record above an instance and its own: type, and keys with values. Of values that were made up only that they were.
    private static SortedDictionary<string, string> Records(string medium, byte[] directory)
    {
        MediaFolder files = new(medium);
        SortedDictionary<string, string> found = new(StringComparer.Ordinal);
        foreach (DirectoryRecord root in DicomDirectory.Parse(directory).Value.Roots)
        {
            Add(root, []);
        }

        return found;

        void Add(DirectoryRecord record, DirectoryRecord[] above)
        {
            DirectoryRecord[] path = [.. above, record];
            if (record.FileId.Count > 0)
            {
                DicomDataSet instance = DicomFile.Parse(File.ReadAllBytes(files.Find(record.FileId)!), DicomReadOptions.Header).Value.DataSet;
                found[string.Join('/', record.FileId)] = string.Concat(path.Select(one => $"{one.Type} {string.Join(", ", one.Keys.Where(key => key.Tag.Group != 4 && key.Tag != DicomTags.SpecificCharacterSet).Select(key => Shown(one.Keys, key, instance)))}\n"));
            }

            foreach (DirectoryRecord child in record.Children)
            {
                Add(child, path);
            }
        }
    }

    private static string Shown(DicomDataSet record, DicomElement key, DicomDataSet instance)
    {
        string value = key.Items is { } items
            ? string.Concat(items.Select(item => "[" + string.Join(", ", FlatDataSet.Of(item)) + "]"))
            : string.Join('\\', record.GetStrings(key.Tag));
        return $"{key.Tag} {(value.Length > 0 && key.Items is null && instance.GetString(key.Tag) is null ? "?" : value)}";
    }

    private static async Task<MediaWriter> MakeAsync(string folder, string? without = null)
    {
        MediaWriter medium = new(folder, "CORPUS", inventsKeys: true);
        foreach (TestFile file in TestData.DicomFiles.Where(file => file.Length < 200 * 1024 && file.Name != without))
        {
            await medium.AddAsync(file.FullPath, TestContext.Current.CancellationToken);
        }

        await medium.FinishAsync(TestContext.Current.CancellationToken);
        return medium;
    }
}
