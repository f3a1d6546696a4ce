using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

public sealed class DicomDataSetWriterTests
{
    [Theory]
    [InlineData(Vr.LO, "4C4F", 0x20)]
    [InlineData(Vr.UI, "5549", 0x00)]
    [InlineData(Vr.DS, "4453", 0x20)]
    public void A_value_of_odd_length_gets_the_padding_of_its_VR(Vr vr, string code, byte padding)
    {
        byte[] written = DicomDataSetWriter.ToBytes(new DicomDataSet().SetString(new DicomTag(0x0009, 0x1001), vr, "1.2"), TransferSyntax.ExplicitVrLittleEndian);
        Assert.Equal($"09000110{code}0400312E32{padding:X2}", Convert.ToHexString(written));
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2.1", "28001000555302000201")]
    [InlineData("1.2.840.10008.1.2.2", "00280010555300020102")]
    [InlineData("1.2.840.10008.1.2", "28001000020000000201")]
    public void Numbers_have_the_byte_order_of_the_transfer_syntax(string uid, string expected)
    {
        byte[] written = DicomDataSetWriter.ToBytes(new DicomDataSet().SetInt(DicomTags.Rows, 0x0102), TransferSyntax.Find(new DicomUid(uid))!);
        Assert.Equal(expected, Convert.ToHexString(written));
    }

    [Fact]
    public void A_value_too_long_for_the_length_of_its_VR_is_written_as_UN_and_read_as_what_it_was()
    {
        string text = string.Join('\\', Enumerable.Repeat("1.25", 20_000));
        DicomDataSet dataSet = new DicomDataSet().SetBytes(DicomTags.PixelSpacing, Vr.DS, System.Text.Encoding.ASCII.GetBytes(text));
        byte[] written = DicomDataSetWriter.ToBytes(dataSet, TransferSyntax.ExplicitVrLittleEndian);

        DicomDataSet read = DicomDataSet.Parse(written, TransferSyntax.ExplicitVrLittleEndian).Value;

        Assert.Equal(Vr.UN, read.Find(DicomTags.PixelSpacing)!.Vr);
        Assert.Equal(20_000, read.GetDoubles(DicomTags.PixelSpacing).Length);
        Assert.Equal(Vr.DS, DicomDataSet.Parse(DicomDataSetWriter.ToBytes(read, TransferSyntax.ImplicitVrLittleEndian), TransferSyntax.ImplicitVrLittleEndian).Value.Find(DicomTags.PixelSpacing)!.Vr);
    }

    [Fact]
    public void Sequences_have_undefined_lengths_and_empty_ones_a_length_of_zero() => Assert.Equal(
        "0800401153510000FFFFFFFF" + "FEFF00E0FFFFFFFF" + "0800501155490400312E3200" + "FEFF0DE000000000" + "FEFF00E000000000" + "FEFFDDE000000000" + "400075025351000000000000",
        Convert.ToHexString(DicomDataSetWriter.ToBytes(
            new DicomDataSet()
                .SetSequence(DicomTags.ReferencedImageSequence, new DicomDataSet().SetUid(DicomTags.ReferencedSOPClassUID, new DicomUid("1.2")), new DicomDataSet())
                .SetSequence(DicomTags.RequestAttributesSequence),
            TransferSyntax.ExplicitVrLittleEndian)));

    [Fact]
    public void Group_lengths_are_left_out() =>
        Assert.Empty(DicomDataSetWriter.ToBytes(new DicomDataSet().SetInt(new DicomTag(0x0008, 0x0000), Vr.UL, 100L), TransferSyntax.ExplicitVrLittleEndian));

    [Fact]
    public void A_value_that_was_left_where_it_is_cannot_be_written()
    {
        DicomDataSet bulk = new DicomDataSet().Set(new DicomElement(DicomTags.PixelData, Vr.OW, new BulkLocation(0, 10)));
        DicomDataSet fragment = new DicomDataSet().SetFragments(DicomTags.PixelData, new DicomFragments(default, [new DicomFragment(new BulkLocation(0, 10), default)]));
        Assert.Throws<NotSupportedException>(() => DicomDataSetWriter.ToBytes(bulk, TransferSyntax.ExplicitVrLittleEndian));
        Assert.Throws<NotSupportedException>(() => DicomDataSetWriter.ToBytes(fragment, TransferSyntax.ExplicitVrLittleEndian));
    }

    /// <summary>Pixel data and long values of every file stay in it while the rest is read and written.</summary>
    [Fact]
    public async Task Values_that_were_left_in_a_file_are_copied_from_there()
    {
        int compared = 0;
        foreach (TestFile file in TestData.DicomFiles)
        {
            byte[] bytes = await File.ReadAllBytesAsync(file.FullPath, TestContext.Current.CancellationToken);
            if (DicomFile.Parse(bytes, new DicomReadOptions { MaxBulkLength = 64 }) is not { Ok: true, Value: var left }
                || left.TransferSyntax.IsDeflated || left.DataSet.GetUid(DicomTags.SOPClassUID) is null || left.DataSet.GetUid(DicomTags.SOPInstanceUID) is null)
            {
                continue;
            }

            using MemoryStream source = new(bytes);
            using MemoryStream written = new();
            await DicomFile.WriteAsync(left.DataSet, left.TransferSyntax, source, left.DataSetOffset, written, TestContext.Current.CancellationToken);
            Assert.Equal(DicomFile.ToBytes(DicomFile.Parse(bytes).Value.DataSet, left.TransferSyntax), written.ToArray());
            compared++;
        }

        Assert.True(compared > 200, $"{compared} files");
    }

    [Fact]
    public async Task Values_that_were_left_in_what_is_shorter_now_end_in_an_error()
    {
        DicomDataSet left = new DicomDataSet().Set(new DicomElement(DicomTags.PixelData, Vr.OW, new BulkLocation(0, 10)));
        await Assert.ThrowsAsync<EndOfStreamException>(() => DicomDataSetWriter.WriteAsync(
            left, TransferSyntax.ExplicitVrLittleEndian, new MemoryStream(new byte[9]), 0, new MemoryStream(), TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<NotSupportedException>(() => DicomDataSetWriter.WriteAsync(
            left, TransferSyntax.DeflatedExplicitVrLittleEndian, new MemoryStream(new byte[10]), 0, new MemoryStream(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void The_same_data_set_gives_the_same_bytes()
    {
        DicomDataSet one = new DicomDataSet().SetString(DicomTags.PatientID, "1").SetString(DicomTags.Modality, "CT");
        DicomDataSet other = new DicomDataSet().SetString(DicomTags.Modality, "CT").SetString(DicomTags.PatientID, "1");
        foreach (TransferSyntax syntax in TransferSyntax.All)
        {
            Assert.Equal(DicomDataSetWriter.ToBytes(one, syntax), DicomDataSetWriter.ToBytes(other, syntax));
        }
    }
}
