using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Imaging.Tests;

public sealed class FrameDecoderTests
{
    // Writes for each file given on standard input the digest of each frame, samples as little-endian numbers, colours by pixel.
    private const string PydicomDigests = """
        import sys, json, hashlib
        import numpy, pydicom
        found = {}
        for path in sys.argv[1:]:
            try:
                d = pydicom.dcmread(path, force=True)
                n = int(d.get('NumberOfFrames') or 1)
                a = d.pixel_array
                frames = a if n > 1 else a[None]
                found[path] = [hashlib.sha256(numpy.ascontiguousarray(f).astype(f.dtype.newbyteorder('<')).tobytes()).hexdigest() for f in frames]
            except Exception as e:
                found[path] = str(type(e).__name__)
        json.dump(found, sys.stdout)
        """;

    /// <summary>Files of which the data set says that the pixels are those of another file, in another encoding.</summary>
    public static TheoryData<string, string> Twins =>
        [.. TestData.DicomFiles.Where(IsSupported).Join(Rows(), file => file.Name, row => row[0], (_, row) => row)
            .Where(row => row[12].Length > 0 && row[13].StartsWith("identical", StringComparison.Ordinal) && File.Exists(TestData.Path("dicom/" + row[12])))
            .Select(row => new TheoryDataRow<string, string>(row[0], row[12]))];

    [Theory]
    [MemberData(nameof(Twins))]
    public void The_same_pixels_in_another_encoding_are_the_same(string name, string reference)
    {
        StoredFile file = StoredFile.Open(TestData.Path("dicom/" + name));
        StoredFile other = StoredFile.Open(TestData.Path("dicom/" + reference));

        Assert.Equal(other.Pixels.Pixels.NumberOfFrames, file.Pixels.Pixels.NumberOfFrames);
        for (int frame = 1; frame <= file.Pixels.Pixels.NumberOfFrames; frame++)
        {
            Assert.Equal(Digest(other, frame), Digest(file, frame));
        }
    }

    [Fact]
    public async Task Frames_are_the_ones_that_pydicom_decodes()
    {
        TestFile[] files = [.. TestData.DicomFiles.Where(file => IsSupported(file) && file.IsReadByPydicom)];
        ToolResult answer = await ExternalTool.RunAsync("/usr/bin/python3", ["-W", "ignore", "-c", PydicomDigests, .. files.Select(file => file.FullPath)], TestContext.Current.CancellationToken);
        Assert.Equal(0, answer.ExitCode);
        using JsonDocument digests = JsonDocument.Parse(answer.Output);

        int compared = 0;
        List<string> different = [];
        foreach (TestFile file in files)
        {
            JsonElement expected = digests.RootElement.GetProperty(file.FullPath);
            if (expected.ValueKind != JsonValueKind.Array || s_unswapped.Contains(file.Name))
            {
                continue;
            }

            StoredFile stored = StoredFile.Open(file.FullPath);
            if (stored.Pixels.Pixels.PhotometricInterpretation == "YBR_FULL_422")
            {
                continue; // pydicom repeats the shared samples; they are compared with their reference above.
            }

            for (int frame = 1; frame <= stored.Pixels.Pixels.NumberOfFrames; frame++)
            {
                if (Digest(stored, frame) != expected[frame - 1].GetString())
                {
                    different.Add(string.Create(CultureInfo.InvariantCulture, $"{file.Name} frame {frame}"));
                }
            }

            compared++;
        }

        Assert.Empty(different);
        Assert.True(compared > 80, $"Only {compared} files were compared.");
    }

    [Fact]
    public void A_frame_in_a_syntax_that_cannot_be_decoded_says_so()
    {
        PixelDescription pixels = new() { Rows = 2, Columns = 2, BitsAllocated = 8, BitsStored = 8, HighBit = 7 };

        Assert.Equal(DicomErrorKind.UnknownTransferSyntax, FrameDecoder.Decode(pixels, TransferSyntax.Find(DicomUids.JPEGBaseline8Bit)!, Vr.OB, 1, new byte[100]).Error!.Kind);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(70)]
    public void A_truncated_RLE_frame_is_an_error(int length)
    {
        byte[] stored = new byte[72];
        stored[0] = 1;
        stored[4] = 64;
        stored.AsSpan(64).Fill(0x02); // Three bytes as they are, twice: 02 02 02 02, 02 02 02 02.
        PixelDescription pixels = new() { Rows = 2, Columns = 3, BitsAllocated = 8, BitsStored = 8, HighBit = 7 };

        Assert.True(FrameDecoder.Decode(pixels, TransferSyntax.Find(DicomUids.RLELossless)!, Vr.OB, 1, stored).Ok);
        Assert.False(FrameDecoder.Decode(pixels, TransferSyntax.Find(DicomUids.RLELossless)!, Vr.OB, 1, stored.AsSpan(0, length)).Ok);
    }

