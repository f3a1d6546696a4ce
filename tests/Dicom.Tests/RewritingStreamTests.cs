using CsCheck;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

public sealed class RewritingStreamTests
{
    private static readonly TransferSyntax[] s_native =
    [
        TransferSyntax.ImplicitVrLittleEndian, TransferSyntax.ExplicitVrLittleEndian, TransferSyntax.ExplicitVrBigEndian, TransferSyntax.DeflatedExplicitVrLittleEndian,
    ];

    public static TheoryData<string, string> Pairs => new(s_native.SelectMany(from => s_native.Select(to => (from.Uid.Value, to.Uid.Value))));

    /// <summary>What is read and written whole is what is rewritten, wherever the blocks are cut.</summary>
    [Fact]
    public Task A_data_set_is_written_as_the_writer_writes_it() =>
        Gen.Select(DataSetGen.DataSet, DataSetGen.PlainSyntax, DataSetGen.PlainSyntax, Gen.Int[1, 50]).SampleAsync(async (dataSet, from, to, size) =>
        {
            byte[] written = DicomDataSetWriter.ToBytes(dataSet, from);
            DicomDataSet expected = DicomDataSet.Parse(DicomDataSetWriter.ToBytes(DicomDataSet.Parse(written, from).Value, to), to).Value;

            Assert.Null(DataSetAssert.FindDifference(expected, DicomDataSet.Parse(await RewriteAsync(written, from, to, size), to).Value));
        });

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Each_file_of_the_corpus_that_is_not_compressed_is_the_same_in_another_syntax(string fromUid, string toUid)
    {
        (TransferSyntax from, TransferSyntax to) = (TransferSyntax.Find(new DicomUid(fromUid))!, TransferSyntax.Find(new DicomUid(toUid))!);
        foreach (TestFile test in TestData.DicomFiles.Where(file => file.TransferSyntax == fromUid))
        {
            byte[] bytes = await File.ReadAllBytesAsync(test.FullPath, TestContext.Current.CancellationToken);
            if (DicomFile.Parse(bytes) is not { Ok: true, Value: { } file } || file.TransferSyntax != from)
            {
                continue;
            }

            DicomDataSet expected = DicomDataSet.Parse(DicomDataSetWriter.ToBytes(file.DataSet, to), to).Value;
            DicomDataSet actual = DicomDataSet.Parse(await RewriteAsync(bytes[(int)file.DataSetOffset..], from, to, 4093), to).Value;

            Assert.True(DataSetAssert.FindDifference(expected, actual) is null, $"{test.Name}: {DataSetAssert.FindDifference(expected, actual)}");
        }
    }

    /// <summary>dcmtk's dcmconv turns the bytes of numbers too: what both wrote is read as the same data set.</summary>
    [Theory]
    [InlineData("+ti", "1.2.840.10008.1.2")]
    [InlineData("+te", "1.2.840.10008.1.2.1")]
    [InlineData("+tb", "1.2.840.10008.1.2.2")]
    public async Task A_file_is_written_as_dcmconv_writes_it(string option, string uid)
    {
        TransferSyntax to = TransferSyntax.Find(new DicomUid(uid))!;
        using TempFolder folder = new();
        string[] names = ["pydicom/test_files/CT_small.dcm", "pydicom/test_files/MR_small_bigendian.dcm", "pydicom/test_files/MR_small_implicit.dcm", "pydicom/test_files/rtdose_expb.dcm", "dcm4che/report_dfl"];
        foreach (string name in names)
        {
            string source = TestData.Path("dicom/" + name);
            ToolResult converted = await ExternalTool.RunAsync("dcmconv", [option, source, folder.File("converted")], TestContext.Current.CancellationToken);
            Assert.True(converted.ExitCode == 0, converted.ToString());
            DicomDataSet theirs = DicomFile.Parse(await File.ReadAllBytesAsync(folder.File("converted"), TestContext.Current.CancellationToken)).Value.DataSet;
            byte[] bytes = await File.ReadAllBytesAsync(source, TestContext.Current.CancellationToken);
            DicomFile file = DicomFile.Parse(bytes).Value;

            DicomDataSet ours = DicomDataSet.Parse(await RewriteAsync(bytes[(int)file.DataSetOffset..], file.TransferSyntax, to, 1000), to).Value;

            Assert.True(DataSetAssert.FindDifference(theirs, ours) is null, $"{name}: {DataSetAssert.FindDifference(theirs, ours)}");
        }
    }

