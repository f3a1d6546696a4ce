using System.Buffers.Binary;

namespace MedicalAi.Dicom.Tests;

/// <summary>Defined and undefined lengths of sequences and items within each other (PS3.5 section 7.5), and of pixel data in fragments (A.4).</summary>
public sealed class LengthTests
{
    public static TheoryData<string> Syntaxes => ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"];

    [Theory]
    [MemberData(nameof(Syntaxes))]
    public void Every_mixture_of_defined_and_undefined_lengths_gives_the_same_data_set(string uid)
    {
        TransferSyntax syntax = TransferSyntax.Find(new DicomUid(uid))!;
        DicomDataSet expected = new DicomDataSet()
            .SetString(DicomTags.Modality, "CT")
            .SetSequence(
                DicomTags.ReferencedImageSequence,
                new DicomDataSet().SetSequence(DicomTags.PurposeOfReferenceCodeSequence, new DicomDataSet().SetString(DicomTags.CodeValue, "12"), new DicomDataSet()),
                new DicomDataSet())
            .SetInt(DicomTags.Rows, 0x0102);
        for (int mixture = 0; mixture < 16; mixture++)
        {
            byte[] bytes = new Encoder(syntax, mixture).Encode(expected);
            DataSetAssert.Same(expected, DicomDataSet.Parse(bytes, syntax).Value);
            DataSetAssert.Same(expected, DataSetPropertyTests.ParseInBlocks(bytes, syntax, 1, DicomReadOptions.Default).Value);
        }
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2.4.50")]
    [InlineData("1.2.840.10008.1.2.5")]
    [InlineData("1.2.840.10008.1.2.8.1")] // Deflated Image Frame Compression: the frames are deflated, the data set is not
    [InlineData("1.2.840.10008.1.2.1.98")] // Encapsulated Uncompressed
    public void Pixel_data_in_fragments_has_its_offset_tables_in_every_syntax_that_has_fragments(string uid)
    {
        TransferSyntax syntax = TransferSyntax.Find(new DicomUid(uid))!;
        Assert.True(syntax is { IsEncapsulated: true, IsExplicitVr: true, IsDeflated: false, IsBigEndian: false });
        DicomDataSet dataSet = new DicomDataSet()
            .SetBytes(DicomTags.ExtendedOffsetTable, Vr.OV, (byte[])[0, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0])
            .SetBytes(DicomTags.ExtendedOffsetTableLengths, Vr.OV, (byte[])[3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0])
            .SetFragments(DicomTags.PixelData, new DicomFragments(default, [new DicomFragment(new byte[] { 1, 2, 3 }), new DicomFragment(new byte[] { 4, 5 })]));

        byte[] bytes = DicomDataSetWriter.ToBytes(dataSet, syntax);
        DicomDataSet read = DicomDataSet.Parse(bytes, syntax).Value;

        DataSetAssert.Same(dataSet, read);
        DicomFragments fragments = read.Find(DicomTags.PixelData)!.Fragments!;
        Assert.Empty(fragments.ReadOffsets());

        // Offsets count from the first byte after the basic offset table, at the item of a fragment (PS3.3 C.7.6.3.1.8).
        long first = fragments.Items[0].Location.Offset - 8;
        Assert.Equal(
            Enumerable.Range(0, 2).Select(i => (long?)(fragments.Items[i].Location.Offset - 8 - first)),
            Enumerable.Range(0, 2).Select(i => read.GetInt64(DicomTags.ExtendedOffsetTable, i)));
        Assert.Equal((3L, 2L), (read.GetInt64(DicomTags.ExtendedOffsetTableLengths), read.GetInt64(DicomTags.ExtendedOffsetTableLengths, 1)));
    }

    [Theory]
    [InlineData("4F42")]
    [InlineData("4F57")]
    [InlineData("4F44")]
    [InlineData("4F46")]
    [InlineData("4F4C")]
    [InlineData("4F56")]
    [InlineData("554E")]
    public void Fragments_of_every_VR_that_may_have_an_undefined_length_are_read_with_empty_ones_among_them(string vr)
    {
        string tag = vr == "554E" ? "E07F1000" : "E07F0800";
        byte[] bytes = Convert.FromHexString(tag + vr + "0000FFFFFFFF" + "FEFF00E000000000" + "FEFF00E000000000" + "FEFF00E0020000000102" + "FEFFDDE000000000");
        DicomFragments fragments = Assert.Single(DicomDataSet.Parse(bytes, TransferSyntax.ExplicitVrLittleEndian).Value).Fragments!;
        Assert.Equal([0, 2], fragments.Items.Select(fragment => fragment.Value.Length));
    }

    [Fact]
    public void Fragments_within_an_item_are_read()
    {
        DicomDataSet icon = new DicomDataSet().SetFragments(DicomTags.PixelData, new DicomFragments(default, [new DicomFragment(new byte[] { 1, 2 })]));
        DicomDataSet dataSet = new DicomDataSet().SetSequence(DicomTags.IconImageSequence, icon).SetInt(DicomTags.Rows, 2);
        TransferSyntax syntax = TransferSyntax.Find(DicomUids.JPEGBaseline8Bit)!;
        DataSetAssert.Same(dataSet, DicomDataSet.Parse(DicomDataSetWriter.ToBytes(dataSet, syntax), syntax).Value);
    }

    [Theory]
    [MemberData(nameof(Syntaxes))]
    public void Group_lengths_are_read_and_not_believed(string uid)
    {
        TransferSyntax syntax = TransferSyntax.Find(new DicomUid(uid))!;
        DicomDataSet wrong = new DicomDataSet().SetInt(new DicomTag(0x0008, 0), Vr.UL, 4_000_000_000).SetString(DicomTags.Modality, "CT").SetInt(new DicomTag(0x0010, 0), Vr.UL, 0L).SetString(DicomTags.PatientID, "1");
        DicomDataSet read = DicomDataSet.Parse(new Encoder(syntax, 0).Encode(wrong), syntax).Value;
        Assert.Equal((4_000_000_000, 0, "CT", "1"), (read.GetInt64(new DicomTag(0x0008, 0)), read.GetInt64(new DicomTag(0x0010, 0)), read.GetString(DicomTags.Modality), read.GetString(DicomTags.PatientID)));
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1")]
    public void A_file_with_a_preamble_and_no_meta_information_is_recognised(string uid)
    {
        TransferSyntax syntax = TransferSyntax.Find(new DicomUid(uid))!;
        DicomDataSet dataSet = new DicomDataSet().SetString(DicomTags.Modality, "CT").SetString(DicomTags.PatientID, "1");
        DicomFile read = DicomFile.Parse((byte[])[.. new byte[128], .. "DICM"u8, .. DicomDataSetWriter.ToBytes(dataSet, syntax)]).Value;
        Assert.Same(syntax, read.TransferSyntax);
        DataSetAssert.Same(dataSet, read.DataSet);
    }

    /// <summary>Writes with lengths as four bits say: of the outer sequence and its items, and of the inner one and its items.</summary>
    private sealed class Encoder(TransferSyntax syntax, int undefined)
    {
        public byte[] Encode(DicomDataSet dataSet, int depth = 0)
        {
            List<byte> bytes = [];
            foreach (DicomElement element in dataSet)
            {
                if (element.Items is not { } items)
                {
                    byte[] value = [.. element.Value.Span, .. new byte[element.Value.Length & 1]];
                    if (syntax.IsBigEndian)
                    {
                        ByteOrder.Reverse(value, element.Vr.UnitSize());
                    }

                    bytes.AddRange([.. Header(element.Tag, element.Vr, (uint)value.Length), .. value]);
                    continue;
                }

                List<byte> content = [];
                foreach (DicomDataSet item in items)
                {
                    byte[] inner = Encode(item, depth + 1);
                    content.AddRange(IsUndefined((2 * depth) + 1)
                        ? [.. Header(new DicomTag(0xFFFE, 0xE000), Vr.None, uint.MaxValue), .. inner, .. Header(new DicomTag(0xFFFE, 0xE00D), Vr.None, 0)]
                        : [.. Header(new DicomTag(0xFFFE, 0xE000), Vr.None, (uint)inner.Length), .. inner]);
                }

                bytes.AddRange(IsUndefined(2 * depth)
                    ? [.. Header(element.Tag, Vr.SQ, uint.MaxValue), .. content, .. Header(new DicomTag(0xFFFE, 0xE0DD), Vr.None, 0)]
                    : [.. Header(element.Tag, Vr.SQ, (uint)content.Count), .. content]);
            }

            return [.. bytes];
        }

        private bool IsUndefined(int bit) => (undefined >> bit & 1) == 1;

        private byte[] Header(DicomTag tag, Vr vr, uint length)
        {
            byte[] vrBytes = vr == Vr.None || !syntax.IsExplicitVr ? [] : [(byte)((int)vr >> 8), (byte)vr];
            byte[] lengthBytes = vrBytes.Length > 0 && !vr.HasLongLength() ? U16((ushort)length) : [.. new byte[vrBytes.Length], .. U32(length)];
            return [.. U16(tag.Group), .. U16(tag.Element), .. vrBytes, .. lengthBytes];
        }

        private byte[] U16(ushort value) => BitConverter.GetBytes(syntax.IsBigEndian ? BinaryPrimitives.ReverseEndianness(value) : value);

        private byte[] U32(uint value) => BitConverter.GetBytes(syntax.IsBigEndian ? BinaryPrimitives.ReverseEndianness(value) : value);
    }
}
