using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using MedicalAi.Dicom.Tests.Differential;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

public sealed class DicomXmlReaderTests
{
    private const int MaxLength = 8 * 1024;

    [Fact]
    public void What_was_written_is_read_again()
    {
        DicomDataSet dataSet = new DicomDataSet()
            .SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192")
            .SetString(DicomTags.ImageType, "ORIGINAL", "", "A<B")
            .SetEmpty(DicomTags.AccessionNumber)
            .SetSequence(DicomTags.ReferencedStudySequence, new DicomDataSet(), new DicomDataSet().SetUid(DicomTags.ReferencedSOPInstanceUID, new DicomUid("1.2")))
            .SetString(new DicomTag(0x0009, 0x0011), Vr.LO, "ACME")
            .SetInt(new DicomTag(0x0009, 0x1103), Vr.SL, -7)
            .SetString(DicomTags.PatientName, "Yamada^Tarou^^Dr=山田^太郎=やまだ^たろう", "B")
            .SetString(DicomTags.PatientComments, " a\r\nb\\\t")
            .SetTag(DicomTags.FrameIncrementPointer, DicomTags.FrameTime)
            .SetDouble(DicomTags.DiffusionBValue, double.PositiveInfinity, double.NegativeInfinity, double.NaN, 0.1)
            .SetBytes(DicomTags.PixelData, Vr.OW, new byte[] { 1, 2, 3, 4 });

        ParseResult<DicomDataSet> read = DicomXml.Parse(DicomXml.ToBytes(dataSet));

        Assert.True(read.Ok, read.Error?.ToString());
        Assert.Equal(Json(dataSet), Json(read.Value));
    }

    /// <summary>Not compared: pixel data in fragments, which XML cannot hold.</summary>
    [Fact]
    public void Every_file_of_the_tests_is_the_same_after_a_way_through_XML()
    {
        List<(string, string)> differences = [];
        foreach (TestFile file in TestData.DicomFiles)
        {
            if (DicomFile.Parse(File.ReadAllBytes(file.FullPath)) is { Ok: true } original)
            {
                DicomDataSet dataSet = Copies.For(TransferSyntax.ExplicitVrLittleEndian, original.Value.DataSet);
                ParseResult<DicomDataSet> read = DicomXml.Parse(DicomXml.ToBytes(dataSet));
                differences.AddRange(read.Ok
                    ? FlatDataSet.Differences(FlatDataSet.Of(dataSet), FlatDataSet.Of(read.Value)).Select(line => (file.Name, line))
                    : [(file.Name, read.Error.ToString())]);
            }
        }

        Expectation.AssertAll([], differences);
    }

    /// <summary>
    /// dcm2xml writes words in big endian, against the standard, so that it is said when its documents are read. Not compared: carriage returns, which dcmtk
    /// writes in a way that XML takes away, and whether bytes are OB or OW.
    /// </summary>
    [Fact]
    public async Task What_dcm2xml_writes_is_read_as_the_file_is()
    {
        ConcurrentBag<(string, string)> differences = [];
        int compared = 0;
        await Parallel.ForEachAsync(TestData.DicomFiles.Where(file => file.Length < MaxLength), TestContext.Current.CancellationToken, async (file, cancellationToken) =>
        {
            ToolResult theirs = await ExternalTool.RunAsync("dcm2xml", ["--native-format", "+Eb", "+U8", file.FullPath], cancellationToken);
            if (theirs.ExitCode != 0 || DicomFile.Parse(await File.ReadAllBytesAsync(file.FullPath, cancellationToken)) is not { Ok: true } ours)
            {
                return; // Who reads what is compared with dcm2json.
            }

            Interlocked.Increment(ref compared);
            ParseResult<DicomDataSet> read = DicomXml.Parse(Encoding.UTF8.GetBytes(theirs.Output), hasBigEndianWords: true);
            if (!read.Ok)
            {
                differences.Add((file.Name, read.Error.ToString()));
                return;
            }

            foreach (string line in FlatDataSet.Differences(Same(FlatDataSet.Of(AsDcmtk(ours.Value.DataSet, null))), Same(FlatDataSet.Of(read.Value))))
            {
                differences.Add((file.Name, line));
            }
        });

        Assert.True(compared > 50, $"{compared} files were compared.");
        Expectation.AssertAll(KnownDifferences.Of("dcm2xml read by us"), [.. differences.Order()]);
    }

