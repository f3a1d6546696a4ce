using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

/// <summary>One data set in the encodings that dcmtk wrote (<c>tests/data/encodings</c>).</summary>
public sealed class ForeignEncodingTests
{
    public static TheoryData<string> Names => ["big-endian", "deflated", "groups-padding", "implicit-defined", "implicit-undefined", "undefined"];

    [Fact]
    public void Values_are_those_of_the_text_that_the_file_was_made_of()
    {
        DicomDataSet dataSet = Read("explicit").DataSet;
        Assert.Equal("Müller^Jörg", dataSet.GetString(DicomTags.PatientName));
        Assert.Equal(-70000, dataSet.GetInt32(DicomTags.ReferencePixelX0));
        Assert.Equal(1000.5, dataSet.GetDouble(DicomTags.DiffusionBValue));
        Assert.Equal(DicomTags.FrameTimeVector, dataSet.GetTag(DicomTags.FrameIncrementPointer, 1));
        Assert.Equal([1.5, -2.5, 3.25], dataSet.GetDoubles(DicomTags.PointCoordinatesData));
        Assert.Equal(4294967295, dataSet.GetInt64(DicomTags.LongPrimitivePointIndexList, 2));
        Assert.Equal([256, -128, 16], dataSet.GetDoubles(DicomTags.RedPaletteColorLookupTableDescriptor));
        Assert.Equal("121311", dataSet.GetItems(DicomTags.ReferencedImageSequence)[0].GetItems(DicomTags.PurposeOfReferenceCodeSequence)[0].GetString(DicomTags.CodeValue));
        Assert.Empty(dataSet.GetItems(DicomTags.ReferencedImageSequence)[1]);
        Assert.Equal(-2.5, dataSet.GetItems(new DicomTag(0x0009, 0x1003))[0].GetDouble(new DicomTag(0x0009, 0x1004), 1));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_data_set_is_the_same_in_every_encoding(string name)
    {
        DicomFile file = Read(name);
        DicomDataSet expected = Read("explicit").DataSet;
        if (!file.TransferSyntax.IsExplicitVr)
        {
            // Implicit VR says nothing of private elements.
            foreach (ushort element in (ushort[])[0x1001, 0x1002, 0x1003])
            {
                DicomTag tag = new(0x0009, element);
                DicomElement found = file.DataSet.Find(tag)!;
                Assert.True(found.Vr == Vr.UN || found.Items is [{ Count: 2 }]);
                expected.Remove(tag);
                file.DataSet.Remove(tag);
            }
        }

        WithoutPadding(file.DataSet);
        DataSetAssert.Same(expected, file.DataSet);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_the_same_when_it_comes_cut_at_any_byte(string name)
    {
        byte[] bytes = TestData.Bytes($"encodings/{name}.dcm");
        DicomFile file = DicomFile.Parse(bytes).Value;
        ReadOnlySpan<byte> body = bytes.AsSpan((int)file.DataSetOffset);
        for (int cut = 0; cut <= body.Length; cut++)
        {
            using DicomStreamParser parser = new(file.TransferSyntax, DicomReadOptions.Default);
            Assert.Null(parser.Append(body[..cut]));
            Assert.Null(parser.Append(body[cut..]));
            DataSetAssert.Same(file.DataSet, parser.Complete().Value);
        }
    }

    [Fact]
    public async Task A_file_read_from_a_stream_is_the_one_read_from_memory()
    {
        foreach (string name in Names.Select(row => row.Data))
        {
            string path = TestData.Path($"encodings/{name}.dcm");
            ParseResult<DicomFile> file = await DicomFile.ReadAsync(path, null, TestContext.Current.CancellationToken);
            DataSetAssert.Same(Read(name).DataSet, file.Value.DataSet);
        }
    }

    [Fact]
    public void What_we_write_in_big_endian_is_what_dcmtk_writes()
    {
        byte[] bytes = TestData.Bytes("encodings/big-endian.dcm");
        DicomFile file = DicomFile.Parse(bytes).Value;
        byte[] pixels = DicomDataSetWriter.ToBytes(file.DataSet, TransferSyntax.ExplicitVrBigEndian)[^24..];
        Assert.Equal(bytes[^24..], pixels);
    }

    private static DicomFile Read(string name) => DicomFile.Parse(TestData.Bytes($"encodings/{name}.dcm")).Value;

    private static void WithoutPadding(DicomDataSet dataSet)
    {
        dataSet.Remove(DicomTags.DataSetTrailingPadding);
        foreach (DicomElement element in dataSet)
        {
            foreach (DicomDataSet item in element.Items ?? [])
            {
                WithoutPadding(item);
            }
        }
    }
}
