namespace MedicalAi.Dicom.Imaging.Tests;

public sealed class FrameLocatorTests
{
    private static readonly BulkLocation[] s_fragments = [new(1008, 100), new(1116, 50), new(1174, 60)];

    [Fact]
    public void A_native_frame_is_one_range()
    {
        PixelDescription pixels = Pixels(bits: 16, frames: 3);

        IReadOnlyList<BulkLocation> ranges = FrameLocator.Locate(pixels, new BulkLocation(1000, 3 * 24), null, [], 2).Value;

        Assert.Equal([new BulkLocation(1024, 24)], ranges);
    }

    [Fact]
    public void A_frame_of_one_bit_comes_with_the_bytes_that_hold_it()
    {
        PixelDescription pixels = Pixels(bits: 1, frames: 3); // 12 bits a frame

        IReadOnlyList<BulkLocation> ranges = FrameLocator.Locate(pixels, new BulkLocation(0, 5), null, [], 2).Value;

        Assert.Equal([new BulkLocation(1, 2)], ranges);
        Assert.Equal(4, FrameLocator.FirstBit(pixels, 2));
    }

    [Fact]
    public void Fragments_of_a_frame_are_found_by_the_offset_table()
    {
        PixelDescription pixels = Pixels(bits: 8, frames: 2);

        Assert.Equal(s_fragments[..2], FrameLocator.Locate(pixels, default, s_fragments, [0, 166], 1).Value);
        Assert.Equal(s_fragments[2..], FrameLocator.Locate(pixels, default, s_fragments, [0, 166], 2).Value);
    }

    [Fact]
    public void As_many_fragments_as_frames_need_no_offset_table() =>
        Assert.Equal([s_fragments[1]], FrameLocator.Locate(Pixels(bits: 8, frames: 3), default, s_fragments, [], 2).Value);

    [Fact]
    public void All_fragments_are_of_an_only_frame() =>
        Assert.Equal(s_fragments, FrameLocator.Locate(Pixels(bits: 8, frames: 1), default, s_fragments, [], 1).Value);

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_frame_that_is_not_there_is_an_error(int frame) =>
        Assert.False(FrameLocator.Locate(Pixels(bits: 8, frames: 2), new BulkLocation(0, 24), null, [], frame).Ok);

    [Fact]
    public void Pixel_data_that_ends_early_is_an_error() =>
        Assert.Equal(DicomErrorKind.Truncated, FrameLocator.Locate(Pixels(bits: 8, frames: 2), new BulkLocation(0, 23), null, [], 2).Error!.Kind);

    [Fact]
    public void An_offset_table_that_leads_astray_is_an_error() =>
        Assert.False(FrameLocator.Locate(Pixels(bits: 8, frames: 2), default, s_fragments, [0, 167], 2).Ok);

    private static PixelDescription Pixels(int bits, int frames) =>
        new() { Rows = 3, Columns = 4, BitsAllocated = bits, BitsStored = bits, HighBit = bits - 1, NumberOfFrames = frames };
}