    [Fact]
    public async Task Signed_values_that_come_before_Pixel_Representation_get_their_VR()
    {
        DicomDataSet item = new DicomDataSet().SetInt(DicomTags.ZeroVelocityPixelValue, Vr.SS, -3);
        DicomDataSet unsigned = new DicomDataSet().SetInt(DicomTags.ZeroVelocityPixelValue, Vr.US, 3).SetInt(DicomTags.PixelRepresentation, 0L);
        DicomDataSet dataSet = new DicomDataSet()
            .SetSequence(DicomTags.ReferencedStudySequence, item, unsigned)
            .SetInt(DicomTags.ZeroVelocityPixelValue, Vr.SS, -2)
            .SetInt(DicomTags.PixelRepresentation, 1)
            .SetInt(DicomTags.SmallestImagePixelValue, Vr.SS, -5);

        byte[] rewritten = await RewriteAsync(DicomDataSetWriter.ToBytes(dataSet, TransferSyntax.ImplicitVrLittleEndian), TransferSyntax.ImplicitVrLittleEndian, TransferSyntax.ExplicitVrBigEndian, 7);

        DataSetAssert.Same(dataSet, DicomDataSet.Parse(rewritten, TransferSyntax.ExplicitVrBigEndian).Value);
    }

    [Fact]
    public async Task Without_Pixel_Representation_they_are_unsigned()
    {
        DicomDataSet dataSet = new DicomDataSet().SetInt(DicomTags.ZeroVelocityPixelValue, Vr.US, 2).SetBytes(DicomTags.PixelData, Vr.OW, new byte[2_000_000]);

        byte[] rewritten = await RewriteAsync(DicomDataSetWriter.ToBytes(dataSet, TransferSyntax.ImplicitVrLittleEndian), TransferSyntax.ImplicitVrLittleEndian, TransferSyntax.ExplicitVrLittleEndian, 10_000);

        DataSetAssert.Same(dataSet, DicomDataSet.Parse(rewritten, TransferSyntax.ExplicitVrLittleEndian).Value);
    }

    [Fact]
    public async Task Private_elements_get_the_VR_of_their_creators_table()
    {
        DicomDataSet dataSet = new DicomDataSet().SetString(new DicomTag(0x0019, 0x0010), Vr.LO, "GEMS_ACQU_01").SetInt(new DicomTag(0x0019, 0x1002), Vr.SL, 7).SetBytes(new DicomTag(0x0019, 0x10FE), Vr.UN, new byte[] { 1, 2 });

        byte[] rewritten = await RewriteAsync(DicomDataSetWriter.ToBytes(dataSet, TransferSyntax.ImplicitVrLittleEndian), TransferSyntax.ImplicitVrLittleEndian, TransferSyntax.ExplicitVrLittleEndian, 3);

        DataSetAssert.Same(dataSet, DicomDataSet.Parse(rewritten, TransferSyntax.ExplicitVrLittleEndian).Value);
    }

