using System.Globalization;
using MedicalAi.Dicom;
using MedicalAi.Findings;

namespace MedicalAi.DicomReports.Tests;

public sealed class SegmentationTests
{
    [Fact]
    public void Frames_stand_by_segment_and_place_and_empty_ones_are_left_out()
    {
        List<DicomDataSet> headers = TestSources.Mr();
        DicomDataSet seg = SegmentationBuilder.Build(TestSources.SegmentedMr(headers), headers)!;

        // The last source frame, which has no label, is the first along the normal.
        Assert.Equal(
            ["1\\2 on 3", "1\\3 on 2", "1\\4 on 1", "2\\2 on 3", "2\\3 on 2"],
            seg.GetItems(DicomTags.PerFrameFunctionalGroupsSequence).Select(frame =>
                $"{string.Join('\\', frame.GetItems(DicomTags.FrameContentSequence)[0].GetStrings(DicomTags.DimensionIndexValues))} on {frame.GetItems(DicomTags.DerivationImageSequence)[0].GetItems(DicomTags.SourceImageSequence)[0].GetString(DicomTags.ReferencedSOPInstanceUID)!.Split('.')[^1]}"));
        Assert.Equal(5, seg.GetInt32(DicomTags.NumberOfFrames));
        Assert.Equal(((5 * 5 * 7) + 15) / 16 * 2, seg.GetBytes(DicomTags.PixelData).Length);
    }

    [Fact]
    public void The_place_in_space_is_that_of_the_source_to_the_last_digit()
    {
        List<DicomDataSet> headers = TestSources.Mr();
        DicomDataSet seg = SegmentationBuilder.Build(TestSources.SegmentedMr(headers), headers)!;
        DicomDataSet shared = Assert.Single(seg.GetItems(DicomTags.SharedFunctionalGroupsSequence));
        Assert.Equal(headers[0].GetStrings(DicomTags.ImageOrientationPatient), shared.GetItems(DicomTags.PlaneOrientationSequence)[0].GetStrings(DicomTags.ImageOrientationPatient));
        DicomDataSet measures = shared.GetItems(DicomTags.PixelMeasuresSequence)[0];
        Assert.Equal(["0.9375", "0.9375"], measures.GetStrings(DicomTags.PixelSpacing));
        Assert.Equal(2, measures.GetDouble(DicomTags.SpacingBetweenSlices)!.Value, 1e-9);
        Assert.Equal(
            headers[2].GetStrings(DicomTags.ImagePositionPatient),
            seg.GetItems(DicomTags.PerFrameFunctionalGroupsSequence)[0].GetItems(DicomTags.PlanePositionSequence)[0].GetStrings(DicomTags.ImagePositionPatient));
        Assert.Equal(headers[0].GetString(DicomTags.FrameOfReferenceUID), seg.GetString(DicomTags.FrameOfReferenceUID));
    }

    [Fact]
    public void Each_segment_names_its_property_algorithm_and_colour_and_is_tracked_as_in_the_report()
    {
        List<DicomDataSet> headers = TestSources.Mr();
        StudyFindings findings = TestSources.SegmentedMr(headers);
        IReadOnlyList<DicomDataSet> segments = SegmentationBuilder.Build(findings, headers)!.GetItems(DicomTags.SegmentSequence);
        Assert.Equal(["1", "2"], segments.Select(segment => segment.GetString(DicomTags.SegmentNumber)));
        Assert.Equal(["68523003", "389081007"], segments.Select(segment => segment.GetItems(DicomTags.SegmentedPropertyTypeCodeSequence)[0].GetString(DicomTags.CodeValue)));
        Assert.All(segments, segment => Assert.Equal("AUTOMATIC", segment.GetString(DicomTags.SegmentAlgorithmType)));
        Assert.Equal("123110", segments[0].GetItems(DicomTags.SegmentationAlgorithmIdentificationSequence)[0].GetItems(DicomTags.AlgorithmFamilyCodeSequence)[0].GetString(DicomTags.CodeValue));
        Assert.Equal(["65535", "32896", "32896"], segments[0].GetStrings(DicomTags.RecommendedDisplayCIELabValue));
        Assert.Equal(ResultUids.Tracking(findings, segments[1].GetString(DicomTags.TrackingID)!), segments[1].GetUid(DicomTags.TrackingUID));
    }

    [Fact]
    public void Every_source_is_in_the_referenced_series()
    {
        List<DicomDataSet> headers = TestSources.Mr();
        DicomDataSet series = Assert.Single(SegmentationBuilder.Build(TestSources.SegmentedMr(headers), headers)!.GetItems(DicomTags.ReferencedSeriesSequence));
        Assert.Equal(headers.Select(header => header.GetString(DicomTags.SOPInstanceUID)), series.GetItems(DicomTags.ReferencedInstanceSequence).Select(item => item.GetString(DicomTags.ReferencedSOPInstanceUID)));
    }

