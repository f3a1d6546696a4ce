namespace MedicalAi.Dicom.Imaging.Tests;

public sealed class TransformTests
{
    [Fact]
    public void A_linear_window_maps_its_ends_to_0_and_the_top()
    {
        // PS3.3 C.11.2.1.2.1: c = 2048.5 and w = 4081 over 0 to 4080.
        float[] values = [-5, 8, 2048, 4088, 5000];

        new VoiTransform(2048.5, 4081, VoiFunction.Linear).Apply(values, 255);

        Assert.Equal([0, 0, 127.5f, 255, 255], values, (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Fact]
    public void A_window_of_width_1_parts_the_values_in_two()
    {
        float[] values = [9, 9.5f, 10];

        new VoiTransform(10, 1, VoiFunction.Linear).Apply(values, 255);

        Assert.Equal([0, 0, 255], values);
    }

    [Fact]
    public void A_sigmoid_has_its_middle_at_the_centre()
    {
        float[] values = [100, 100_000];

        new VoiTransform(100, 50, VoiFunction.Sigmoid).Apply(values, 200);

        Assert.Equal([100, 200], values);
    }

    [Fact]
    public void Without_a_window_all_values_are_shown()
    {
        float[] values = [10, 20, 30];

        VoiTransform.Over(values).Apply(values, 100);

        Assert.Equal([0, 50, 100], values);
    }

    [Fact]
    public void Slope_and_intercept_are_applied()
    {
        float[] values = [0, 100];

        ModalityTransform.Read(new DicomDataSet().SetString(DicomTags.RescaleSlope, "2").SetString(DicomTags.RescaleIntercept, "-1024")).Apply(values);

        Assert.Equal([-1024, -824], values);
    }

    [Fact]
    public void Resizing_by_area_takes_the_mean_of_what_is_under_a_pixel()
    {
        Assert.Equal([2.5f], ImageResize.Area([1, 2, 3, 4], 2, 2, 1, 1));
        Assert.Equal([(1 + (2 / 2f)) / 1.5f, ((2 / 2f) + 3) / 1.5f], ImageResize.Area([1, 2, 3], 1, 3, 1, 2), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void The_square_is_cut_around_the_middle()
    {
        (float[] square, int side) = ImageResize.CropSquare([1, 2, 3, 4, 5, 6, 7, 8], 2, 4);

        Assert.Equal(2, side);
        Assert.Equal([2, 3, 6, 7], square);
    }
}