    [Fact]
    public void Words_of_InlineBinary_are_little_endian_unless_it_is_said_that_they_are_not()
    {
        byte[] document = DicomXml.ToBytes(new DicomDataSet()
            .SetBytes(DicomTags.RedPaletteColorLookupTableData, Vr.OW, new byte[] { 1, 2, 3, 4 })
            .SetBytes(DicomTags.FloatPixelData, Vr.OF, new byte[] { 1, 2, 3, 4 })
            .SetBytes(DicomTags.PixelData, Vr.OB, new byte[] { 1, 2, 3, 4 }));

        Assert.Contains("<InlineBinary>AQIDBA==</InlineBinary>", Encoding.UTF8.GetString(document), StringComparison.Ordinal);
        DicomDataSet read = DicomXml.Parse(document, hasBigEndianWords: true).Value;
        Assert.Equal([2, 1, 4, 3], read.GetBytes(DicomTags.RedPaletteColorLookupTableData).ToArray());
        Assert.Equal([4, 3, 2, 1], read.GetBytes(DicomTags.FloatPixelData).ToArray());
        Assert.Equal([1, 2, 3, 4], read.GetBytes(DicomTags.PixelData).ToArray());
    }

    [Fact]
    public void A_document_is_written_to_a_stream_in_blocks_and_read_from_one_that_cannot_seek()
    {
        byte[] pixels = new byte[50 * 1024 * 1024];
        CountingStream output = new();
        long before = GC.GetAllocatedBytesForCurrentThread();
        DicomXml.Write(new DicomDataSet().SetBytes(DicomTags.PixelData, Vr.OW, pixels), output);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 512 * 1024);
        Assert.InRange(output.Count, pixels.Length * 4L / 3, (pixels.Length * 4L / 3) + 1000);
        Assert.InRange(output.LargestWrite, 1, 256 * 1024);

        using System.IO.Compression.DeflateStream input = new(new MemoryStream(Deflated(DicomXml.ToBytes(new DicomDataSet().SetString(DicomTags.Modality, "CT")))), System.IO.Compression.CompressionMode.Decompress);
        Assert.Equal("CT", DicomXml.Read(input).Value.GetString(DicomTags.Modality));
        using System.IO.Compression.DeflateStream broken = new(new MemoryStream(Deflated("<x/>"u8.ToArray())), System.IO.Compression.CompressionMode.Decompress);
        Assert.Equal(DicomErrorKind.InvalidText, DicomXml.Read(broken).Error?.Kind);

