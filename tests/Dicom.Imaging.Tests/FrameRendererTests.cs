using MedicalAi.Testing;
using SkiaSharp;

namespace MedicalAi.Dicom.Imaging.Tests;

public sealed class FrameRendererTests
{
    /// <summary>Images, and how dcmtk is asked to show them as we do: the first window, the range of the values, or as stored.</summary>
    public static TheoryData<string, string> ShownByDcmtk => new()
    {
        { "pydicom/test_files/CT_small.dcm", "+Wm" },
        { "pydicom/test_files/MR_small_RLE.dcm", "+Wi1" },
        { "pydicom/test_files/MR_small_expb.dcm", "+Wi1" },
        { "fo-dicom/CT-MONO2-16-ankle", "+Wi1" },
        { "fo-dicom/GH227.dcm", "" },
        { "dcm4che/NM-MONO2-16-13x-heart", "+Wi1" },
        { "fo-dicom/TestPattern_Palette.dcm", "" },
        { "pydicom/test_files/examples_palette.dcm", "" },
        { "pydicom/test_files/examples_rgb_color.dcm", "" },
        { "pydicom-data/color-pl.dcm", "" },
        { "pydicom-data/SC_ybr_full_uncompressed.dcm", "" },
        { "pydicom/test_files/SC_ybr_full_422_uncompressed.dcm", "" },
        { "pydicom/test_files/SC_rgb_rle_16bit.dcm", "" },
        { "pydicom/test_files/liver_1frame.dcm", "+Wm" },
    };

    [Theory]
    [MemberData(nameof(ShownByDcmtk))]
    public async Task A_frame_looks_as_dcmtk_shows_it(string name, string window)
    {
        using TempFolder folder = new();
        string path = TestData.Path("dicom/" + name);
        string expected = folder.File("expected.png");
        string plain = folder.File("plain.dcm");
        ToolResult decoded = await ExternalTool.RunAsync("dcmdrle", [path, plain], TestContext.Current.CancellationToken);
        string[] asked = window switch { "" => [], "+Wi1" => ["+Wi", "1"], _ => [window] };
        ToolResult drawn = await ExternalTool.RunAsync("dcm2pnm", ["+on", .. asked, decoded.ExitCode == 0 ? plain : path, expected], TestContext.Current.CancellationToken);
        Assert.True(drawn.ExitCode == 0, drawn.ToString());

        using SKBitmap ours = Read(StoredFile.Open(path).Render().Value.Bytes);
        using SKBitmap theirs = SKBitmap.Decode(expected);

        Assert.Equal((theirs.Width, theirs.Height), (ours.Width, ours.Height));
        int largest = 0;
        for (int y = 0; y < ours.Height; y++)
        {
            for (int x = 0; x < ours.Width; x++)
            {
                SKColor a = ours.GetPixel(x, y);
                SKColor b = theirs.GetPixel(x, y);
                largest = Math.Max(largest, Math.Max(Math.Abs(a.Red - b.Red), Math.Max(Math.Abs(a.Green - b.Green), Math.Abs(a.Blue - b.Blue))));
            }
        }

        // Of luminances dcmtk cuts fractions off where we round.
        Assert.True(largest <= (name.Contains("ybr", StringComparison.Ordinal) ? 2 : 1), $"The largest difference is {largest}.");
    }

    [Fact]
    public void A_frame_larger_than_any_picture_is_refused()
    {
        PixelDescription pixels = new() { Rows = 12_000, Columns = 12_000, SamplesPerPixel = 1, BitsAllocated = 1, BitsStored = 1, HighBit = 0, PhotometricInterpretation = "PALETTE COLOR" };
        using NativeFrame frame = FrameDecoder.Decode(pixels, TransferSyntax.ExplicitVrLittleEndian, Vr.OB, 1, new byte[pixels.FrameLength]).Value;

        Assert.Equal(DicomErrorKind.TooLarge, FrameRenderer.Render(new DicomDataSet(), frame, 1, new RenderOptions()).Error?.Kind);
    }

    [Fact]
    public void Every_file_that_can_be_decoded_can_be_shown()
    {
        List<string> hidden = [];
        int shown = 0;
        foreach (TestFile file in TestData.DicomFiles.Where(FrameDecoderTests.IsSupported))
        {
            if (StoredFile.Find(file.FullPath) is not { } stored)
            {
                continue;
            }

            for (int frame = 1; frame <= Math.Min(2, stored.Pixels.Pixels.NumberOfFrames); frame++)
            {
                ParseResult<RenderedFrame> rendered = stored.Render(frame, new RenderOptions { Format = frame == 1 ? RenderedFormat.Png : RenderedFormat.Jpeg });
                if (!rendered.Ok)
                {
                    hidden.Add($"{file.Name}: {rendered.Error}");
                    continue;
                }

                Assert.Equal((stored.Pixels.Pixels.Columns, stored.Pixels.Pixels.Rows), (rendered.Value.Width, rendered.Value.Height));
                shown++;
            }
        }

        Assert.True(shown > 100, $"Only {shown} frames were shown.");
        Assert.Empty(hidden);
    }

