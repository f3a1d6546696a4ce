namespace MedicalAi.Dicom.Imaging.Tests;

public sealed class GeometryTests
{
    private static readonly Vector3 s_left = new(1, 0, 0);
    private static readonly Vector3 s_back = new(0, 1, 0);
    private static readonly Vector3 s_head = new(0, 0, 1);

    [Fact]
    public void Slices_are_sorted_by_their_place_along_the_normal()
    {
        (SeriesGeometry? geometry, _) = SeriesGeometry.Build([Axial(4), Axial(0), Axial(2)], 2, 3);

        Assert.Equal([1, 2, 0], geometry!.Order);
        Assert.Equal(new VolumeGeometry(default, s_head * 2, s_back * 0.5, s_left * 0.25, 3, 2, 3), geometry.Volume);
        Assert.Equal(0.25, geometry.Volume.VoxelVolume);
    }

    [Fact]
    public void A_missing_slice_is_told()
    {
        (SeriesGeometry? geometry, string? problem) = SeriesGeometry.Build([Axial(0), Axial(2), Axial(6), Axial(8)], 2, 3);

        Assert.Null(geometry);
        Assert.Contains("not at equal distances", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_slices_at_one_place_are_told() =>
        Assert.Contains("same place", SeriesGeometry.Build([Axial(0), Axial(0), Axial(2)], 2, 3).Problem, StringComparison.Ordinal);

    [Fact]
    public void Slices_that_are_not_parallel_are_told() =>
        Assert.Contains("not parallel", SeriesGeometry.Build([Axial(0), new SliceGeometry(default, s_left, s_head, 1, 1)], 2, 3).Problem, StringComparison.Ordinal);

    [Fact]
    public void A_plane_is_read_from_the_data_set()
    {
        DicomDataSet dataSet = new DicomDataSet()
            .SetString(DicomTags.ImagePositionPatient, "-1.5", "2", "3")
            .SetString(DicomTags.ImageOrientationPatient, "1", "0", "0", "0", "0", "-1")
            .SetString(DicomTags.PixelSpacing, "0.5", "0.25");

        Assert.Equal(new SliceGeometry(new Vector3(-1.5, 2, 3), s_left, s_head * -1, 0.5, 0.25), SliceGeometry.Read(dataSet).Value);
        Assert.Equal(DicomTags.PixelSpacing, SliceGeometry.Read(dataSet.SetEmpty(DicomTags.PixelSpacing)).Error!.Tag);
    }

    [Fact]
    public void A_grid_that_falls_on_the_source_gets_its_values_unchanged()
    {
        VolumeGeometry source = new(new Vector3(3, 5, 7), s_head * -1, s_back, s_left, 2, 3, 4);
        float[] values = [.. Enumerable.Range(0, 24).Select(i => (float)i)];
        VolumeGeometry target = VolumeGeometry.Along("LSA", (4, 2, 3), (1, 1, 1), source.Centre)!;
        float[] turned = new float[24];

        VolumeResampler.Linear(values, source, turned, target, 0, 2, TestContext.Current.CancellationToken);

        // Left runs as the columns, S against the slices, A against the rows.
        Assert.Equal(values[(1 * 12) + (2 * 4) + 0], turned[0]);
        Assert.Equal(values[(0 * 12) + (0 * 4) + 3], turned[^1]);
        Assert.Equal(values.Order(), turned.Order());
    }

    [Theory]
    [InlineData(0, new float[] { 0, 0, 5, 10, 15, 20, 10, 0 })]
    [InlineData(-1000, new float[] { -1000, -1000, -495, 10, 15, 20, -490, -1000 })]
    public void Between_voxels_values_are_interpolated_and_outside_they_are_as_asked(float outside, float[] expected)
    {
        VolumeGeometry source = new(default, s_head, s_back, s_left, 1, 1, 2);
        VolumeGeometry target = new(new Vector3(-1.5, 0, 0), s_head, s_back, s_left * 0.5, 1, 1, 8);
        float[] read = new float[8];

        VolumeResampler.Linear(new float[] { 10, 20 }, source, read, target, outside, 1, TestContext.Current.CancellationToken);

        Assert.Equal(expected, read);
    }

    [Fact]
    public void Labels_come_back_from_the_nearest_voxel()
    {
        VolumeGeometry source = new(default, s_head, s_back, s_left, 1, 1, 2);
        VolumeGeometry target = new(new Vector3(-0.6, 0, 0), s_head, s_back, s_left * 0.3, 1, 1, 7);
        byte[] read = new byte[7];

        VolumeResampler.Nearest(new byte[] { 1, 2 }, source, read, target, 1, TestContext.Current.CancellationToken);

        Assert.Equal<byte>([0, 1, 1, 1, 2, 2, 2], read);
    }

    [Theory]
    [InlineData("LLA")]
    [InlineData("LRA")]
    [InlineData("LI")]
    [InlineData("XYZ")]
    public void Letters_that_name_no_three_axes_make_no_grid(string orientation) =>
        Assert.Null(VolumeGeometry.Along(orientation, (1, 1, 1), (1, 1, 1), default));

    private static SliceGeometry Axial(double z) => new(s_head * z, s_left, s_back, 0.5, 0.25);
}