    [Fact]
    public void A_few_bytes_of_RLE_do_not_take_the_memory_of_a_large_frame()
    {
        byte[] stored = new byte[72];
        stored[0] = 1;
        stored[4] = 64;
        PixelDescription pixels = new() { Rows = 30000, Columns = 30000, BitsAllocated = 8, BitsStored = 8, HighBit = 7 };
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.False(FrameDecoder.Decode(pixels, TransferSyntax.Find(DicomUids.RLELossless)!, Vr.OB, 1, stored).Ok);

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void Random_bytes_are_an_error_or_a_frame()
    {
        PixelDescription pixels = new() { Rows = 8, Columns = 8, BitsAllocated = 16, BitsStored = 12, HighBit = 11, SamplesPerPixel = 1 };
        Random random = new(20261124);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] stored = new byte[random.Next(0, 300)];
            random.NextBytes(stored);
            if (stored.Length > 12 && round % 2 == 0)
            {
                stored.AsSpan(0, 12).Clear();
                stored[0] = 2;
                stored[4] = 64;
                stored[8] = (byte)random.Next(60, 255);
            }

            foreach (DicomUid syntax in (DicomUid[])[DicomUids.RLELossless, DicomUids.DeflatedImageFrameCompression])
            {
                ParseResult<NativeFrame> frame = FrameDecoder.Decode(pixels, TransferSyntax.Find(syntax)!, Vr.OB, 1, stored);
                Assert.True(frame.Ok ? frame.Value.Bytes.Length == 128 : frame.Error.Message.Length > 0);
                if (frame.Ok)
                {
                    frame.Value.Dispose();
                }
            }
        }
    }

    // 8-bit samples in words, big-endian: PS3.5 has them swapped, numpy leaves them (the manifest's note).
    private static readonly string[] s_unswapped = ["pydicom-data/OBXXXX1A_expb.dcm", "pydicom/test_files/SC_rgb_small_odd_big_endian.dcm"];

    internal static bool IsSupported(TestFile file) =>
        file.IsReadByPydicom && DicomUid.TryParse(file.TransferSyntax, out DicomUid uid) && TransferSyntax.Find(uid) is { } syntax && FrameDecoder.IsSupported(syntax)
        && Rows().Single(row => row[0] == file.Name) is var fields && fields[7].Length > 0 && !fields[14].Contains("shorter", StringComparison.Ordinal);

    private static List<string[]> Rows() => s_rows;

    private static readonly List<string[]> s_rows = [.. File.ReadLines(TestData.Path("dicom/MANIFEST.tsv")).Skip(1).Select(line => line.Split('\t'))];

    private static string Digest(StoredFile file, int frame)
    {
        ParseResult<NativeFrame> decoded = file.Decode(frame);
        Assert.True(decoded.Ok, decoded.Error?.ToString());
        using NativeFrame native = decoded.Value;
        PixelDescription pixels = native.Pixels;
        byte[] bytes = native.Bytes.ToArray();
        if (pixels.BitsAllocated == 1)
        {
            float[] bits = new float[pixels.PixelsPerFrame];
            Assert.Null(native.ReadGrayscale(bits));
            bytes = [.. bits.Select(bit => (byte)bit)];
        }
        else if (pixels is { SamplesPerPixel: 3, PlanarConfiguration: 1 })
        {
            int size = pixels.BitsAllocated / 8;
            byte[] byPixel = new byte[bytes.Length];
            for (int i = 0; i < pixels.PixelsPerFrame * 3; i++)
            {
                bytes.AsSpan((((i % 3) * pixels.PixelsPerFrame) + (i / 3)) * size, size).CopyTo(byPixel.AsSpan(i * size));
            }

            bytes = byPixel;
        }

        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }
}