    [Fact]
    public void A_window_maps_as_the_standard_says()
    {
        byte[] shown = Grey(Image([0, 100, 150, 200, 300]), new RenderOptions { Window = new VoiTransform(150, 101, VoiFunction.LinearExact) });

        Assert.Equal([0, 1, 128, 254, 255], shown);
    }

    [Fact]
    public void MONOCHROME1_shows_low_values_white()
    {
        DicomDataSet image = Image([0, 100, 200]);
        image.SetString(DicomTags.PhotometricInterpretation, "MONOCHROME1");

        Assert.Equal([255, 128, 0], Grey(image));
    }

    [Fact]
    public void A_presentation_LUT_shape_INVERSE_says_the_same_as_MONOCHROME1_and_not_twice()
    {
        DicomDataSet image = Image([0, 100, 200]);
        image.SetString(DicomTags.PhotometricInterpretation, "MONOCHROME1");
        image.SetString(DicomTags.PresentationLUTShape, "INVERSE");

        Assert.Equal([255, 128, 0], Grey(image));
    }

    [Fact]
    public void Padding_is_black_and_does_not_count_for_the_range()
    {
        DicomDataSet image = Image([40, 100, 160, 60000]);
        image.SetInt(DicomTags.PixelPaddingValue, 60000);

        Assert.Equal([0, 128, 255, 0], Grey(image));
    }

    [Fact]
    public void Eight_bits_without_a_window_are_shown_as_they_are()
    {
        DicomDataSet image = Image([10, 20, 30]);
        image.SetInt(DicomTags.BitsStored, 8);
        image.SetInt(DicomTags.HighBit, 7);

        Assert.Equal([10, 20, 30], Grey(image));
    }

    [Fact]
    public void A_VOI_LUT_maps_by_its_entries()
    {
        DicomDataSet image = Image([9, 10, 11, 12, 13]);
        DicomDataSet table = [];
        table.Set(new DicomElement(DicomTags.LUTDescriptor, Vr.US, Words(3, 10, 12)));
        table.Set(new DicomElement(DicomTags.LUTData, Vr.OW, Words(0, 4095, 2048)));
        image.Set(new DicomElement(DicomTags.VOILUTSequence, [table]));

        Assert.Equal([0, 0, 255, 128, 128], Grey(image));
    }

    [Fact]
    public void A_modality_LUT_comes_before_the_window()
    {
        DicomDataSet image = Image([0, 1, 2]);
        DicomDataSet table = [];
        table.Set(new DicomElement(DicomTags.LUTDescriptor, Vr.US, Words(3, 0, 16)));
        table.Set(new DicomElement(DicomTags.LUTData, Vr.OW, Words(1000, 500, 0)));
        image.Set(new DicomElement(DicomTags.ModalityLUTSequence, [table]));
        image.SetString(DicomTags.WindowCenter, "500");
        image.SetString(DicomTags.WindowWidth, "1000");
        image.SetString(DicomTags.VOILUTFunction, "LINEAR_EXACT");

        Assert.Equal([255, 128, 0], Grey(image));
    }

    [Fact]
    public void A_frame_of_many_has_its_own_window()
    {
        DicomDataSet image = Image([0, 50, 100]);
        image.Set(new DicomElement(DicomTags.SharedFunctionalGroupsSequence, [Voi("500", "1000")]));
        image.Set(new DicomElement(DicomTags.PerFrameFunctionalGroupsSequence, [Voi("500", "1000"), Voi("50", "100")]));

        Assert.Equal([0, 128, 255], Grey(image, number: 2));
        Assert.Equal([0, 13, 26], Grey(image, number: 1));
        Assert.Equal([0, 13, 26], Grey(image, number: 3));
    }

    [Fact]
    public void A_segmented_palette_is_written_out()
    {
        DicomDataSet item = [];
        item.Set(new DicomElement(DicomTags.RedPaletteColorLookupTableDescriptor, Vr.US, Words(8, 0, 16)));

        // Two values, a line of two more to 400, then the line once again from where it stands.
        item.Set(new DicomElement(DicomTags.SegmentedRedPaletteColorLookupTableData, Vr.OW, Words(0, 2, 100, 200, 1, 2, 400, 2, 1, 8, 0, 0, 2, 7, 9)));

        LookUpTable table = LookUpTable.ReadSegmented(item, DicomTags.RedPaletteColorLookupTableDescriptor, DicomTags.SegmentedRedPaletteColorLookupTableData, false).Value;

        Assert.Equal([100, 200, 300, 400, 400, 400, 7, 9], Enumerable.Range(0, 8).Select(table.Map));
    }