        static byte[] Deflated(byte[] bytes)
        {
            using MemoryStream deflated = new();
            using (System.IO.Compression.DeflateStream deflate = new(deflated, System.IO.Compression.CompressionMode.Compress))
            {
                deflate.Write(bytes);
            }

            return deflated.ToArray();
        }
    }

    [Fact]
    public void Values_stand_where_their_numbers_say() => Assert.Equal(
        """{"00080008":{"vr":"CS","Value":[null,"A",null,null,"B","C"]}}""",
        Json(Read("""<DicomAttribute tag="00080008" vr="CS"><Value number="2">A</Value><Value number="5">B</Value><Value>C</Value></DicomAttribute>""")));

    [Fact]
    public void A_keyword_does_for_the_tag_and_the_dictionary_for_the_VR() => Assert.Equal(
        """{"00280010":{"vr":"US","Value":[512]}}""",
        Json(Read("""<DicomAttribute keyword="Rows"><Value number="1"> 512 </Value></DicomAttribute>""")));

    [Fact]
    public void Private_elements_come_into_the_block_of_their_creator_wherever_it_stands() => Assert.Equal(
        """{"00090011":{"vr":"LO","Value":["ACME"]},"00091103":{"vr":"SL","Value":[-7]},"00091104":{"vr":"SL","Value":[8]}}""",
        Json(Read(
            """
            <DicomAttribute tag="00090003" vr="SL" privateCreator="ACME"><Value number="1">-7</Value></DicomAttribute>
            <DicomAttribute tag="00090011" vr="LO"><Value number="1">ACME</Value></DicomAttribute>
            <DicomAttribute tag="00090004" vr="SL" privateCreator="ACME"><Value number="1">8</Value></DicomAttribute>
            """)));

    [Fact]
    public void A_private_creator_that_is_only_named_gets_a_block_of_its_own() => Assert.Equal(
        """{"00090010":{"vr":"LO","Value":["OTHER"]},"00090011":{"vr":"LO","Value":["ACME"]},"00090042":{"vr":"LO","Value":["WHOLE"]},"00091103":{"vr":"SL","Value":[-7]},"00094201":{"vr":"SL","Value":[5]}}""",
        Json(Read(
            """
            <DicomAttribute tag="00090010" vr="LO"><Value number="1">OTHER</Value></DicomAttribute>
            <DicomAttribute tag="00090003" vr="SL" privateCreator="ACME"><Value number="1">-7</Value></DicomAttribute>
            <DicomAttribute tag="00094201" vr="SL" privateCreator="WHOLE"><Value number="1">5</Value></DicomAttribute>
            """)));

    [Fact]
    public void Bytes_that_are_elsewhere_keep_their_URI_and_what_is_not_of_the_model_is_left_out() => Assert.Equal(
        """{"00080050":{"vr":"SH","Value":["1"]},"00282000":{"vr":"OB","BulkDataURI":"urn:uuid:b0f2a7a5-0c4e-4b4b-8d0c-2f3f6c6e8a11"},"7FE00010":{"vr":"OW","BulkDataURI":"file:///etc/passwd"}}""",
        Json(Read(
            """
            <DicomAttribute tag="00020010" vr="UI"><Value number="1">1.2</Value></DicomAttribute>
            <DicomAttribute tag="00080000" vr="UL"><Value number="1">4</Value></DicomAttribute>
            <DicomAttribute tag="00080050" vr="SH"><other xmlns="urn:x"><a>b</a></other><Value number="1"><!-- one -->1</Value></DicomAttribute>
            <DicomAttribute tag="00282000" vr="OB"><BulkData uuid="b0f2a7a5-0c4e-4b4b-8d0c-2f3f6c6e8a11"/></DicomAttribute>
            <DicomAttribute tag="7FE00010" vr="OW"><BulkData uri="file:///etc/passwd"></BulkData></DicomAttribute>
            """)));

    [Fact]
    public void Text_beyond_ASCII_is_held_as_UTF_8_and_says_so()
    {
        DicomDataSet read = Read("""<DicomAttribute tag="00081110" vr="SQ"><Item number="1"><DicomAttribute tag="00081030" vr="LO"><Value number="1">Schädel</Value></DicomAttribute></Item></DicomAttribute>""");

        Assert.Equal("ISO_IR 192", read.GetString(DicomTags.SpecificCharacterSet));
        Assert.Equal("Schädel", read.Find(DicomTags.ReferencedStudySequence)!.Items![0].GetString(DicomTags.StudyDescription));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no XML")]
    [InlineData("<NativeDicomModel>")]
    [InlineData("<NativeDicomModel/><NativeDicomModel/>")]
    [InlineData("<Other/>")]
    [InlineData("<NativeDicomModel xmlns=\"urn:other\"/>")]
    [InlineData("<NativeDicomModel>text</NativeDicomModel>")]
    [InlineData("<NativeDicomModel><Item number=\"1\"/></NativeDicomModel>")]
    [InlineData("<?xml version=\"1.0\" encoding=\"utf-7\"?><NativeDicomModel/>")]
    [InlineData("<?xml version=\"1.0\" encoding=\"none\"?><NativeDicomModel/>")]
    [InlineData("<!DOCTYPE NativeDicomModel><NativeDicomModel/>")]
    [InlineData("<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><NativeDicomModel>&e;</NativeDicomModel>")]
    [InlineData("<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;\">]><NativeDicomModel>&b;</NativeDicomModel>")]
    [InlineData("<NativeDicomModel>&undefined;</NativeDicomModel>")]
    public void A_document_that_is_none_of_the_model_is_an_error(string document) =>
        Assert.Equal(DicomErrorKind.InvalidText, DicomXml.Parse(Encoding.UTF8.GetBytes(document)).Error?.Kind);

    [Theory]
    [InlineData("<DicomAttribute vr=\"US\"/>")]
    [InlineData("<DicomAttribute tag=\"NoKeyword\" vr=\"US\"/>")]
    [InlineData("<DicomAttribute tag=\"FFFEE000\" vr=\"US\"/>")]
    [InlineData("<DicomAttribute tag=\"00280010\" vr=\"ZZ\"/>")]
    [InlineData("<DicomAttribute tag=\"00280010\" vr=\"US\"><Value number=\"1\">70000</Value></DicomAttribute>")]
    [InlineData("<DicomAttribute tag=\"00280010\" vr=\"US\"><Value number=\"1\"/></DicomAttribute>")]
    [InlineData("<DicomAttribute tag=\"00280010\" vr=\"US\"><Value number=\"2\">1</Value></DicomAttribute>")]
    [InlineData("<DicomAttribute tag=\"00280010\" vr=\"US\">512</DicomAttribute>")]
    [InlineData("<DicomAttribute tag=\"00080050\" vr=\"SH\"><Value number=\"0\">1</Value></DicomAttribute>")]
    [InlineData("<DicomAttribute tag=\"00080050\" vr=\"SH\"><Value number=\"99999999999\">1</Value></DicomAttribute>")]
    [InlineData("<DicomAttribute tag=\"00080050\" vr=\"SH\"><Value number=\"2\">1</Value><Value number=\"2\">1</Value></DicomAttribute>")]
    [InlineData("<DicomAttribute tag=\"00080050\" vr=\"SH\"><Value number=\"1\"><b>1</b></Value></DicomAttribute>")]
    [InlineData("<DicomAttribute tag=\"00080050\" vr=\"SH\"><PersonName number=\"1\"/></DicomAttribute>")]
    [InlineData("<DicomAttribute tag=\"00100010\" vr=\"PN\"><PersonName number=\"1\"><Other/></PersonName></DicomAttribute>")]
    [InlineData("<DicomAttribute tag=\"00100010\" vr=\"PN\"><PersonName number=\"1\"><Alphabetic><Nickname>A</Nickname></Alphabetic></PersonName></DicomAttribute>")]
    [InlineData("<DicomAttribute tag=\"00081110\" vr=\"SQ\"><Item number=\"2\"/></DicomAttribute>")]
    [InlineData("<DicomAttribute tag=\"00081110\" vr=\"SQ\"><Value number=\"1\">A</Value></DicomAttribute>")]
    [InlineData("<DicomAttribute tag=\"7FE00010\" vr=\"OB\"><InlineBinary>A</InlineBinary></DicomAttribute>")]
    public void An_attribute_that_cannot_be_is_an_error_that_tells_the_place(string attribute)
    {
        ParseResult<DicomDataSet> read = DicomXml.Parse(Encoding.UTF8.GetBytes($"<NativeDicomModel>\n{attribute}</NativeDicomModel>"));

        Assert.Equal(DicomErrorKind.InvalidText, read.Error?.Kind);
        Assert.Contains("line 2", read.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_is_told_without_what_the_text_says() => Assert.DoesNotContain(
        "Secret",
        DicomXml.Parse("<NativeDicomModel><Secret></Mismatch></NativeDicomModel>"u8.ToArray()).Error!.ToString(),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("<DicomAttribute tag=\"00081110\" vr=\"SQ\"><Item number=\"1\">", 100_000)]
    [InlineData("<a xmlns=\"urn:x\">", 100_000)]
    public void Nesting_without_end_is_too_deep(string piece, int count) => Assert.Equal(
        DicomErrorKind.TooDeep,
        DicomXml.Parse(Encoding.UTF8.GetBytes("<NativeDicomModel>" + string.Concat(Enumerable.Repeat(piece, count)))).Error?.Kind);

    [Theory]
    [InlineData("70000")]
    [InlineData("2147483647")]
    public void A_number_that_leaves_out_too_many_values_is_too_large(string number) => Assert.Equal(
        DicomErrorKind.TooLarge,
        DicomXml.Parse(Encoding.UTF8.GetBytes($"<NativeDicomModel><DicomAttribute tag=\"00080008\" vr=\"CS\"><Value number=\"{number}\">A</Value></DicomAttribute></NativeDicomModel>")).Error?.Kind);

    [Fact]
    public void More_items_than_the_limit_are_too_large()
    {
        StringBuilder document = new("<NativeDicomModel><DicomAttribute tag=\"00081110\" vr=\"SQ\">");
        document.Insert(document.Length, "<Item/>", DicomReadOptions.Default.MaxElements);

        Assert.Equal(DicomErrorKind.TooLarge, DicomXml.Parse(Encoding.UTF8.GetBytes(document.ToString())).Error?.Kind);
    }

    [Fact]
    public void More_private_creators_than_a_group_has_blocks_are_too_large() => Assert.Equal(
        DicomErrorKind.TooLarge,
        DicomXml.Parse(Encoding.UTF8.GetBytes("<NativeDicomModel>" + string.Concat(Enumerable.Range(0, 241).Select(i =>
            string.Create(CultureInfo.InvariantCulture, $"<DicomAttribute tag=\"00090001\" vr=\"UN\" privateCreator=\"C{i}\"/>"))) + "</NativeDicomModel>")).Error?.Kind);

    [Fact]
    public void A_document_cut_anywhere_is_an_error()
    {
        byte[] document = DicomXml.ToBytes(new DicomDataSet()
            .SetString(DicomTags.PatientName, "A^B")
            .SetSequence(DicomTags.ReferencedStudySequence, new DicomDataSet().SetBytes(DicomTags.PixelData, Vr.OW, new byte[] { 1, 2 })));

        Assert.All(Enumerable.Range(0, document.Length), length => Assert.False(DicomXml.Parse(document.AsMemory(0, length)).Ok));
    }

    private static DicomDataSet Read(string attributes)
    {
        ParseResult<DicomDataSet> read = DicomXml.Parse(Encoding.UTF8.GetBytes($"<NativeDicomModel xmlns=\"{DicomXml.Namespace}\">\n{attributes}\n</NativeDicomModel>"));
        Assert.True(read.Ok, read.Error?.ToString());
        return read.Value;
    }

    private static string Json(DicomDataSet dataSet) => Encoding.UTF8.GetString(DicomJson.ToBytes(dataSet));

    /// <summary>What dcmtk writes in another way: pixel data in fragments without a value, as we have it.</summary>
    private static DicomDataSet AsDcmtk(DicomDataSet dataSet, DicomDataSet? parent)
    {
        DicomDataSet copy = new(parent);
        foreach (DicomElement element in dataSet)
        {
            copy.Set(element.Items is { } items ? new DicomElement(element.Tag, [.. items.Select(item => AsDcmtk(item, copy))])
                : element.Fragments is not null ? new DicomElement(element.Tag, element.Vr, ReadOnlyMemory<byte>.Empty)
                : element);
        }

        return copy;
    }

    private static SortedDictionary<string, string> Same(SortedDictionary<string, string> flat)
    {
        SortedDictionary<string, string> same = new(StringComparer.Ordinal);
        foreach ((string path, string value) in flat)
        {
            same[path] = (value.StartsWith("OW ", StringComparison.Ordinal) ? "OB" + value[2..] : value).Replace("\r", "", StringComparison.Ordinal);
        }

        return same;
    }
}
