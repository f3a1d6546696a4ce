using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

public sealed class PrivateDictionaryTests
{
    private const string Creator = "SIEMENS MR HEADER";

    private static readonly TransferSyntax s_implicit = TransferSyntax.ImplicitVrLittleEndian;

    // Of SIEMENS MR HEADER (0019,xx0C) is B_value, IS; (0019,xx0E) DiffusionGradientDirection, FD, VM 3.
    private static readonly DicomTag s_bValue = new(0x0019, 0x120C);
    private static readonly DicomTag s_direction = new(0x0019, 0x120E);

    private static readonly DicomDataSet s_image = new DicomDataSet()
        .SetString(new DicomTag(0x0019, 0x0012), Vr.LO, Creator)
        .SetString(s_bValue, Vr.IS, "1000")
        .SetBytes(s_direction, Vr.FD, Doubles(0.5, -0.25, 1));

    [Fact]
    public void An_element_is_known_by_its_creator_and_its_number_in_whatever_block()
    {
        DictionaryEntry entry = PrivateDictionary.Find(Creator, s_direction)!;
        Assert.Equal((Vr.FD, "3", "DiffusionGradientDirection"), (entry.Vr, entry.Vm, entry.Name));
        Assert.Equal(entry.Name, PrivateDictionary.Find(Creator, new DicomTag(0x0019, 0xFF0E))!.Name);
    }

    [Theory]
    [InlineData("SIEMENS MR HEADER", 0x00210010u)] // another group
    [InlineData("siemens mr header", 0x0019100Eu)]
    [InlineData("nobody", 0x0019100Eu)]
    [InlineData("", 0x0019100Eu)]
    [InlineData("SIEMENS MR HEADER", 0x0019000Eu)] // in no block
    [InlineData("SIEMENS MR HEADER", 0x0018100Eu)] // not private
    public void What_is_not_of_the_creator_is_not_known(string creator, uint tag) =>
        Assert.Null(PrivateDictionary.Find(creator, DicomTag.FromValue(tag)));

    [Fact]
    public void In_implicit_VR_the_creator_tells_the_VR()
    {
        DicomDataSet read = Read(s_image);
        Assert.Equal((Vr.IS, Vr.FD), (read.Find(s_bValue)!.Vr, read.Find(s_direction)!.Vr));
        Assert.Equal([0.5, -0.25, 1], read.GetDoubles(s_direction));
    }

    [Fact]
    public void A_creator_tells_nothing_of_the_elements_of_another_block()
    {
        DicomDataSet read = Read(new DicomDataSet()
            .SetString(new DicomTag(0x0019, 0x0011), Vr.LO, Creator)
            .SetString(new DicomTag(0x0019, 0x0012), Vr.LO, "SOMEBODY ELSE")
            .SetString(s_bValue, Vr.IS, "1000"));
        Assert.Equal(Vr.UN, read.Find(s_bValue)!.Vr);
    }

    [Fact]
    public void A_creator_counts_in_its_own_item_only()
    {
        DicomDataSet with = new DicomDataSet().SetString(new DicomTag(0x0019, 0x0012), Vr.LO, Creator).SetString(s_bValue, Vr.IS, "1");
        DicomDataSet without = new DicomDataSet().SetString(s_bValue, Vr.IS, "1");
        DicomDataSet read = Read(new DicomDataSet().SetSequence(DicomTags.ReferencedImageSequence, with, without).SetString(s_bValue, Vr.IS, "1"));

        Assert.Equal(Vr.IS, read.GetItems(DicomTags.ReferencedImageSequence)[0].Find(s_bValue)!.Vr);
        Assert.Equal(Vr.UN, read.GetItems(DicomTags.ReferencedImageSequence)[1].Find(s_bValue)!.Vr);
        Assert.Equal(Vr.UN, read.Find(s_bValue)!.Vr);
    }

