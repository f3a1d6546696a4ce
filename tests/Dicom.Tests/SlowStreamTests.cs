using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

/// <summary>Files from streams that give what they like, and how much of them is read.</summary>
public sealed class SlowStreamTests
{
    public static TheoryData<string> Names => ["explicit", "big-endian", "deflated", "groups-padding", "implicit-defined", "implicit-undefined", "undefined"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_file_that_comes_byte_by_byte_is_the_one_that_comes_whole(string name)
    {
        byte[] bytes = TestData.Bytes($"encodings/{name}.dcm");
        ParseResult<DicomFile> read = await DicomFile.ReadAsync(new Trickle(bytes), null, TestContext.Current.CancellationToken);
        DataSetAssert.Same(DicomFile.Parse(bytes).Value.DataSet, read.Value.DataSet);
        Assert.Equal(DicomFile.Parse(bytes).Value.DataSetOffset, read.Value.DataSetOffset);
    }

    [Fact]
    public async Task Fragments_and_long_values_come_byte_by_byte_in_time_that_grows_with_their_length()
    {
        DicomDataSet dataSet = new DicomDataSet()
            .SetUid(DicomTags.SOPClassUID, DicomUids.SecondaryCaptureImageStorage)
            .SetUid(DicomTags.SOPInstanceUID, new DicomUid("1.2.3"))
            .SetBytes(DicomTags.EncapsulatedDocument, Vr.OB, new byte[400_000])
            .SetFragments(DicomTags.PixelData, new DicomFragments(new byte[8], [new DicomFragment(new byte[300_000]), new DicomFragment(new byte[100])]));
        byte[] bytes = DicomFile.ToBytes(dataSet, TransferSyntax.Find(DicomUids.JPEG2000)!);
        DataSetAssert.Same(dataSet, (await DicomFile.ReadAsync(new Trickle(bytes), null, TestContext.Current.CancellationToken)).Value.DataSet);
    }

    [Fact]
    public async Task Long_meta_information_that_comes_byte_by_byte_is_not_read_anew_for_every_byte()
    {
        // Private Information (0002,0102), as long as it may be here.
        byte[] meta = [2, 0, 0x10, 0, (byte)'U', (byte)'I', 20, 0, .. "1.2.840.10008.1.2.1\0"u8, 2, 0, 2, 1, (byte)'O', (byte)'B', 0, 0, .. BitConverter.GetBytes(250_000), .. new byte[250_000]];
        byte[] bytes = [.. new byte[128], .. "DICM"u8, .. meta, .. DicomDataSetWriter.ToBytes(new DicomDataSet().SetString(DicomTags.Modality, "CT"), TransferSyntax.ExplicitVrLittleEndian)];
        long before = GC.GetTotalAllocatedBytes();
        ParseResult<DicomFile> read = await DicomFile.ReadAsync(new Trickle(bytes), DicomReadOptions.Header, TestContext.Current.CancellationToken);
        Assert.Equal("CT", read.Value.DataSet.GetString(DicomTags.Modality));
        Assert.True(GC.GetTotalAllocatedBytes() - before < 1_000_000_000);
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2.2")]
    [InlineData("1.2.840.10008.1.2.1.99")]
    public async Task At_the_stop_tag_reading_ends_and_the_rest_of_the_stream_is_not_asked_for(string uid)
    {
        byte[] noise = new byte[2_000_000];
        new Random(1).NextBytes(noise);
        DicomDataSet dataSet = new DicomDataSet()
            .SetUid(DicomTags.SOPClassUID, DicomUids.CTImageStorage)
            .SetUid(DicomTags.SOPInstanceUID, new DicomUid("1.2.3"))
            .SetSequence(DicomTags.ReferencedImageSequence, new DicomDataSet().SetString(DicomTags.PatientID, "in an item, where the stop tag does not count"))
            .SetString(DicomTags.PatientName, "A^B")
            .SetString(DicomTags.PatientID, "1")
            .SetBytes(DicomTags.PixelData, Vr.OW, noise);
        Trickle stream = new(DicomFile.ToBytes(dataSet, TransferSyntax.Find(new DicomUid(uid))!), 1000);

        ParseResult<DicomFile> read = await DicomFile.ReadAsync(stream, new DicomReadOptions { StopTag = DicomTags.PatientID }, TestContext.Current.CancellationToken);

        Assert.Equal([DicomTags.SOPClassUID, DicomTags.SOPInstanceUID, DicomTags.ReferencedImageSequence, DicomTags.PatientName], read.Value.DataSet.Select(element => element.Tag));
        Assert.NotNull(read.Value.DataSet.GetItems(DicomTags.ReferencedImageSequence)[0].GetString(DicomTags.PatientID));
        Assert.InRange(stream.Position, 1, 100_000);
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2.2")]
    public async Task A_value_left_in_the_file_is_found_there(string uid)
    {
        using TempFolder folder = new();
        byte[] value = new byte[100_000];
        new Random(1).NextBytes(value);
        DicomDataSet dataSet = new DicomDataSet()
            .SetUid(DicomTags.SOPClassUID, DicomUids.EncapsulatedPDFStorage)
            .SetUid(DicomTags.SOPInstanceUID, new DicomUid("1.2.3"))
            .SetBytes(DicomTags.EncapsulatedDocument, Vr.OB, value)
            .SetSequence(DicomTags.IconImageSequence, new DicomDataSet().SetBytes(DicomTags.EncapsulatedDocument, Vr.OB, value));
        string path = folder.File("file.dcm");
        await File.WriteAllBytesAsync(path, DicomFile.ToBytes(dataSet, TransferSyntax.Find(new DicomUid(uid))!), TestContext.Current.CancellationToken);

        DicomFile read = (await DicomFile.ReadAsync(path, DicomReadOptions.Header, TestContext.Current.CancellationToken)).Value;

        await using FileStream file = File.OpenRead(path);
        foreach (DicomElement element in (DicomElement[])[read.DataSet.Find(DicomTags.EncapsulatedDocument)!, read.DataSet.GetItems(DicomTags.IconImageSequence)[0].Find(DicomTags.EncapsulatedDocument)!])
        {
            byte[] found = new byte[element.Bulk!.Value.Length];
            file.Position = read.DataSetOffset + element.Bulk.Value.Offset;
            await file.ReadExactlyAsync(found, TestContext.Current.CancellationToken);
            Assert.Equal(value, found);
        }
    }

    /// <summary>A stream that gives no more than so many bytes at a time.</summary>
    private sealed class Trickle(byte[] bytes, int atOnce = 1) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, atOnce)], cancellationToken);
    }
}
