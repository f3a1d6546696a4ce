using System.IO.Compression;
using MedicalAi.Dicom;
using MedicalAi.Findings;
using MedicalAi.Testing;

namespace MedicalAi.DicomReports.Tests;

/// <summary>Reports of the bundled studies, with made-up findings.</summary>
public sealed class SampleStudyTests
{
    [Fact]
    public async Task A_segmentation_of_the_brain_series_lies_on_its_slices()
    {
        using OutsideTools tools = new();
        List<DicomDataSet> headers = [];
        using (ZipArchive zip = await ZipFile.OpenReadAsync(Sample("brain-t1-mr/t1_series_coronal.zip"), TestContext.Current.CancellationToken))
        {
            foreach (ZipArchiveEntry entry in zip.Entries)
            {
                using MemoryStream content = new();
                await using (Stream stream = await entry.OpenAsync(TestContext.Current.CancellationToken))
                {
                    await stream.CopyToAsync(content, TestContext.Current.CancellationToken);
                }

                headers.Add(DicomFile.Parse(content.ToArray(), DicomReadOptions.Header).Value.DataSet);
            }
        }

        int size = headers[0].GetInt32(DicomTags.Rows)!.Value;
        byte[] labels = new byte[headers.Count * size * size];
        for (int frame = 0; frame < headers.Count; frame++)
        {
            for (int pixel = 0; pixel < size * size; pixel++)
            {
                double radius = double.Hypot(double.Hypot((pixel / size) - 130, (pixel % size) - 120), frame - 100);
                labels[(frame * size * size) + pixel] = (byte)(radius < 40 ? 1 : radius < 60 ? 2 : 0);
            }
        }

        StudyFindings findings = TestSources.SegmentedMr(headers) with { Study = headers[0].GetUid(DicomTags.StudyInstanceUID)!.Value };
        findings = findings with { Segmentation = findings.Segmentation! with { Rows = size, Columns = size, Labels = labels } };
        DicomDataSet segmentation = SegmentationBuilder.Build(findings, headers)!;
        DicomDataSet[] frames = [.. segmentation.GetItems(DicomTags.PerFrameFunctionalGroupsSequence)];
        Assert.Equal(79 + 119, frames.Length);
        Assert.Equal(1, segmentation.GetItems(DicomTags.SharedFunctionalGroupsSequence)[0].GetItems(DicomTags.PixelMeasuresSequence)[0].GetDouble(DicomTags.SpacingBetweenSlices)!.Value, 1e-6);
        Assert.Equal(headers[0].GetString(DicomTags.PatientName), segmentation.GetString(DicomTags.PatientName));
        await CheckAsync(tools, StructuredReportBuilder.Build(findings, headers, ResultUids.Segmentation(findings)));

        string path = tools.Write("seg.dcm", segmentation);
        Assert.Empty(await OutsideTools.FindFaultsAsync(path));
        (int exitCode, string output) = await OutsideTools.RunAsync(
            "/usr/bin/python3",
            [Path.Combine(AppContext.BaseDirectory, "check_seg.py"), path, tools.Write("labels", labels), $"{size}", $"{size}", .. headers.Select(header => header.GetString(DicomTags.SOPInstanceUID)!)]);
        Assert.True(exitCode == 0, output);
    }

    [Theory]
    [InlineData("00cfd1c1.dcm")]
    [InlineData("pneumoniamnist_0002.dcm")]
    public async Task A_radiograph_is_reported_without_fault(string name)
    {
        using OutsideTools tools = new();
        DicomDataSet header = DicomFile.Parse(await File.ReadAllBytesAsync(Sample($"chest-radiographs/{name}"), TestContext.Current.CancellationToken), DicomReadOptions.Header).Value.DataSet;
        StudyFindings findings = TestSources.Classified([header]) with { Study = header.GetUid(DicomTags.StudyInstanceUID)!.Value };
        await CheckAsync(tools, StructuredReportBuilder.Build(findings, [header], null));
    }

    private static async Task CheckAsync(OutsideTools tools, DicomDataSet report)
    {
        string path = tools.Write("sr.dcm", report);
        Assert.Empty(await OutsideTools.FindFaultsAsync(path));
        (int exitCode, string output) = await OutsideTools.RunAsync("dsrdump", path);
        Assert.True(exitCode == 0, output);
    }

    private static string Sample(string relative) => Path.Combine(TestData.Root, "samples", relative);
}