    [Fact]
    public async Task An_odd_value_in_fragments_gets_its_padding_where_the_syntax_stays()
    {
        TransferSyntax syntax = TransferSyntax.Find(new DicomUid("1.2.840.10008.1.2.4.50"))!;
        byte[] odd = [0xE0, 0x7F, 0x10, 0x00, (byte)'O', (byte)'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0, 0xFE, 0xFF, 0x00, 0xE0, 3, 0, 0, 0, 1, 2, 3, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];

        DicomDataSet read = DicomDataSet.Parse(await RewriteAsync(odd, syntax, syntax, 5), syntax).Value;

        Assert.Equal<byte>([1, 2, 3, 0], read.Find(DicomTags.PixelData)!.Fragments!.Items[0].Value.ToArray());
    }

    [Fact]
    public async Task Memory_does_not_grow_with_the_length()
    {
        const long Pixels = 1L << 28;
        byte[] header = DicomDataSetWriter.ToBytes(new DicomDataSet().SetInt(DicomTags.PixelRepresentation, 0L), TransferSyntax.ImplicitVrLittleEndian);
        byte[] pixels = [0xE0, 0x7F, 0x10, 0x00, .. BitConverter.GetBytes((uint)Pixels)];
        await using ZeroFilledStream source = new([.. header, .. pixels], Pixels, []);
        await using RewritingStream rewriting = new(source, TransferSyntax.ImplicitVrLittleEndian, TransferSyntax.ExplicitVrBigEndian);
        byte[] block = new byte[128 * 1024];
        long total = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int count; (count = await rewriting.ReadAsync(block, TestContext.Current.CancellationToken)) > 0;)
        {
            total += count;
        }

        Assert.Equal(header.Length + 12 + Pixels, total);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 * 1024 * 1024);
    }

    [Fact]
    public async Task What_cannot_be_read_is_told_and_not_passed_on_as_if_it_were_whole()
    {
        byte[] written = DicomDataSetWriter.ToBytes(new DicomDataSet().SetBytes(DicomTags.PixelData, Vr.OW, new byte[100_000]), TransferSyntax.ExplicitVrLittleEndian);
        await using RewritingStream rewriting = new(new MemoryStream(written[..^1000]), TransferSyntax.ExplicitVrLittleEndian, TransferSyntax.ImplicitVrLittleEndian);

        await Assert.ThrowsAsync<InvalidDataException>(async () => await rewriting.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public Task A_damaged_data_set_gives_an_error_or_one_that_can_be_read() =>
        Gen.Select(DataSetGen.DataSet, DataSetGen.PlainSyntax, DataSetGen.PlainSyntax, Gen.Select(Gen.Int[0, 10_000], Gen.Byte).Array[1, 4]).SampleAsync(async (dataSet, from, to, changes) =>
        {
            byte[] written = DicomDataSetWriter.ToBytes(dataSet, from);
            foreach ((int place, byte value) in written.Length > 0 ? changes : [])
            {
                written[place % written.Length] = value;
            }

            byte[] rewritten;
            try
            {
                rewritten = await RewriteAsync(written, from, to, 16);
            }
            catch (InvalidDataException)
            {
                return;
            }

            Assert.True(DicomDataSet.Parse(rewritten, to).Ok);
        });

    [Fact]
    public void Compressed_pixel_data_is_not_rewritten_as_native()
    {
        TransferSyntax jpeg = TransferSyntax.Find(new DicomUid("1.2.840.10008.1.2.4.50"))!;
        Assert.Throws<NotSupportedException>(() => new RewritingStream(Stream.Null, jpeg, TransferSyntax.ExplicitVrLittleEndian));
        Assert.Throws<NotSupportedException>(() => new RewritingStream(Stream.Null, TransferSyntax.ExplicitVrLittleEndian, jpeg));
    }

    private static async Task<byte[]> RewriteAsync(byte[] bytes, TransferSyntax from, TransferSyntax to, int size)
    {
        using MemoryStream result = new();
        await using RewritingStream rewriting = new(new SlowStream(bytes, size), from, to);
        await rewriting.CopyToAsync(result, size, TestContext.Current.CancellationToken);

        return result.ToArray();
    }

    /// <summary>Gives so many bytes at a time.</summary>
    private sealed class SlowStream(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, size));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, size)]);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));
    }
}
