namespace MedicalAi.Dicom.Imaging.Tests;

public sealed class NativeSamplesTests
{
    [Fact]
    public void Twelve_stored_bits_are_read_without_what_stands_above_them() =>
        Assert.Equal([0xABC, 0x001], Read(16, 12, 11, signed: false, [0xBC, 0xFA, 0x01, 0x10]));

    [Fact]
    public void Signed_values_keep_their_sign() => Assert.Equal([-1, -2048], Read(16, 12, 11, signed: true, [0xFF, 0x0F, 0x00, 0x08]));

    [Fact]
    public void Values_that_begin_above_bit_0_are_shifted_down() => Assert.Equal([0x12, 0xFF], Read(16, 8, 15, signed: false, [0x34, 0x12, 0x00, 0xFF]));

    [Fact]
    public void Bytes_are_read() => Assert.Equal([200, 7], Read(8, 8, 7, signed: false, [200, 7]));

    [Fact]
    public void Words_of_32_bits_are_read() => Assert.Equal([4294967296f, 1], Read(32, 32, 31, signed: false, [0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0]));

    [Fact]
    public void Bits_are_read_from_the_lowest_up() => Assert.Equal([1, 0], Read(1, 1, 0, signed: false, [0b0000_1000], firstBit: 3));

    [Fact]
    public void A_frame_that_is_too_short_is_an_error() =>
        Assert.Equal(DicomErrorKind.Truncated, NativeSamples.ReadGrayscale(Pixels(16, 16, 15, false), new byte[3], new float[2])!.Kind);

    private static float[] Read(int allocated, int stored, int high, bool signed, byte[] frame, int firstBit = 0)
    {
        float[] values = new float[2];
        Assert.Null(NativeSamples.ReadGrayscale(Pixels(allocated, stored, high, signed), frame, values, firstBit));
        return values;
    }

    private static PixelDescription Pixels(int allocated, int stored, int high, bool signed) =>
        new() { Rows = 1, Columns = 2, BitsAllocated = allocated, BitsStored = stored, HighBit = high, IsSigned = signed };
}