    [Fact]
    public void Segments_that_name_each_other_come_to_an_end()
    {
        DicomDataSet item = [];
        item.Set(new DicomElement(DicomTags.RedPaletteColorLookupTableDescriptor, Vr.US, Words(0, 0, 16)));
        item.Set(new DicomElement(DicomTags.SegmentedRedPaletteColorLookupTableData, Vr.OW, Words([.. Enumerable.Repeat<int[]>([0, 0, 2, 65535, 0, 0], 5000).SelectMany(words => words)])));

        Assert.False(LookUpTable.ReadSegmented(item, DicomTags.RedPaletteColorLookupTableDescriptor, DicomTags.SegmentedRedPaletteColorLookupTableData, false).Ok);
    }

    [Fact]
    public void A_table_that_is_too_short_is_an_error()
    {
        DicomDataSet image = Image([9]);
        DicomDataSet table = [];
        table.Set(new DicomElement(DicomTags.LUTDescriptor, Vr.US, Words(3, 10, 12)));
        table.Set(new DicomElement(DicomTags.LUTData, Vr.OW, Words(0, 4095)));
        image.Set(new DicomElement(DicomTags.VOILUTSequence, [table]));

        Assert.Equal(DicomTags.LUTData, Render(image).Error!.Tag);
    }

    [Fact]
    public void A_thumbnail_keeps_the_ratio_of_width_to_height()
    {
        RenderedFrame shown = StoredFile.Open(TestData.Path("dicom/pydicom/test_files/examples_palette.dcm"))
            .Render(options: new RenderOptions { Format = RenderedFormat.Jpeg, Width = 100, Height = 100 }).Value;

        using SKBitmap bitmap = Read(shown.Bytes);
        Assert.Equal("image/jpeg", shown.MediaType);
        Assert.Equal((100, 44), (bitmap.Width, bitmap.Height));
    }

    [Fact]
    public void A_region_is_cut_out_and_turned_over()
    {
        DicomDataSet image = Image([10, 20, 30, 40]);
        image.SetInt(DicomTags.BitsStored, 8);
        image.SetInt(DicomTags.HighBit, 7);

        Assert.Equal([20, 30], Grey(image, new RenderOptions { Region = new RenderRegion(1, 0, 2, 1) }));
        Assert.Equal([30, 20], Grey(image, new RenderOptions { Region = new RenderRegion(1, 0, -2, 1) }));
        Assert.False(Render(image, new RenderOptions { Region = new RenderRegion(4, 0, 2, 1) }).Ok);
    }

    [Fact]
    public void Grey_pictures_stay_grey()
    {
        using SKCodec codec = SKCodec.Create(new MemoryStream(Render(Image([0, 1])).Value.Bytes.ToArray()));

        Assert.Equal(SKColorType.Gray8, codec.Info.ColorType);
    }

    private static DicomDataSet Voi(string centre, string width)
    {
        DicomDataSet window = [];
        window.SetString(DicomTags.WindowCenter, centre);
        window.SetString(DicomTags.WindowWidth, width);
        window.SetString(DicomTags.VOILUTFunction, "LINEAR_EXACT");
        DicomDataSet groups = [];
        groups.Set(new DicomElement(DicomTags.FrameVOILUTSequence, [window]));
        return groups;
    }

    private static DicomDataSet Image(int[] values)
    {
        DicomDataSet image = [];
        image.SetString(DicomTags.PhotometricInterpretation, "MONOCHROME2");
        image.SetInt(DicomTags.Rows, 1);
        image.SetInt(DicomTags.Columns, values.Length);
        image.SetInt(DicomTags.BitsAllocated, 16);
        image.SetInt(DicomTags.BitsStored, 16);
        image.SetInt(DicomTags.HighBit, 15);
        image.SetInt(DicomTags.PixelRepresentation, 0L);
        image.Set(new DicomElement(DicomTags.PixelData, Vr.OW, Words(values)));
        return image;
    }

    private static byte[] Words(params int[] values) => [.. values.SelectMany(value => BitConverter.GetBytes((ushort)value))];

    private static ParseResult<RenderedFrame> Render(DicomDataSet image, RenderOptions? options = null, int number = 1)
    {
        PixelDescription pixels = PixelDescription.Read(image).Value;
        using NativeFrame frame = FrameDecoder.Decode(pixels, TransferSyntax.ExplicitVrLittleEndian, Vr.OW, 1, image.GetBytes(DicomTags.PixelData).Span).Value;
        return FrameRenderer.Render(image, frame, number, options ?? new RenderOptions());
    }

    private static byte[] Grey(DicomDataSet image, RenderOptions? options = null, int number = 1)
    {
        using SKBitmap bitmap = Read(Render(image, options, number).Value.Bytes);
        return [.. Enumerable.Range(0, bitmap.Width).Select(x => bitmap.GetPixel(x, 0).Red)];
    }

    private static SKBitmap Read(ReadOnlyMemory<byte> picture) => SKBitmap.Decode(picture.Span);
}
