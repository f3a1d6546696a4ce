using MedicalAi.Dicom;
using MedicalAi.Dicom.Imaging;
using MedicalAi.Testing;

namespace MedicalAi.Fuzz;

public sealed class ImagingFuzz
{
    private const int MaxLength = 80 * 1024;

    // A frame that is decoded and drawn may cost this: rows and columns of the data set are believed up to here only.
    private const long MaxAllocated = 256L * 1024 * 1024;

    private static readonly DicomTag[] s_numbers =
    [
        DicomTags.Rows, DicomTags.Columns, DicomTags.BitsAllocated, DicomTags.BitsStored, DicomTags.HighBit, DicomTags.PixelRepresentation,
        DicomTags.SamplesPerPixel, DicomTags.PlanarConfiguration, DicomTags.SmallestImagePixelValue, DicomTags.LargestImagePixelValue,
    ];

    private static readonly long[] s_values = [0, 1, 2, 3, 7, 8, 9, 12, 16, 17, 31, 32, 33, 64, 127, 128, 255, 256, 1023, 4096, 32767, 32768, 65534, 65535];

    private static readonly string[] s_photometric = ["MONOCHROME1", "MONOCHROME2", "RGB", "PALETTE COLOR", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_ICT", "ARGB", ""];

    private static readonly Lazy<IReadOnlyList<(byte[] Bytes, TransferSyntax Syntax)>> s_images = new(() =>
    [
        .. TestData.DicomFiles.Where(file => file.Length <= MaxLength).Select(file => File.ReadAllBytes(file.FullPath))
            .Select(bytes => (bytes, read: DicomFile.Parse(bytes, DicomReadOptions.Header)))
            .Where(pair => pair.read is { Ok: true, Value.TransferSyntax.IsDeflated: false } && StoredPixels.Find(pair.read.Value.DataSet, pair.read.Value.TransferSyntax).Ok)
            .Select(pair => (pair.bytes[(int)pair.read.Value.DataSetOffset..], pair.read.Value.TransferSyntax)),
    ]);

    [Fact]
    public async Task Broken_images_are_decoded_and_drawn_or_refused()
    {
        IReadOnlyList<byte[]> all = [.. s_images.Value.Select(image => image.Bytes)];
        TransferSyntax syntax = TransferSyntax.ExplicitVrLittleEndian;
        await FuzzRun.RunAsync(
            random =>
            {
                (byte[] bytes, syntax) = s_images.Value[random.Next(all.Count)];
                return random.Next(4) == 0 ? bytes : Mutator.Mutate(random, bytes, all);
            },
            (random, bytes) =>
            {
                if (DicomDataSet.Parse(bytes, syntax, DicomReadOptions.Header) is { Ok: true } read)
                {
                    Break(random, read.Value);
                    FuzzRun.Bounded(MaxAllocated, () => Draw(random, bytes, read.Value, syntax));
                }
            });
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2.5")]
    [InlineData("1.2.840.10008.1.2.8.1")]
    public void A_small_frame_that_promises_a_large_one_takes_no_memory(string transferSyntax)
    {
        PixelDescription pixels = new() { Rows = 32767, Columns = 32767, SamplesPerPixel = 1, BitsAllocated = 8, BitsStored = 8, HighBit = 7 };
        byte[] stored = new byte[1000];
        stored[0] = 1;
        stored[4] = 64;

        ParseResult<NativeFrame> frame = FuzzRun.Bounded(64 * 1024, () => FrameDecoder.Decode(pixels, TransferSyntax.Find(new DicomUid(transferSyntax))!, Vr.OB, 1, stored));

        Assert.Equal(DicomErrorKind.Truncated, frame.Error?.Kind);
    }

    /// <summary>Other numbers in the attributes that say how the pixels are stored.</summary>
    private static void Break(Random random, DicomDataSet header)
    {
        for (int i = random.Next(4); i > 0; i--)
        {
            header.SetInt(s_numbers[random.Next(s_numbers.Length)], Vr.US, s_values[random.Next(s_values.Length)]);
        }

        if (random.Next(3) == 0)
        {
            header.SetString(DicomTags.PhotometricInterpretation, s_photometric[random.Next(s_photometric.Length)]);
        }

        if (random.Next(4) == 0)
        {
            header.SetString(DicomTags.NumberOfFrames, new[] { "0", "-1", "2", "65536", "2147483647", "99999999999", "x" }[random.Next(7)]);
        }
    }

    private static bool Draw(Random random, byte[] bytes, DicomDataSet header, TransferSyntax syntax)
    {
        if (StoredPixels.Find(header, syntax) is not { Ok: true } found)
        {
            return false;
        }

        foreach (int number in new[] { 1, 2, found.Value.Pixels.NumberOfFrames, random.Next(int.MinValue, int.MaxValue) })
        {
            ParseResult<IReadOnlyList<BulkLocation>> ranges = found.Value.Locate(number);
            if (!ranges.Ok)
            {
                continue;
            }

            using MemoryStream stored = new();
            foreach (BulkLocation range in ranges.Value)
            {
                Assert.True(range.Offset >= 0 && range.Length >= 0 && range.Offset + range.Length <= bytes.Length, $"A range of a frame is not in the data set: {range}");
                stored.Write(bytes, (int)range.Offset, (int)range.Length);
            }

            ParseResult<NativeFrame> decoded = found.Value.Decode(number, stored.GetBuffer().AsSpan(0, (int)stored.Length));
            if (decoded.Ok)
            {
                using NativeFrame frame = decoded.Value;
                RenderOptions options = new() { Format = (RenderedFormat)random.Next(2), Width = random.Next(1, 64), Height = random.Next(1, 64) };
                ParseResult<RenderedFrame> picture = FrameRenderer.Render(header, frame, number, options);
                Assert.True(!picture.Ok || picture.Value.Bytes.Length > 0);
            }
        }

        return true;
    }
}
