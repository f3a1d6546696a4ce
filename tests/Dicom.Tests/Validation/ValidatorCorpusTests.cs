using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.RegularExpressions;
using MedicalAi.Dicom.Tests.Differential;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

/// <summary>Whole files: our samples, the corpus, and dicom3tools' dciodvfy as judge.</summary>
public sealed class ValidatorCorpusTests
{
    private static readonly Dictionary<string, string> s_reasons = new(StringComparer.Ordinal)
    {
        ["only they miss Laterality"] = "type 2C, if the body part is one of a pair: the data set does not tell; dciodvfy reckons by other attributes",
        ["only they miss PatientOrientation"] = "type 2C, if the image does not require a position and orientation: the IOD tells, not the data set",
        ["only they miss PixelData"] = "type 1C, if no URL of a provider is there: the Image Pixel module is conditional here, or the attribute in the edition of our table",
        ["only they miss ApplicableSafetyStandardAgency"] = "type 1C, of a condition on two attributes of two items",
        ["only they miss BluePaletteColorLookupTableData"] = "the palette is segmented, which its text allows for the Color Palette IOD; that of dciodvfy is older",
        ["only they miss GreenPaletteColorLookupTableData"] = "as the blue one",
        ["only they miss RedPaletteColorLookupTableData"] = "as the blue one",
        ["only they miss PerFrameFunctionalGroupsSequence"] = "TILED_FULL, for which later editions do not ask for it; dciodvfy exempts whole slide images alone",
        ["only they miss SharedFunctionalGroupsSequence/"] = "the macros of functional groups are not checked here, and the report says so",
        ["only they miss PerformedProtocolCodeSequence/"] = "the sequence is of type 3 and its module of usage U, which is not checked",
        ["only they miss AcquisitionContextSequence/"] = "the module is of usage U for this IOD, which is not checked",
        ["only they miss ReferringPhysicianIdentificationSequence/"] = "below a sequence of type 3 in one of type 3: the scheme of the code is looked at only where there is a value",
        ["only they miss PatientPosition"] = "type 2C of a module that is missing as a whole, of which we name what is required in any case",
        ["only they miss FrameOfReferenceUID"] = "the module is of usage U for structure sets in the table here, M in dciodvfy's",
        ["only they miss PatientSexNeutered"] = "type 2C, if the patient is no human being: the data set does not tell for sure; dciodvfy reckons by the species",
        ["only they miss RectilinearPhaseEncodeReordering"] = "type 1C, of a condition that the table does not have",
        ["only they miss PositionReferenceIndicator"] = "of the same module",
        ["only we miss FrameOfReferenceUID"] = "mandatory for secondary captures with a position since 2019; dciodvfy's table is older",
        ["only we miss PositionReferenceIndicator"] = "of the same module",
    };

    [Fact]
    public async Task The_sample_studies_have_no_error()
    {
        List<byte[]> files = [.. Directory.GetFiles(Path.Combine(TestData.Root, "samples", "chest-radiographs"), "*.dcm").Select(File.ReadAllBytes)];
        await using ZipArchive zip = await ZipFile.OpenReadAsync(Path.Combine(TestData.Root, "samples", "brain-t1-mr", "t1_series_coronal.zip"), TestContext.Current.CancellationToken);
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            using MemoryStream content = new();
            await using Stream stream = await entry.OpenAsync(TestContext.Current.CancellationToken);
            await stream.CopyToAsync(content, TestContext.Current.CancellationToken);
            files.Add(content.ToArray());
        }