    [Fact]
    public void Without_a_label_there_is_no_segmentation()
    {
        List<DicomDataSet> headers = TestSources.Mr();
        StudyFindings findings = TestSources.SegmentedMr(headers);
        Assert.Null(SegmentationBuilder.Build(TestSources.Findings(headers), headers));
        Assert.Null(SegmentationBuilder.Build(findings with { Segmentation = findings.Segmentation! with { Labels = new byte[findings.Segmentation.Labels.Length] } }, headers));
    }

    [Fact]
    public void A_label_map_that_does_not_lie_on_its_source_is_refused()
    {
        List<DicomDataSet> headers = TestSources.Mr();
        StudyFindings findings = TestSources.SegmentedMr(headers);
        Assert.Throws<ArgumentException>(() => SegmentationBuilder.Build(findings with { Inputs = [.. findings.Inputs.Take(3)] }, headers[..3]));
        headers[1].SetInt(DicomTags.Rows, 6);
        Assert.Contains("rows", Assert.Throws<NotSupportedException>(() => SegmentationBuilder.Build(findings, headers)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_colour_is_written_as_CIELab_of_16_bits()
    {
        Assert.Equal([0, 32896, 32896], CieLab.FromRgb(new RgbColor(0, 0, 0)));

        // sRGB red is L* 54.29, a* 80.80, b* 69.89 under D50.
        long[] red = CieLab.FromRgb(new RgbColor(255, 0, 0));
        Assert.Equal(54.29, red[0] / 655.35, 0.02);
        Assert.Equal(80.80, (red[1] / 257.0) - 128, 0.02);
        Assert.Equal(69.89, (red[2] / 257.0) - 128, 0.02);
    }

    [Fact]
    public void The_same_findings_give_the_same_bytes()
    {
        Assert.Equal(Build(), Build());

        static byte[] Build()
        {
            List<DicomDataSet> headers = TestSources.Mr();
            return DicomFile.ToBytes(SegmentationBuilder.Build(TestSources.SegmentedMr(headers), headers)!, TransferSyntax.ExplicitVrLittleEndian);
        }
    }

    [Theory]
    [InlineData("series")]
    [InlineData("one frame")]
    [InlineData("radiograph")]
    [InlineData("multi-frame")]
    [InlineData("same place")]
    [InlineData("different planes")]
    [InlineData("no thickness, no frame of reference")]
    [InlineData("lossy source")]
    public async Task Pydicom_decodes_the_same_labels_and_dicom3tools_finds_no_fault(string kind)
    {
        using OutsideTools tools = new();
        List<DicomDataSet> headers = kind switch
        {
            "one frame" => TestSources.Mr(1),
            "radiograph" => TestSources.Dx(),
            "multi-frame" => TestSources.EnhancedMr(),
            _ => TestSources.Mr(),
        };
        switch (kind)
        {
            case "same place":
                headers[1].SetString(DicomTags.ImagePositionPatient, headers[0].GetStrings(DicomTags.ImagePositionPatient));
                break;
            case "different planes":
                headers[1].SetString(DicomTags.ImageOrientationPatient, "1", "0", "0", "0", "1", "0").SetString(DicomTags.PixelSpacing, "1", "1");
                break;
            case "no thickness, no frame of reference":
                headers.ForEach(header => header.Remove(DicomTags.SliceThickness));
                headers.ForEach(header => header.Remove(DicomTags.FrameOfReferenceUID));
                break;
            case "lossy source":
                headers.ForEach(header => header.SetString(DicomTags.LossyImageCompression, "01").SetString(DicomTags.LossyImageCompressionRatio, "9.5").SetString(DicomTags.LossyImageCompressionMethod, "ISO_10918_1"));
                break;
        }

        SourceInstance[] frames = kind == "multi-frame" ? [.. Enumerable.Range(1, 4).Select(i => TestSources.Source(headers[0], i))] : [.. headers.Select(header => TestSources.Source(header))];
        StudyFindings findings = TestSources.Segmented(headers, frames);
        string seg = tools.Write("seg.dcm", SegmentationBuilder.Build(findings, headers)!);
        string labels = tools.Write("labels", findings.Segmentation!.Labels.ToArray());
        Assert.Empty(await OutsideTools.FindFaultsAsync(seg));
        string script = Path.Combine(AppContext.BaseDirectory, "check_seg.py");
        string[] sources = [.. frames.Select(frame => frame.Frame == 0 ? frame.SopInstance.Value : string.Create(CultureInfo.InvariantCulture, $"{frame.SopInstance}#{frame.Frame}"))];
        (int exitCode, string output) = await OutsideTools.RunAsync("/usr/bin/python3", [script, seg, labels, "5", "7", .. sources]);
        Assert.True(exitCode == 0, output);
    }
}