    [Fact]
    public void An_item_between_a_creator_and_its_elements_does_not_matter()
    {
        DicomDataSet read = Read(new DicomDataSet()
            .SetString(new DicomTag(0x2001, 0x0010), Vr.LO, "Philips Imaging DD 001")
            .SetSequence(new DicomTag(0x2001, 0x105F), new DicomDataSet().SetString(new DicomTag(0x2001, 0x0010), Vr.LO, "SOMEBODY ELSE"))
            .SetInt(new DicomTag(0x2001, 0x1060), Vr.SL, 7));
        Assert.Equal(Vr.SL, read.Find(new DicomTag(0x2001, 0x1060))!.Vr);
    }

    /// <summary>dcmtk and older devices write sequences with a length, which cannot be told from other bytes without the table.</summary>
    [Fact]
    public void A_sequence_of_defined_length_is_one_where_the_creator_says_so()
    {
        string creator = "01201000 16000000" + Convert.ToHexString("Philips Imaging DD 001"u8);
        string sequence = "01205F10 12000000 FEFF00E0 0A000000 08006000 02000000 4D52";
        DicomDataSet read = DicomDataSet.Parse(Convert.FromHexString((creator + sequence).Replace(" ", "", StringComparison.Ordinal)), s_implicit).Value;
        Assert.Equal("MR", Assert.Single(read.Find(new DicomTag(0x2001, 0x105F))!.Items!).GetString(DicomTags.Modality));
    }

    [Fact]
    public void Bytes_that_are_no_items_are_no_sequence_whatever_the_creator_says()
    {
        DicomDataSet read = Read(new DicomDataSet()
            .SetString(new DicomTag(0x2001, 0x0010), Vr.LO, "Philips Imaging DD 001")
            .SetBytes(new DicomTag(0x2001, 0x105F), Vr.UN, new byte[12]));
        Assert.Equal((Vr.UN, 12), (read.Find(new DicomTag(0x2001, 0x105F))!.Vr, read.GetBytes(new DicomTag(0x2001, 0x105F)).Length));
    }

    [Fact]
    public void Numbers_of_a_length_that_they_cannot_have_stay_bytes() =>
        Assert.Equal(Vr.UN, Read(new DicomDataSet().SetString(new DicomTag(0x0019, 0x0012), Vr.LO, Creator).SetBytes(s_direction, Vr.UN, new byte[6])).Find(s_direction)!.Vr);

    [Fact]
    public void A_VR_that_stands_in_the_file_is_kept() => Assert.Equal(
        Vr.DS,
        DicomDataSet.Parse(DicomDataSetWriter.ToBytes(new DicomDataSet().SetString(new DicomTag(0x0019, 0x0012), Vr.LO, Creator).SetString(s_bValue, Vr.DS, "1.5"), TransferSyntax.ExplicitVrLittleEndian), TransferSyntax.ExplicitVrLittleEndian)
            .Value.Find(s_bValue)!.Vr);

    [Fact]
    public void What_came_as_UN_is_decoded_as_the_creator_says()
    {
        DicomDataSet unknown = new DicomDataSet()
            .SetString(new DicomTag(0x0019, 0x0012), Vr.LO, Creator)
            .SetBytes(s_bValue, Vr.UN, "1000"u8.ToArray())
            .SetBytes(s_direction, Vr.UN, Doubles(0.5, -0.25, 1));
        Assert.Equal(1000, unknown.GetInt32(s_bValue));
        Assert.Equal([0.5, -0.25, 1], unknown.GetDoubles(s_direction));
    }

    /// <summary>Philips has written (2005,140F) with the length of another element: the bytes that its own length covers are no whole item.</summary>
    [Fact]
    public void A_private_sequence_that_its_length_cuts_off_is_bytes_and_what_follows_is_read()
    {
        DicomDataSet read = Read(new DicomDataSet()
            .SetString(new DicomTag(0x2001, 0x0010), Vr.LO, "Philips Imaging DD 001")
            .SetBytes(new DicomTag(0x2001, 0x105F), Vr.UN, Convert.FromHexString("FEFF00E0FFFFFFFF08006000020000004D52"))
            .SetInt(new DicomTag(0x2001, 0x1060), Vr.SL, 7));
        Assert.Equal((Vr.UN, 18), (read.Find(new DicomTag(0x2001, 0x105F))!.Vr, read.GetBytes(new DicomTag(0x2001, 0x105F)).Length));
        Assert.Equal(7, read.GetInt32(new DicomTag(0x2001, 0x1060)));
    }