        Assert.True(files.Count > 100);
        Assert.DoesNotContain(files.SelectMany(file => DicomValidator.CheckFile(file)), finding => finding.Severity == DicomSeverity.Error);
    }

    [Fact]
    public void Every_file_of_the_corpus_is_reported_on_without_an_exception() =>
        Assert.All(TestData.DicomFiles, file => Assert.NotNull(DicomValidator.CheckFile(File.ReadAllBytes(file.FullPath))));

    [Fact]
    public async Task A_file_on_disk_has_the_findings_of_one_in_memory()
    {
        foreach (TestFile file in TestData.DicomFiles)
        {
            IReadOnlyList<DicomFinding> whole = DicomValidator.CheckFile(await File.ReadAllBytesAsync(file.FullPath, TestContext.Current.CancellationToken));
            Assert.Equal(whole.Select(Shown), (await DicomValidator.CheckFileAsync(file.FullPath, TestContext.Current.CancellationToken)).Select(Shown));
        }

        // Of a value that is cut short, one begins where the value does and the other ends where the file does.
        static string Shown(DicomFinding finding) => finding.Message.Contains("Truncated", StringComparison.Ordinal) ? "truncated" : finding.ToString();
    }

    /// <summary>
    /// Compared by file and attribute: what is demanded and missing. dciodvfy does not know every SOP class; of files of others nothing is compared.
    /// </summary>
    [Fact]
    public async Task What_is_missing_for_us_is_missing_for_dciodvfy_too()
    {
        ConcurrentBag<(string, string)> differences = [];
        int compared = 0;
        int agreed = 0;
        using TempFolder folder = new();
        await Parallel.ForEachAsync(TestData.DicomFiles.Where(file => file.Length < 300 * 1024), TestContext.Current.CancellationToken, async (file, cancellationToken) =>
        {
            if (DicomFile.Parse(await File.ReadAllBytesAsync(file.FullPath, cancellationToken)) is not { Ok: true } read
                || read.Value.DataSet.GetUid(DicomTags.SOPClassUID) is not { } sopClass || IodTable.Find(sopClass) is null || read.Value.DataSet.GetUid(DicomTags.SOPInstanceUID) is null)
            {
                return;
            }

            // dciodvfy cannot read deflated and a few other files.
            string path = folder.File(file.Name.Replace('/', '_'));
            DicomDataSet dataSet = Copies.For(TransferSyntax.ExplicitVrLittleEndian, read.Value.DataSet);
            await File.WriteAllBytesAsync(path, Copies.File(dataSet, TransferSyntax.ExplicitVrLittleEndian), cancellationToken);
            ToolResult judged = await ExternalTool.RunAsync("dciodvfy", ["-new", path], cancellationToken);
            string said = judged.Output + judged.Error;
            if (judged.ExitCode > 1 || said.Contains("not recognized", StringComparison.Ordinal) || said.Contains("Information Object unrecognized", StringComparison.OrdinalIgnoreCase))
            {
                return;
            }

            Interlocked.Increment(ref compared);
            HashSet<string> theirs = [.. Regex.Matches(said, "Error - <([^>]+)> - Missing attribute").Select(match => string.Join('/', Regex.Matches(match.Groups[1].Value, @"([A-Za-z0-9]+)\([0-9a-f]{4},[0-9a-f]{4}\s*\)").Select(part => part.Groups[1].Value)))];
            HashSet<string> ours = [.. DicomValidator.Check(dataSet).SelectMany(Missing)];
            Interlocked.Add(ref agreed, ours.Intersect(theirs).Count());
            foreach (string keyword in ours.Except(theirs))
            {
                differences.Add((file.Name, "only we miss " + keyword));
            }

            foreach (string keyword in theirs.Except(ours))
            {
                differences.Add((file.Name, "only they miss " + keyword));
            }
        });

        Assert.True(compared > 150 && agreed > 350, $"{compared} files were compared, in {agreed} attributes both agree.");
        List<string> unexplained = [.. differences.Where(difference => !s_reasons.Keys.Any(difference.Item2.StartsWith)).Select(difference => $"{difference.Item1}: {difference.Item2}").Order(StringComparer.Ordinal)];
        Assert.True(unexplained.Count == 0, string.Join('\n', unexplained.Take(40)));
        Assert.All(s_reasons, reason => Assert.True(differences.Any(difference => difference.Item2.StartsWith(reason.Key, StringComparison.Ordinal)), "no longer true: " + reason.Key));
    }

    [Theory]
    [InlineData("pydicom/test_files/CT_small.dcm", "PixelSpacing")]
    [InlineData("pydicom/test_files/CT_small.dcm", "ImagePositionPatient")]
    [InlineData("pydicom/test_files/CT_small.dcm", "Rows")]
    [InlineData("pydicom/test_files/CT_small.dcm", "StudyInstanceUID")]
    [InlineData("pydicom/test_files/CT_small.dcm", "PatientName")]
    [InlineData("pydicom/test_files/MR_small.dcm", "ScanningSequence")]
    [InlineData("pydicom/test_files/MR_small.dcm", "FrameOfReferenceUID")]
    [InlineData("pydicom/test_files/MR_small.dcm", "BitsStored")]
    public async Task An_attribute_that_is_demanded_and_missing_is_missed_by_dciodvfy_too(string name, string keyword)
    {
        using TempFolder folder = new();
        DicomDataSet dataSet = DicomFile.Parse(TestData.Bytes($"dicom/{name}")).Value.DataSet;
        DicomTag tag = DicomDictionary.Find(keyword)!.Tag;
        Assert.DoesNotContain(DicomValidator.Check(dataSet), finding => finding.Path == tag.ToString());
        Assert.DoesNotContain($"Element=<{keyword}>", await JudgeAsync(), StringComparison.Ordinal);

        Assert.True(dataSet.Remove(tag));
        Assert.Contains(DicomValidator.Check(dataSet), finding => finding.Path == tag.ToString() && finding.Message.EndsWith("is missing", StringComparison.Ordinal));
        Assert.Contains($"Element=<{keyword}>", await JudgeAsync(), StringComparison.Ordinal);

        async Task<string> JudgeAsync()
        {
            string path = folder.File("file.dcm");
            await File.WriteAllBytesAsync(path, DicomFile.ToBytes(dataSet, TransferSyntax.ExplicitVrLittleEndian), TestContext.Current.CancellationToken);
            ToolResult result = await ExternalTool.RunAsync("dciodvfy", [path], TestContext.Current.CancellationToken);
            return string.Join('\n', result.ToString().Split('\n').Where(line => line.Contains("Missing attribute", StringComparison.Ordinal)));
        }
    }

    // Keywords, joined by slashes; of a module that is missing as a whole, what it requires.
    private static IEnumerable<string> Missing(DicomFinding finding) =>
        Regex.Match(finding.Message, "required are (.*)$") is { Success: true } module ? module.Groups[1].Value.Split(", ")
        : Regex.IsMatch(finding.Message, "type [12]C?, is missing")
            ? [string.Join('/', Regex.Matches(finding.Path, @"\(([0-9A-F]{4}),([0-9A-F]{4})\)").Select(part => DicomDictionary.Find(new DicomTag(
                Convert.ToUInt16(part.Groups[1].Value, 16), Convert.ToUInt16(part.Groups[2].Value, 16)))!.Keyword))]
        : [];
}
