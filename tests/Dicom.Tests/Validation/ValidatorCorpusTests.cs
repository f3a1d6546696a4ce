using System.IO.Compression;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

/// <summary>Whole files: our samples, the corpus, and dicom3tools' dciodvfy as judge.</summary>
public sealed class ValidatorCorpusTests
{
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
}