    [Fact]
    public void Private_sequences_of_defined_length_within_each_other_are_bounded_as_others_are()
    {
        byte[] creator = [0x01, 0x20, 0x10, 0, 0x16, 0, 0, 0, .. "Philips Imaging DD 001"u8];
        byte[] inner = creator;
        for (int i = 0; i < 100; i++)
        {
            inner = [.. creator, 0x01, 0x20, 0x5F, 0x10, .. BitConverter.GetBytes(inner.Length + 8), 0xFE, 0xFF, 0, 0xE0, .. BitConverter.GetBytes(inner.Length), .. inner];
        }

        int depth = 0;
        for (DicomDataSet? dataSet = DicomDataSet.Parse(inner, s_implicit).Value; dataSet is not null; dataSet = dataSet.Find(new DicomTag(0x2001, 0x105F))?.Items?[0])
        {
            depth++;
        }

        Assert.Equal(65, depth);
    }

    [Fact]
    public void The_elements_of_private_sequences_count()
    {
        byte[] items = [.. Enumerable.Repeat<byte[]>([0xFE, 0xFF, 0, 0xE0, 0, 0, 0, 0], 50).SelectMany(item => item)];
        byte[] bytes = [0x01, 0x20, 0x10, 0, 0x16, 0, 0, 0, .. "Philips Imaging DD 001"u8, 0x01, 0x20, 0x5F, 0x10, .. BitConverter.GetBytes(items.Length), .. items];
        Assert.Equal(DicomErrorKind.TooLarge, DicomDataSet.Parse(bytes, s_implicit, new() { MaxElements = 51 }).Error?.Kind);
        Assert.Equal(50, DicomDataSet.Parse(bytes, s_implicit, new() { MaxElements = 52 }).Value.GetItems(new DicomTag(0x2001, 0x105F)).Count);
    }

    [Fact]
    public void Every_line_of_the_table_is_read()
    {
        int known = 0; // Rows of repeating groups, and of groups that are not private, are left out.
        foreach (string[] cell in File.ReadLines(Path.Combine(TestData.Root, "tools", "DictionaryGenerator", "standard", "private-dictionary.tsv")).Skip(1).Select(line => line.Split('\t')))
        {
            if (cell[1][4..6] == "xx" && cell[1][6] != 'x' && DicomTag.TryParse(cell[1].Replace("xx", "20", StringComparison.Ordinal), out DicomTag tag) && tag.IsPrivate)
            {
                DictionaryEntry entry = PrivateDictionary.Find(cell[0].Trim(), tag)!;
                Assert.Equal((cell[2].Replace("_", " or ", StringComparison.Ordinal), cell[3]), (entry.Vrs, entry.Vm));
                known++;
            }
        }

        Assert.Equal(8837, known);
        Assert.Equal(Vr.SL, PrivateDictionary.Find("CANON_MEC_MR3^10", new DicomTag(0x0019, 0x1002))!.Vr); // listed as 00190002
    }

    /// <summary>The data set through implicit VR, whole and byte by byte.</summary>
    private static DicomDataSet Read(DicomDataSet dataSet)
    {
        byte[] bytes = DicomDataSetWriter.ToBytes(dataSet, s_implicit);
        DicomDataSet read = DicomDataSet.Parse(bytes, s_implicit).Value;
        DataSetAssert.Same(read, DataSetPropertyTests.ParseInBlocks(bytes, s_implicit, 1, DicomReadOptions.Default).Value);
        return read;
    }

    private static byte[] Doubles(params double[] values) => [.. values.SelectMany(BitConverter.GetBytes)];
}
